/** Why a file was not sent, or not received. `code` is stable; the message says what to do. */
export class FileError extends Error {
  readonly code: FileErrorCode;
  /** What the file is called, where that is known. */
  readonly fileName: string | undefined;

  constructor(code: FileErrorCode, fileName: string | undefined, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'FileError';
    this.code = code;
    this.fileName = fileName;
  }
}

export type FileErrorCode =
  | 'BE_FILE_NAME' // a file cannot be called so at who receives it
  | 'BE_FILE_SOURCE' // what is to be sent is no regular file, is too short, or was changed meanwhile
  | 'BE_FILE_ABORTED' // who sends it gave it up, and says why
  | 'BE_FILE_SENDER_GONE' // who sends it died, or closed its writer
  | 'BE_FILE_DAMAGED' // what came is not what was sent: a piece is missing, or the sum is another
  | 'BE_FILE_MISSED' // it began before this receiver was there
  | 'BE_FILE_REFUSED' // it is larger than this receiver takes, or one of too many at once
  | 'BE_FILE_NOT_WRITTEN'; // the receiver's disk is full, or fails

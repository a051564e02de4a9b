/**
 * Why a log is not opened, read or written any more. `code` is stable; `file` and, where one is to blame, `offset` say where; the message
 * says what can be done.
 */
export class LogError extends Error {
  readonly code: LogErrorCode;
  readonly file: string;
  /** In bytes. */
  readonly offset: number | undefined;
  /** The message without file and offset. */
  readonly reason: string;

  constructor(
    code: LogErrorCode,
    file: string,
    offset: number | undefined,
    message: string,
    options?: ErrorOptions,
  ) {
    super(`${file}${offset === undefined ? '' : ` at ${offset}`}: ${message}`, options);
    this.name = 'LogError';
    this.code = code;
    this.file = file;
    this.offset = offset;
    this.reason = message;
  }
}

export type LogErrorCode =
  | 'BE_LOG_CORRUPT' // what was written, and reached the disk, is not there as it was written
  | 'BE_LOG_TAMPERED' // what is there is whole, and not what was signed
  | 'BE_LOG_KEY' // what a log is to be signed with is no private key of Ed25519
  | 'BE_LOG_MISSING' // a file of the log is gone, or a log that was to be read is not there
  | 'BE_LOG_FOREIGN' // a log of another topic, type, domain or format, or a file of another log
  | 'BE_LOG_LOCKED' // another process has the log open
  | 'BE_LOG_FULL' // the disk, or the user's share of it, is full
  | 'BE_LOG_READ_ONLY' // the log may not be written here
  | 'BE_LOG_IO' // the disk failed
  | 'BE_LOG_CLOSED'; // the log was closed, or failed, before this was done

const full = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);
const readOnly = new Set(['EROFS', 'EACCES', 'EPERM']);

/** What the disk said about `file`, as the error of a log. */
export function diskError(error: Error & { code?: string }, file: string, offset?: number): LogError {
  if (error instanceof LogError) return error;
  const said = error.code ?? error.message;
  const options = { cause: error };
  if (full.has(said))
    return new LogError(
      'BE_LOG_FULL',
      file,
      offset,
      `no room on the disk (${said}): free some, or keep less by DURABILITY_SERVICE; everything acknowledged is safe`,
      options,
    );
  if (readOnly.has(said))
    return new LogError(
      'BE_LOG_READ_ONLY',
      file,
      offset,
      `may not be written (${said}): mount it writable, or give the folder to the user who runs this`,
      options,
    );
  if (said === 'ENOENT')
    return new LogError('BE_LOG_MISSING', file, offset, 'is not there (ENOENT)', options);
  return new LogError(
    'BE_LOG_IO',
    file,
    offset,
    `the disk failed (${said}): nothing is written any more; everything acknowledged is safe. Look at the system's log`,
    options,
  );
}

export function corrupt(file: string, offset: number | undefined, what: string): LogError {
  return new LogError(
    'BE_LOG_CORRUPT',
    file,
    offset,
    `${what}. 'bowecho log verify' shows all that is damaged, 'bowecho log repair' what can be done; another replica has what is lost here`,
  );
}

export function tampered(file: string, offset: number | undefined, what: string): LogError {
  return new LogError(
    'BE_LOG_TAMPERED',
    file,
    offset,
    `${what}. Somebody other than the owner of the key has changed it: 'bowecho log verify' shows where; the other replicas have what was signed`,
  );
}

/** Why a late reader got less history than it asked for. `code` is stable; the message names the topic and the members. */
export class HistoryError extends Error {
  readonly code: HistoryErrorCode;

  constructor(code: HistoryErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'HistoryError';
    this.code = code;
  }
}

export type HistoryErrorCode =
  | 'BE_HISTORY_LOST' // every member that held the history is gone, or could not give it
  | 'BE_HISTORY_CORRUPT'; // what a member gave as history is none that a correct member gives

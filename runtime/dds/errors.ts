/** What an application did that cannot be done, or what happened to it. `code` is stable; the message says what to do. */
export class BowechoError extends Error {
  readonly code: BowechoErrorCode;

  constructor(code: BowechoErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'BowechoError';
    this.code = code;
  }
}

export type BowechoErrorCode =
  | 'BE_CLOSED' // the participant, reader or writer is closed, or its participant had to stop
  | 'BE_REFUSED' // the domain refused the endpoint; the message names both sides and what differs
  | 'BE_TOO_LARGE' // a sample is larger than the topic's limit
  | 'BE_TOO_MANY_WAITING' // more writes wait for room than the writer lets wait
  | 'BE_TIMEOUT' // a write waited for room longer than its QoS allows; it was not written
  | 'BE_WOULD_DEADLOCK' // the write waits for a handler that waits for the write
  | 'BE_OUTCOME_UNKNOWN' // the participant stopped before the sample was acknowledged
  | 'BE_LOANED' // a loan is out: publish or return it first
  | 'BE_READER_IN_USE' // a reader is consumed in one way at a time
  | 'BE_UNSUPPORTED' // not in this version
  | 'BE_MALFORMED'; // a view, a greeting or a frame that no correct member sends

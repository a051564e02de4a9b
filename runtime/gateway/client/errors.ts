export type ClientErrorCode =
  | 'BE_CLOSED' // the client, reader or writer is closed
  | 'BE_CONNECT' // the gateway could not be reached, or refused the connection
  | 'BE_FORBIDDEN' // the gateway does not let this client read or write the topic
  | 'BE_NO_WEBSOCKET' // this platform has no WebSocket, and none was given
  | 'BE_OUTCOME_UNKNOWN' // the connection broke before the gateway acknowledged a sample
  | 'BE_PROTOCOL' // the gateway closed the session: this client broke a rule, or the gateway did
  | 'BE_REFUSED' // the domain refused the endpoint; the message names both sides and what differs
  | 'BE_TOO_LARGE' // a sample is larger than the gateway takes
  | 'BE_TOO_MANY' // more endpoints than the gateway allows
  | 'BE_TOO_MANY_WAITING'; // more writes wait for credit than a writer lets wait

const codes: readonly string[] = ['BE_CLOSED', 'BE_FORBIDDEN', 'BE_REFUSED', 'BE_TOO_LARGE', 'BE_TOO_MANY'];

/** What a client could not do, or what happened to it. `code` is stable; the message says what to do. */
export class ClientError extends Error {
  readonly code: ClientErrorCode;

  constructor(code: ClientErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ClientError';
    this.code = code;
  }
}

/** The error that a gateway told: codes that this client does not know count as refusals. */
export function toldError(code: string, message: string): ClientError {
  return new ClientError(codes.includes(code) ? (code as ClientErrorCode) : 'BE_REFUSED', message);
}

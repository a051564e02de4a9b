/**
 * The subprotocol `bowecho.v1`: what both sides of a WebSocket agree on before anything else.
 *
 * Control messages are JSON text frames (`control.ts`); samples are binary frames, several in one (`sample-frame.ts` towards
 * the client, `write-frame.ts` from it). A peer that breaks a rule is told by the close code, and the session ends.
 */
export const subprotocol = 'bowecho.v1';

/** Why a session was closed: the WebSocket's close code. */
export const closeCodes = {
  /** The peer is done (RFC 6455). */
  normal: 1000,
  /** The gateway goes away (RFC 6455): come again. */
  goingAway: 1001,
  /** A frame that makes no sense. */
  malformed: 4400,
  /** Not allowed to this client. */
  forbidden: 4403,
  /** The peer was silent for too long. */
  timeout: 4408,
  /** A frame or sample over its limit. */
  tooLarge: 4413,
  /** More opens, endpoints or unacknowledged samples than allowed. */
  tooMany: 4429,
} as const;

export type CloseCode = (typeof closeCodes)[keyof typeof closeCodes];

/** Bytes of a control message at most: a type's model is the largest thing in one. */
export const controlBytesMax = 64 << 10;
/** Characters of a topic's, type's or client's name at most. */
export const nameCharactersMax = 256;
/** A type's model that is longer does not travel. */
export const schemaCharactersMax = 32 << 10;
/** Samples in one binary frame at most. */
export const samplesPerFrameMax = 0xffff;

/** The peer broke the protocol. The session is to be closed with `closeCode`. */
export class WireError extends Error {
  readonly closeCode: CloseCode;

  constructor(closeCode: CloseCode, message: string) {
    super(message);
    this.name = 'WireError';
    this.closeCode = closeCode;
  }
}

export function malformed(problem: string): WireError {
  return new WireError(closeCodes.malformed, problem);
}

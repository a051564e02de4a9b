/** A sample that does not fit its type: a wrong type, out of range, too long. Thrown by `write`; nothing was sent. */
export class SampleError extends Error {
  readonly code = 'BE_SAMPLE';
  /** The member at fault, such as `flights::Flight.delay`. */
  readonly member: string;

  constructor(member: string, problem: string) {
    super(`${member}: ${problem}`);
    this.name = 'SampleError';
    this.member = member;
  }
}

/** Bytes that are no sample of the type that they claim. */
export class MalformedSampleError extends Error {
  readonly code = 'BE_MALFORMED_SAMPLE';

  constructor(type: string, problem: string) {
    super(`${type}: the bytes received are no sample of this type: ${problem}`);
    this.name = 'MalformedSampleError';
  }
}

/** What went wrong with a quality of service, stable enough to branch on. */
export type QosErrorCode =
  'BE_QOS_UNKNOWN_PROFILE' | 'BE_QOS_UNKNOWN_POLICY' | 'BE_QOS_VALUE' | 'BE_QOS_INCONSISTENT';

/** The three sentences every refusal owes its reader. */
export interface Refusal {
  /** What is wrong, with the value that is. */
  readonly what: string;
  /** Whose it is: a profile, the overrides of an endpoint, data from a peer. */
  readonly where: string;
  /** What to change. */
  readonly remedy: string;
}

/**
 * A quality of service that cannot be resolved or decoded.
 *
 * @example
 * ```ts
 * try {
 *   resolveReaderQos('atomc');
 * } catch (error) {
 *   if (error instanceof QosError) console.error(error.code, error.remedy); // Did you mean 'atomic'? …
 * }
 * ```
 */
export class QosError extends Error {
  override readonly name = 'QosError';
  readonly code: QosErrorCode;
  readonly what: string;
  readonly where: string;
  readonly remedy: string;

  constructor(code: QosErrorCode, { what, where, remedy }: Refusal) {
    super(`${what} (in ${where}). ${remedy}`);
    this.code = code;
    this.what = what;
    this.where = where;
    this.remedy = remedy;
  }
}

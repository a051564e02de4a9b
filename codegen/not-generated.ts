/** A construct of the model for which there is no code yet. */
export class NotGeneratedError extends Error {
  readonly code = 'BE_NOT_GENERATED';

  constructor(what: string) {
    super(`${what}: code for this is not generated yet.`);
    this.name = 'NotGeneratedError';
  }
}

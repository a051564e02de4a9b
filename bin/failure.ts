/** A command that could not do what it was asked to: its message is shown without a stack, and the exit code is 1. */
export class CommandFailure extends Error {
  constructor(message = '') {
    super(message);
    this.name = 'CommandFailure';
  }
}

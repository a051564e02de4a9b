/** What must always hold did not: protocol.md, section 7. */
export class Violation extends Error {
  /** Name of the oracle that found it. */
  readonly oracle: string;
  readonly saw: unknown;

  constructor(oracle: string, message: string, saw: unknown) {
    super(`${oracle}: ${message}`);
    this.name = 'Violation';
    this.oracle = oracle;
    this.saw = saw;
  }
}

/** @throws Violation where it does not hold */
export function require(
  holds: boolean,
  oracle: { name: string },
  message: () => string,
  saw: () => unknown,
): void {
  if (!holds) throw new Violation(oracle.name, message(), saw());
}

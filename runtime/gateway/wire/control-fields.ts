import { malformed, nameCharactersMax } from './protocol.js';

/** A JSON object of a peer, read field by field; what is not as expected is a WireError. */
export class Fields {
  readonly #record: Record<string, unknown>;
  readonly #what: string;

  constructor(value: unknown, what: string) {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw malformed(`${what} is no object`);
    this.#record = value as Record<string, unknown>;
    this.#what = what;
  }

  /** @throws WireError */
  static parse(text: string, what: string): Fields {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      throw malformed(`${what} is not JSON`);
    }
    return new Fields(value, what);
  }

  has(field: string): boolean {
    return this.#record[field] !== undefined;
  }

  object(field: string): Fields {
    return new Fields(this.#record[field], `${this.#what}.${field}`);
  }

  text(field: string, charactersMax: number, charactersMin = 0): string {
    const value = this.#record[field];
    if (typeof value !== 'string' || value.length < charactersMin || value.length > charactersMax) {
      throw this.#wrong(field, `a string of ${charactersMin} to ${charactersMax} characters`);
    }
    return value;
  }

  name(field: string): string {
    return this.text(field, nameCharactersMax, 1);
  }

  flag(field: string): boolean {
    const value = this.#record[field];
    if (typeof value !== 'boolean') throw this.#wrong(field, 'true or false');
    return value;
  }

  /** An integer from 0. */
  count(field: string, max: number = Number.MAX_SAFE_INTEGER): number {
    const value = this.#record[field];
    if (!Number.isSafeInteger(value) || (value as number) < 0 || (value as number) > max) {
      throw this.#wrong(field, `an integer from 0 to ${max}`);
    }
    return value as number;
  }

  oneOf<C extends string>(field: string, choices: readonly C[]): C {
    const value = this.#record[field];
    if (!choices.includes(value as C)) throw this.#wrong(field, `one of ${choices.join(', ')}`);
    return value as C;
  }

  #wrong(field: string, expected: string): Error {
    return malformed(`${this.#what}.${field} is to be ${expected}`);
  }
}

/** What a single field of a policy may hold. */
export type FieldValue = string | number | boolean | readonly string[];

/** What a field accepts. */
export interface Rule {
  /** The end of the sentence 'it must be …'. */
  readonly expected: string;
  /** The value as it is kept, or undefined when it is refused. */
  read(value: unknown): FieldValue | undefined;
}

// Names are compared all with all, and may be patterns: these bounds keep the worst of it short.
const namesMax = 64;
const nameLengthMax = 256;
const textLengthMax = 65_536;

/** One of some names. */
export function oneOf(...names: readonly string[]): Rule {
  return {
    expected: `one of ${names.map((name) => `'${name}'`).join(', ')}`,
    read: (value) => (typeof value === 'string' && names.includes(value) ? value : undefined),
  };
}

/** A non-empty list of some names, each at most once. */
export function listOf(...names: readonly string[]): Rule {
  return {
    expected: `a list of one or more of ${names.map((name) => `'${name}'`).join(', ')}, each once`,
    read: (value) => {
      const items = readNames(value, names.length);
      if (items === undefined || items.length === 0 || new Set(items).size !== items.length) return undefined;
      return items.every((item) => names.includes(item)) ? items : undefined;
    },
  };
}

/** Names, in a list. */
export const names: Rule = {
  expected: `a list of at most ${namesMax} texts, each of at most ${nameLengthMax} characters`,
  read: (value) => readNames(value, namesMax),
};

/** A text. */
export const text: Rule = {
  expected: `a text of at most ${textLengthMax} characters`,
  read: (value) => (typeof value === 'string' && value.length <= textLengthMax ? value : undefined),
};

/** Yes or no. */
export const flag: Rule = {
  expected: 'true or false',
  read: (value) => (typeof value === 'boolean' ? value : undefined),
};

/** A time in milliseconds, 0 or more, or Infinity. */
export const duration = numeric(
  "a number of milliseconds, 0 or more, or Infinity ('infinite')",
  (ms) => ms >= 0,
);

/** A time in milliseconds above 0, or Infinity. */
export const period = numeric("a number of milliseconds above 0, or Infinity ('infinite')", (ms) => ms > 0);

/** A time in milliseconds, 0 or more, that ends. */
export const finiteDuration = numeric(
  'a finite number of milliseconds, 0 or more',
  (ms) => ms >= 0 && Number.isFinite(ms),
);

/** A bound on a number of things: at least 1, or Infinity. */
export const limit = numeric(
  "a whole number, 1 or more, or Infinity ('infinite')",
  (count) => count === Infinity || (Number.isSafeInteger(count) && count >= 1),
);

/** A number of things: at least 1. */
export const count = numeric('a whole number, 1 or more', (n) => Number.isSafeInteger(n) && n >= 1);

/** A signed 32-bit integer. */
export const int32 = numeric('a whole number of 32 bits', (n) => Number.isInteger(n) && (n | 0) === n);

/** The size of a ring: positions in it are masked, so a power of two. */
export const ringBytes = numeric(
  'a power of two from 4096 to 1073741824',
  (bytes) => bytes >= 4096 && bytes <= 2 ** 30 && Number.isInteger(Math.log2(bytes)),
);

function numeric(expected: string, accepts: (value: number) => boolean): Rule {
  return {
    expected,
    read: (value) => {
      const number = value === 'infinite' ? Infinity : value;
      if (typeof number !== 'number' || !accepts(number)) return undefined;
      return number === 0 ? 0 : number; // JSON has no -0
    },
  };
}

function readNames(value: unknown, lengthMax: number): readonly string[] | undefined {
  if (!Array.isArray(value) || value.length > lengthMax) return undefined;
  const items: readonly unknown[] = value;
  const read: string[] = [];
  for (const item of items) {
    if (typeof item !== 'string' || item.length > nameLengthMax) return undefined;
    read.push(item);
  }
  return Object.freeze(read);
}

import { LogError } from './errors.js';

/** Whose log it is. A log is only ever opened by those who say the same. */
export interface LogIdentity {
  readonly domain: string;
  readonly topic: string;
  readonly typeName: string;
  /** 32 hex digits. */
  readonly typeHash: string;
}

/** Of what is written on disk. What another version wrote is not read. */
export const formatVersion = 1;

/** @throws LogError BE_LOG_FOREIGN where `found`, in `file`, is another log than `expected` */
export function checkIdentity(file: string, found: LogIdentity, expected: LogIdentity): void {
  for (const field of ['domain', 'topic', 'typeName', 'typeHash'] as const) {
    if (found[field] === expected[field]) continue;
    throw foreign(
      file,
      `this is the log of ${field} ${JSON.stringify(found[field])}, not of ${JSON.stringify(expected[field])}`,
    );
  }
}

export function foreign(file: string, what: string): LogError {
  return new LogError(
    'BE_LOG_FOREIGN',
    file,
    undefined,
    `${what}. Nothing was changed: move it away, or use another folder`,
  );
}

export function checkFormat(file: string, found: number): void {
  if (found !== formatVersion)
    throw foreign(file, `it has format version ${found}, this program writes and reads ${formatVersion}`);
}

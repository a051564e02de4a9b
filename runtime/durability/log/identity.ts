import { LogError } from './errors.js';

/** Whose log it is. */
export interface LogIdentity {
  readonly domain: string;
  readonly topic: string;
  readonly typeName: string;
  /** Of the type that was written last: 32 hex digits. */
  readonly typeHash: string;
  /** The public key that it is signed with, in hex; undefined where it is not. */
  readonly key?: string | undefined;
}

/** A type that samples of a log were written with, under the log's one type name. */
export interface LogType {
  readonly typeHash: string;
  /** The type's model, by which it is compared with others; undefined where it is lost. */
  readonly schema?: string | undefined;
}

/** Why samples of two types of one name do not go together, as their schemas say; undefined where they do. */
export type TypeRule = (oneSchema: string, otherSchema: string) => string | undefined;

/** Who opens a log, with which type. Without a rule no other type goes together with it. */
export interface LogOwner extends LogIdentity {
  readonly schema?: string | undefined;
  readonly typeRule?: TypeRule | undefined;
}

/** Of what is written on disk. What another version wrote is not read. */
export const formatVersion = 2;

/** @throws LogError BE_LOG_FOREIGN where `found`, in `file`, is the log of another domain, topic, or name of a type */
export function checkIdentity(
  file: string,
  found: LogIdentity,
  expected: LogIdentity,
  types: readonly LogType[],
): void {
  for (const field of ['domain', 'topic', 'typeName'] as const) {
    if (found[field] === expected[field]) continue;
    throw foreign(
      file,
      `this is the log of ${field} ${JSON.stringify(found[field])}, not of ${JSON.stringify(expected[field])}`,
    );
  }
  if (found.key !== expected.key)
    throw foreign(
      file,
      `it is ${found.key === undefined ? 'not signed' : `signed with key ${found.key}`}, and is opened ${expected.key === undefined ? 'without a key' : `with key ${expected.key}`}`,
    );
  if (!types.some(({ typeHash }) => typeHash === found.typeHash))
    throw foreign(file, `it was written with ${typeText(found)}, which the log does not know`);
}

/**
 * The types of a log that `owner` goes on with, its own the last; `types` itself where nothing changes.
 * @throws LogError BE_LOG_FOREIGN where the owner's type does not go together with all of them
 */
export function typesWith(file: string, types: readonly LogType[], owner: LogOwner): readonly LogType[] {
  const { typeHash, schema } = owner;
  const others = types.filter((type) => type.typeHash !== typeHash);
  for (const other of others) {
    const problem = apart(other, owner);
    if (problem === undefined) continue;
    const { typeName } = owner;
    throw foreign(
      file,
      `this log has samples of ${typeText({ typeName, ...other })}, and is opened with ${typeText(owner)}: ${problem}`,
    );
  }
  const last = types.at(-1)!;
  if (last.typeHash === typeHash && (last.schema !== undefined || schema === undefined)) return types;
  return [
    ...others,
    { typeHash, schema: schema ?? types.find((type) => type.typeHash === typeHash)?.schema },
  ];
}

function apart(other: LogType, { schema, typeRule }: LogOwner): string | undefined {
  if (typeRule === undefined || schema === undefined) return 'they are not the same';
  if (other.schema === undefined)
    return 'what the former looks like is lost with the manifest; a program of that type brings it back by opening the log';
  const problem = typeRule(other.schema, schema);
  return problem && `they do not go together: ${problem}`;
}

function typeText({ typeName, typeHash }: { readonly typeName: string; readonly typeHash: string }): string {
  return `type ${typeName} (${typeHash.slice(0, 8)})`;
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

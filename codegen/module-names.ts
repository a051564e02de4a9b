import type { Definition, Model, ModelFile } from '../idl/index.js';

/** What cannot be the name of a generated declaration: JavaScript's words, and the globals that generated code uses. */
const reserved: ReadonlySet<string> = new Set(
  (
    'arguments as async await bigint boolean break case catch class const continue debugger default delete do else enum ' +
    'eval export extends false finally for function if implements import in instanceof interface let new null number ' +
    'object package private protected public return static string super switch symbol this throw true try type typeof ' +
    'undefined unknown any never var void while with yield ' +
    'keyWriter protobufReader xcdr2Reader Array BigInt DataView Infinity Map Math NaN Number Object ReadonlySet Set String Uint8Array'
  ).split(' '),
);

/** The names that the generated code of one definition declares. */
export interface GeneratedNames {
  readonly type: string;
  readonly encode: string;
  readonly decode: string;
  readonly defaults: string;
  readonly view: string;
  readonly write: string;
  readonly read: string;
  readonly encodeXcdr2: string;
  readonly decodeXcdr2: string;
  /** Of an enum: the set of its values. */
  readonly values: string;
  /** Of a bitset: its fields into one number, and out of it. */
  readonly pack: string;
  readonly unpack: string;
}

/**
 * The TypeScript names of a file's definitions: their IDL names without modules, or with them where two would be alike.
 * They depend on that file alone, so that whoever imports from it knows them.
 */
export function moduleNames(model: Model, file: ModelFile): ReadonlyMap<string, GeneratedNames> {
  const definitions = file.definitions.map((name) => model.definitions.get(name)!);
  const taken = new Set(reserved);
  const types = new Map<string, string>();
  const counts = new Map<string, number>();
  for (const { localName } of definitions) counts.set(localName, (counts.get(localName) ?? 0) + 1);
  for (const definition of definitions) types.set(definition.name, claim(wanted(definition, counts), taken));
  const result = new Map<string, GeneratedNames>();
  for (const { name } of definitions) {
    const type = types.get(name)!;
    result.set(name, {
      type,
      encode: claim(`encode${type}`, taken),
      decode: claim(`decode${type}`, taken),
      defaults: claim(`default${type}`, taken),
      view: claim(`${type}View`, taken),
      write: claim(`write${type}`, taken),
      read: claim(`read${type}`, taken),
      encodeXcdr2: claim(`encode${type}Xcdr2`, taken),
      decodeXcdr2: claim(`decode${type}Xcdr2`, taken),
      values: claim(`${type[0]!.toLowerCase()}${type.slice(1)}Values`, taken),
      pack: claim(`pack${type}`, taken),
      unpack: claim(`unpack${type}`, taken),
    });
  }
  return result;
}

function wanted({ localName, modules }: Definition, counts: ReadonlyMap<string, number>): string {
  return counts.get(localName) === 1 ? localName : [...modules, localName].join('_');
}

/** A name that is not taken yet, made by adding underscores, which is taken from then on. */
export function claim(name: string, taken: Set<string>): string {
  let free = name;
  while (taken.has(free)) free += '_';
  taken.add(free);
  return free;
}

/** Whether a word can be the name of a local variable. */
export function isReserved(name: string): boolean {
  return reserved.has(name);
}

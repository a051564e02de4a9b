/** Types of other languages, and what they are in IDL: what people write who come from there. */
const types: ReadonlyMap<string, string> = new Map([
  ['bool', 'boolean'],
  ['byte', 'octet'],
  ['bytes', 'sequence<octet>'],
  ['int', 'long'],
  ['uint', 'unsigned long'],
  ['integer', 'long'],
  ['size_t', 'uint64'],
  ['i8', 'int8'],
  ['i16', 'int16'],
  ['i32', 'int32'],
  ['i64', 'int64'],
  ['u8', 'uint8'],
  ['u16', 'uint16'],
  ['u32', 'uint32'],
  ['u64', 'uint64'],
  ['f32', 'float'],
  ['f64', 'double'],
  ['float32', 'float'],
  ['float64', 'double'],
  ['number', 'double'],
  ['str', 'string'],
  ['char16', 'wchar'],
  ['vector', 'sequence'],
  ['list', 'sequence'],
  ['array', 'sequence'],
  ['dict', 'map'],
]);

/** What a type of another language is in IDL. */
export function idlWordFor(name: string): string | undefined {
  const word = name.toLowerCase();
  return types.get(word) ?? (/^u?int(?:8|16|32|64)_t$/.test(word) ? word.slice(0, -2) : undefined);
}

/** Words that stand before members elsewhere, and are annotations in IDL. */
export const annotationWords: ReadonlySet<string> = new Set(['key', 'optional', 'external']);

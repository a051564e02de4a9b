/**
 * Words that IDL 4.2 reserves for data types. The words of its component model (`port`, `home`, `context`, …) are left out:
 * files written for DDS use them as names.
 */
export const keywords: ReadonlySet<string> = new Set([
  'abstract',
  'any',
  'attribute',
  'bitfield',
  'bitmask',
  'bitset',
  'boolean',
  'case',
  'char',
  'const',
  'default',
  'double',
  'enum',
  'exception',
  'FALSE',
  'fixed',
  'float',
  'in',
  'inout',
  'int8',
  'int16',
  'int32',
  'int64',
  'interface',
  'local',
  'long',
  'map',
  'module',
  'native',
  'Object',
  'octet',
  'oneway',
  'out',
  'raises',
  'readonly',
  'sequence',
  'short',
  'string',
  'struct',
  'switch',
  'TRUE',
  'typedef',
  'uint8',
  'uint16',
  'uint32',
  'uint64',
  'union',
  'unsigned',
  'ValueBase',
  'valuetype',
  'void',
  'wchar',
  'wstring',
]);

const byLowerCase = new Map([...keywords].map((keyword) => [keyword.toLowerCase(), keyword]));

/** The keyword that a word is, or would be but for its case. */
export function keywordLike(word: string): string | undefined {
  return byLowerCase.get(word.toLowerCase());
}

import { fixedText } from './fixed-point.js';
import type { ConstantValue } from './type.js';

/** A value as it is named in messages. */
export function describe(value: ConstantValue): string {
  switch (value.kind) {
    case 'integer':
    case 'float':
      return `the number ${value.value}`;
    case 'fixed':
      return `the fixed-point number ${fixedText(value)}d`;
    case 'boolean':
      return `the boolean ${value.value ? 'TRUE' : 'FALSE'}`;
    case 'string':
      return value.wide ? 'a wide string' : 'a string';
    case 'character':
      return value.wide ? 'a wide character' : 'a character';
    case 'enumerator':
      return `the enumerator '${value.enum}::${value.name}'`;
    case 'flags':
      return `flags of '${value.bitmask}'`;
  }
}

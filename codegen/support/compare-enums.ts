import type { Comparison, Place } from './comparison.js';
import type { BitmaskSchema, BitsetSchema, EnumSchema } from './schema.js';

/** Enumerators of one name have one value, and the other way round; `@final` enums are equal. */
export function compareEnums(
  comparison: Comparison,
  writer: EnumSchema,
  reader: EnumSchema,
  name: string,
  { role, tryConstruct, caught }: Place,
): void {
  const theirBits = writer.bitBound ?? 32;
  const ourBits = reader.bitBound ?? 32;
  if (theirBits !== ourBits) {
    comparison.problem(
      `${name}: its @bit_bound is ${theirBits} for the writer and ${ourBits} for the reader`,
    );
  }
  let common = 0;
  const unknown: string[] = [];
  for (const theirs of writer.values) {
    const ours = reader.values.find((value) => value.name === theirs.name || value.value === theirs.value);
    if (ours === undefined) unknown.push(theirs.name);
    else if (ours.name === theirs.name && ours.value === theirs.value) common++;
    else {
      comparison.problem(
        `${name}: the writer has ${theirs.name} = ${theirs.value} where the reader has ${ours.name} = ${ours.value}`,
      );
      return;
    }
  }
  if (writer.extensibility === 'final' && writer.values.length !== reader.values.length) {
    comparison.problem(
      `${name} is @final, and has ${writer.values.length} enumerators for the writer and ${reader.values.length} for the reader`,
    );
  } else if (common === 0) comparison.problem(`${name}: no enumerator is the same on both sides`);
  else if (unknown.length > 0) {
    const lacks = `${name}: the reader does not know ${unknown.join(', ')}`;
    if (role === 'key') comparison.problem(`${lacks}, and it is part of the key`);
    else if (tryConstruct === 'useDefault') comparison.note(`${lacks}, and takes its default for it`);
    else if (caught !== undefined) comparison.note(`${lacks}, and takes the default of ${caught} for it`);
    else comparison.note(`${lacks}: a sample that holds it does not arrive`);
  }
}

/** Bitmasks of one width hold the same bits, whatever they are called. */
export function compareBitmasks(
  comparison: Comparison,
  writer: BitmaskSchema,
  reader: BitmaskSchema,
  name: string,
): void {
  if (writer.bitBound !== reader.bitBound) {
    comparison.problem(
      `${name}: its @bit_bound is ${writer.bitBound} for the writer and ${reader.bitBound} for the reader`,
    );
    return;
  }
  for (const theirs of writer.flags) {
    const ours = reader.flags.find(({ position }) => position === theirs.position);
    if (ours === undefined) comparison.note(`${name}: the reader does not know the flag ${theirs.name}`);
    else if (ours.name !== theirs.name) {
      comparison.note(
        `${name}: bit ${ours.position} is ${theirs.name} for the writer, ${ours.name} for the reader`,
      );
    }
  }
}

/** The unsigned integer that a bitmask travels as, and can be read as (XTypes 1.3, 7.2.4.4.3). */
export function integerOf({ bitBound }: BitmaskSchema): string {
  return bitBound <= 8 ? 'uint8' : bitBound <= 16 ? 'uint16' : bitBound <= 32 ? 'uint32' : 'uint64';
}

/** Nothing is told of a bitset but its bits: so they are equal. */
export function compareBitsets(
  comparison: Comparison,
  writer: BitsetSchema,
  reader: BitsetSchema,
  name: string,
): void {
  const text = ({ fields }: BitsetSchema): string =>
    fields
      .map((field) => `${field.name ?? 'nothing'} in ${field.bits} bits from ${field.position}`)
      .join(', ');
  if (text(writer) === text(reader)) return;
  comparison.problem(`${name}: the writer has ${text(writer)}; the reader ${text(reader)}`);
}

import type { CodeLines } from './code-lines.js';
import type { LocalNames } from './local-names.js';
import type { ModuleWriter } from './module-writer.js';
import { typeOnly } from './module-writer.js';
import type { ScalarCodec } from './scalars.js';
import { bitsCodec, enumCodec, scalarCodecs } from './scalars.js';
import type { ScalarShape } from './shape.js';
import { enumBytes, isCounted } from './shape.js';

/** How what carries a scalar is handled. */
export function codecOf(shape: ScalarShape): ScalarCodec {
  switch (shape.kind) {
    case 'primitive':
      return scalarCodecs[shape.name];
    case 'enum':
      return enumCodec(
        enumBytes(shape.model),
        shape.model.enumerators.some(({ value }) => value < 0),
      );
    case 'bitmask':
      return bitsCodec(shape.model.bitBound);
    case 'bitset':
      return bitsCodec(shape.model.bitCount);
  }
}

/** Where the lines of a function go, and its names come from. */
export interface Body {
  readonly module: ModuleWriter;
  readonly lines: CodeLines;
  readonly locals: LocalNames;
}

/** Checks a scalar; returns what is to be written. */
export function checked(body: Body, shape: ScalarShape, value: string, path: string): string {
  const { module, lines } = body;
  const check = (name: string, ...rest: (string | number)[]) => {
    lines.add(`${module.support(name)}(${[value, ...rest, path].join(', ')});`);
    return value;
  };
  switch (shape.kind) {
    case 'primitive':
      if (shape.name === 'char' || shape.name === 'wchar')
        return converted(
          body,
          value,
          'Code',
          `${module.support(scalarCodecs[shape.name].check)}(${value}, ${path})`,
        );
      return check(scalarCodecs[shape.name].check);
    case 'enum':
      if (isCounted(shape.model)) return check('checkEnum', shape.model.enumerators.length);
      return check('checkEnumOf', module.named(shape.model, 'values'));
    case 'bitmask': {
      // A newer writer may have flags that are not known here; what is written has none.
      const { bitBound, flags } = shape.model;
      const all = flags.reduce((sum, { position }) => sum | (1n << BigInt(position)), 0n);
      if (bitBound > 32) return check('checkFlags', bitsText(all, bitBound));
      return converted(
        body,
        value,
        'Bits',
        `${module.support('flagBits')}(${value}, ${bitsText(all, bitBound)}, ${path})`,
      );
    }
    case 'bitset':
      return converted(body, value, 'Bits', `${module.named(shape.model, 'pack')}(${value}, ${path})`);
  }
}

function converted({ lines, locals }: Body, value: string, ending: string, text: string): string {
  const local = locals.claim(`${/^\w+$/.test(value) ? value : 'value'}${ending}`);
  lines.add(`const ${local} = ${text};`);
  return local;
}

/** All of so many bits, as the code of a number or, from 33 bits on, of a bigint. */
export function maskText(bits: number): string {
  return bitsText((1n << BigInt(bits)) - 1n, bits);
}

function bitsText(value: bigint, bits: number): string {
  return `0x${value.toString(16)}${bits > 32 ? 'n' : ''}`;
}

/** The value that a number in place stands for. */
export function valueOf(module: ModuleWriter, shape: ScalarShape, carried: string, path: string): string {
  if (shape.kind !== 'enum') return plainValue(module, shape, carried, path);
  const check = module.support(isCounted(shape.model) ? 'readEnum' : 'readEnumOf');
  return `${check}(${carried}, ${knownText(module, shape)}, ${path})${asEnum(module, shape)}`;
}

/** The value that a number of the wire stands for, which the reader knows how to refuse. */
export function readText(module: ModuleWriter, shape: ScalarShape, carried: string, path: string): string {
  if (shape.kind !== 'enum') return plainValue(module, shape, carried, path);
  const check = isCounted(shape.model) ? 'enumerator' : 'enumeratorOf';
  return `reader.${check}(${carried}, ${knownText(module, shape)}, ${path})${asEnum(module, shape)}`;
}

/** An enumerator or, where a number stands for none, another. */
export function enumOrText(
  module: ModuleWriter,
  shape: EnumShape,
  carried: string,
  otherwise: string,
): string {
  return `${module.support('enumOr')}(${carried}, ${knownText(module, shape)}, ${otherwise})${asEnum(module, shape)}`;
}

type EnumShape = Extract<ScalarShape, { kind: 'enum' }>;

/** How many values an enum has, or which. */
function knownText(module: ModuleWriter, { model }: EnumShape): string {
  return isCounted(model) ? String(model.enumerators.length) : module.named(model, 'values');
}

export function asEnum(module: ModuleWriter, { model }: EnumShape): string {
  return typeOnly(` as ${module.named(model, 'type', 'type')}`);
}

function plainValue(
  module: ModuleWriter,
  shape: Exclude<ScalarShape, EnumShape>,
  carried: string,
  path: string,
): string {
  switch (shape.kind) {
    case 'primitive':
      if (shape.name === 'boolean') return `${module.support('readBoolean')}(${carried}, ${path})`;
      return shape.name === 'char' || shape.name === 'wchar' ? `String.fromCharCode(${carried})` : carried;
    case 'bitmask':
      return withinBits(module, carried, shape.model.bitBound, path);
    case 'bitset':
      return `${module.named(shape.model, 'unpack')}(${carried})`;
  }
}

/** Bits that fill their carrier need no check. */
function withinBits(module: ModuleWriter, carried: string, bits: number, path: string): string {
  if (bits === bitsCodec(bits).size * 8) return carried;
  return `${module.support('readBits')}(${carried}, ${maskText(bits)}, ${path})`;
}

/** The value of nothing sent, as a number of the wire. */
export function zeroOf(module: ModuleWriter, shape: ScalarShape): string {
  switch (shape.kind) {
    case 'primitive':
      return scalarCodecs[shape.name].zero;
    case 'enum':
      return String(defaultEnumerator(shape).value);
    case 'bitmask':
      return shape.model.bitBound > 32 ? '0n' : '0';
    case 'bitset':
      return `${module.named(shape.model, 'unpack')}(${shape.model.bitCount > 32 ? '0n' : '0'})`;
  }
}

/** The enumerator marked `@default_literal`, or the first. */
export function defaultEnumerator({ model }: Extract<ScalarShape, { kind: 'enum' }>) {
  return model.enumerators.find(({ name }) => name === model.defaultLiteral) ?? model.enumerators[0]!;
}

/** `at`, or `at + 8`. */
export function placeText(base: string, offset: number): string {
  return offset === 0 ? base : `${base} + ${offset}`;
}

/** A call that writes a scalar through a DataView. */
export function setText(view: string, shape: ScalarShape, at: string, value: string): string {
  const { accessor, size } = codecOf(shape);
  const isBoolean = shape.kind === 'primitive' && shape.name === 'boolean';
  return `${view}.set${accessor}(${at}, ${isBoolean ? `${value} ? 1 : 0` : value}${size === 1 ? '' : ', true'})`;
}

/** A call that reads a scalar through a DataView. */
export function getText(view: string, shape: ScalarShape, at: string, littleEndian = 'true'): string {
  const { accessor, size } = codecOf(shape);
  return `${view}.get${accessor}(${at}${size === 1 ? '' : `, ${littleEndian}`})`;
}

import type { CodeLines } from './code-lines.js';
import type { LocalNames } from './local-names.js';
import type { ModuleWriter } from './module-writer.js';
import { typeOnly } from './module-writer.js';
import type { ScalarCodec } from './scalars.js';
import { enumCodec, scalarCodecs } from './scalars.js';
import type { Shape } from './shape.js';

/** A shape whose value is one number on the wire. */
export type ScalarShape = Shape & { kind: 'primitive' | 'enum' };

export function isScalar(shape: Shape): shape is ScalarShape {
  return shape.kind === 'primitive' || shape.kind === 'enum';
}

/** How what carries a scalar is handled. */
export function codecOf(shape: ScalarShape): ScalarCodec {
  return shape.kind === 'enum' ? enumCodec : scalarCodecs[shape.name];
}

/** Where the lines of a function go, and its names come from. */
export interface Body {
  readonly module: ModuleWriter;
  readonly lines: CodeLines;
  readonly locals: LocalNames;
}

/** Checks a scalar; returns what is to be written. */
export function checked(
  { module, lines, locals }: Body,
  shape: ScalarShape,
  value: string,
  path: string,
): string {
  if (shape.kind === 'enum') {
    lines.add(`${module.support('checkEnum')}(${value}, ${shape.model.enumerators.length}, ${path});`);
    return value;
  }
  if (shape.name !== 'char') {
    lines.add(`${module.support(scalarCodecs[shape.name].check)}(${value}, ${path});`);
    return value;
  }
  const code = locals.claim(`${value}Code`);
  lines.add(`const ${code} = ${module.support('charCode')}(${value}, ${path});`);
  return code;
}

/** The value that a number of the wire stands for. */
export function valueOf(module: ModuleWriter, shape: ScalarShape, carried: string, path: string): string {
  if (shape.kind === 'enum') {
    const type = module.named(shape.model, 'type', 'type');
    const count = shape.model.enumerators.length;
    return `${module.support('readEnum')}(${carried}, ${count}, ${path})${typeOnly(` as ${type}`)}`;
  }
  if (shape.name === 'boolean') return `${module.support('readBoolean')}(${carried}, ${path})`;
  return shape.name === 'char' ? `String.fromCharCode(${carried})` : carried;
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

import type { Model } from '../idl/index.js';
import { allMembers } from '../idl/index.js';
import type { ModuleWriter } from './module-writer.js';
import type { Alignment } from './phase.js';
import { codecOf, getText, setText } from './scalar-text.js';
import type { Aggregate, ScalarShape, Shape } from './shape.js';
import { elementCount, isScalar, shapeOf } from './shape.js';
import { fixedBytes } from './support/index.js';

/** The first byte of a sample's encapsulation header by the extensibility of its type: little-endian XCDR2 (RTPS 2.5, 10.2). */
export const encapsulation = { final: 7, appendable: 9, mutable: 11 } as const;

/** Bytes of a scalar. */
export function scalarSize(shape: ScalarShape): number {
  return isFloat128(shape) ? 16 : codecOf(shape).size;
}

/** Of all scalars, `long double` alone has another form here than elsewhere. */
function isFloat128(shape: ScalarShape): boolean {
  return shape.kind === 'primitive' && shape.name === 'longdouble';
}

/** A statement that stores a scalar. */
export function storeText(module: ModuleWriter, shape: ScalarShape, at: string, value: string): string {
  if (!isFloat128(shape)) return setText('view', shape, at, value);
  return `${module.support('setFloat128')}(view, ${at}, ${value}, true)`;
}

/** An expression that loads a scalar. */
export function loadText(module: ModuleWriter, shape: ScalarShape, at: string): string {
  if (!isFloat128(shape)) return getText('view', shape, at, 'littleEndian');
  return `${module.support('getFloat128')}(view, ${at}, littleEndian)`;
}

/** XCDR2 aligns nothing to more than 4. */
export function alignmentOf(shape: ScalarShape): Alignment {
  const size = scalarSize(shape);
  return size === 1 || size === 2 ? size : 4;
}

/** Whether a collection of it goes without a length in bytes. Enums are no primitive types there. */
export function isPrimitive(shape: Shape): boolean {
  return shape.kind === 'primitive';
}

/** Whether an array goes without a length in bytes: octets stay octets, in however many dimensions. */
export function isPrimitiveArray({ element }: Extract<Shape, { kind: 'array' }>): boolean {
  return isPrimitive(element) || (element.kind === 'bytes' && element.length !== undefined);
}

/** Whether a map goes without a length in bytes. */
export function isPrimitiveMap({ key, value }: Extract<Shape, { kind: 'map' }>): boolean {
  return isPrimitive(key) && isPrimitive(value);
}

/** The fewest bytes that a value can take. */
export function leastSize(model: Model, shape: Shape, within: readonly Aggregate[] = []): number {
  if (isScalar(shape)) return scalarSize(shape);
  switch (shape.kind) {
    case 'bytes':
      return shape.length ?? 4;
    case 'array':
      return elementCount(shape.dimensions) * leastSize(model, shape.element, within);
    case 'fixed':
      return fixedBytes(shape.digits);
    case 'union':
      if (shape.model.extensibility !== 'final') return 4;
      return leastSize(model, shapeOf(model, shape.model.discriminator));
    case 'struct': {
      const struct = shape.model;
      if (struct.extensibility !== 'final') return 4;
      if (within.includes(struct)) return 1;
      return allMembers(model, struct).reduce(
        (sum, { optional, type }) =>
          sum + (optional ? 1 : leastSize(model, shapeOf(model, type), [...within, struct])),
        0,
      );
    }
    default:
      return 4;
  }
}

/**
 * The code in a member's header that says how long the member is (XTypes 1.3, 7.4.3.4.2): 0 to 3 for 1, 2, 4 and 8 bytes; 4 where the length
 * follows; 5, 6 and 7 where the member itself begins with its length, in bytes, words or double words.
 */
export function lengthCode(shape: Shape): 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 {
  if (isScalar(shape)) {
    const size = scalarSize(shape);
    return size === 1 ? 0 : size === 2 ? 1 : size === 4 ? 2 : size === 8 ? 3 : 4;
  }
  switch (shape.kind) {
    case 'string':
    case 'wstring':
      return 5;
    case 'map':
      return isPrimitiveMap(shape) ? 4 : 5;
    case 'bytes':
      return shape.length === undefined ? 5 : 4;
    case 'sequence': {
      const { element } = shape;
      if (!isScalar(element) || !isPrimitive(element)) return 5;
      const size = scalarSize(element);
      return size === 1 ? 5 : size === 4 ? 6 : size === 8 ? 7 : 4;
    }
    case 'array':
      return isPrimitiveArray(shape) ? 4 : 5;
    default:
      return 4;
  }
}

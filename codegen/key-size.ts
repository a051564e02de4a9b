import type { Model } from '../idl/index.js';
import { keyMembers } from './key-members.js';
import type { Shape } from './shape.js';
import { elementCount, isScalar, shapeOf } from './shape.js';
import { fixedBytes } from './support/index.js';
import { alignmentOf, isPrimitive, isPrimitiveArray, scalarSize } from './xcdr2-form.js';

/** The longest key that is its own hash. */
const hashBytes = 16;

/** Whether no key can be longer than 16 bytes. Aligning only ever adds, so that the longest values decide. */
export function keyFits(model: Model, shape: Shape): boolean {
  return endOf(model, shape, 0) <= hashBytes;
}

/** Where the longest value that begins at `start` ends; past 16 bytes it does not matter where. */
function endOf(model: Model, shape: Shape, start: number): number {
  if (start > hashBytes) return Infinity;
  if (isScalar(shape)) return align(start, alignmentOf(shape)) + scalarSize(shape);
  switch (shape.kind) {
    case 'string':
      return align(start, 4) + 4 + (shape.bound ?? Infinity) + 1;
    case 'wstring':
      return align(start, 4) + 4 + 2 * (shape.bound ?? Infinity);
    case 'fixed':
      return start + fixedBytes(shape.digits);
    case 'bytes':
      return shape.length === undefined
        ? align(start, 4) + 4 + (shape.bound ?? Infinity)
        : start + shape.length;
    case 'struct':
      return keyMembers(model, shape.model).reduce(
        (end, { optional, type }) => endOf(model, shapeOf(model, type), optional ? end + 1 : end),
        start,
      );
    case 'union': {
      const { discriminator, discriminatorKey, cases } = shape.model;
      const end = endOf(model, shapeOf(model, discriminator), start);
      if (discriminatorKey) return end;
      return Math.max(end, ...cases.map(({ member }) => endOf(model, shapeOf(model, member.type), end)));
    }
    case 'array':
      return elements(
        model,
        shape.element,
        elementCount(shape.dimensions),
        lengths(start, isPrimitiveArray(shape), 0),
      );
    case 'sequence':
      return elements(
        model,
        shape.element,
        shape.bound ?? Infinity,
        lengths(start, isPrimitive(shape.element), 4),
      );
    case 'map':
      return Infinity;
  }
}

function lengths(start: number, isPlain: boolean, count: number): number {
  if (isPlain && count === 0) return start;
  return align(start, 4) + (isPlain ? 0 : 4) + count;
}

function elements(model: Model, element: Shape, count: number, start: number): number {
  let end = start;
  for (let i = 0; i < count && end <= hashBytes; i++) end = endOf(model, element, end);
  return end;
}

function align(offset: number, alignment: number): number {
  return Math.ceil(offset / alignment) * alignment;
}

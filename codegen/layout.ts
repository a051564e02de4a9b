import type { MemberModel, Model, StructModel } from '../idl/index.js';
import { allMembers } from '../idl/index.js';
import { codecOf } from './scalar-text.js';
import type { Shape } from './shape.js';
import { elementCount, isScalar, shapeOf } from './shape.js';
import { fixedBytes } from './support/index.js';

/** Where one member lies. */
export interface Place {
  readonly member: MemberModel;
  readonly offset: number;
  readonly shape: Shape;
}

/** The fixed layout of a struct: members in their order, each at its natural alignment. */
export interface Layout {
  readonly places: readonly Place[];
  /** A multiple of the alignment. */
  readonly size: number;
  readonly alignment: number;
}

/** The layout of a fixed-size `@final` struct; `undefined` for any other. */
export function layoutOf(model: Model, struct: StructModel): Layout | undefined {
  if (struct.extensibility !== 'final') return undefined;
  const places: Place[] = [];
  let end = 0;
  let alignment = 1;
  for (const member of allMembers(model, struct)) {
    if (member.optional) return undefined;
    const shape = shapeOf(model, member.type);
    const size = sizeOf(model, shape);
    if (size === undefined) return undefined;
    const offset = align(end, size.alignment);
    places.push({ member, offset, shape });
    end = offset + size.size;
    alignment = Math.max(alignment, size.alignment);
  }
  if (places.length === 0) return undefined;
  const size = align(end, alignment);
  return { places, size, alignment };
}

/** The bytes of a sample in place: a multiple of 8, so that samples one after the other stay aligned. */
export function byteLengthOf(layout: Layout): number {
  return align(layout.size, 8);
}

interface Size {
  readonly size: number;
  readonly alignment: number;
}

/** The size of one value; `undefined` where values differ in size. */
export function sizeOf(model: Model, shape: Shape): Size | undefined {
  if (isScalar(shape)) {
    const { size } = codecOf(shape);
    return { size, alignment: size };
  }
  switch (shape.kind) {
    case 'fixed':
      return { size: fixedBytes(shape.digits), alignment: 1 };
    case 'bytes':
      return shape.length === undefined ? undefined : { size: shape.length, alignment: 1 };
    case 'array': {
      const element = sizeOf(model, shape.element);
      return element && { ...element, size: element.size * elementCount(shape.dimensions) };
    }
    case 'struct':
      return layoutOf(model, shape.model);
    default:
      return undefined;
  }
}

function align(offset: number, alignment: number): number {
  return Math.ceil(offset / alignment) * alignment;
}

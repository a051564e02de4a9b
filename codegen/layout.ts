import type { Model, StructModel } from '../idl/index.js';
import { scalarCodecs } from './scalars.js';
import type { Shape } from './shape.js';
import { elementCount, shapeOf } from './shape.js';

/** Where one member lies. */
export interface Place {
  readonly name: string;
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
  for (const member of struct.members) {
    if (member.optional) return undefined;
    const shape = shapeOf(model, member.type);
    const size = sizeOf(model, shape);
    if (size === undefined) return undefined;
    const offset = align(end, size.alignment);
    places.push({ name: member.name, offset, shape });
    end = offset + size.size;
    alignment = Math.max(alignment, size.alignment);
  }
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
  switch (shape.kind) {
    case 'primitive': {
      const { size } = scalarCodecs[shape.name];
      return { size, alignment: size };
    }
    case 'enum':
      return { size: 4, alignment: 4 };
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

import type {
  BitmaskModel,
  BitsetModel,
  Definition,
  ElementModel,
  EnumModel,
  Model,
  PrimitiveName,
  StructModel,
  TryConstruct,
  Type,
  UnionModel,
} from '../idl/index.js';
import { resolveTypedefs } from '../idl/index.js';

/** A type as codecs see it: typedefs resolved, runs of octets told apart from other sequences and arrays. */
export type Shape =
  | { readonly kind: 'primitive'; readonly name: PrimitiveName }
  | { readonly kind: 'string'; readonly bound: number | undefined }
  | { readonly kind: 'wstring'; readonly bound: number | undefined }
  | { readonly kind: 'fixed'; readonly digits: number; readonly scale: number }
  /** A `sequence` of octets (with a bound or not) or an array of them (with a length): a Uint8Array. */
  | { readonly kind: 'bytes'; readonly bound?: number | undefined; readonly length?: number | undefined }
  | { readonly kind: 'enum'; readonly model: EnumModel }
  | { readonly kind: 'bitmask'; readonly model: BitmaskModel }
  | { readonly kind: 'bitset'; readonly model: BitsetModel }
  | { readonly kind: 'struct'; readonly model: StructModel }
  | { readonly kind: 'union'; readonly model: UnionModel }
  | {
      readonly kind: 'sequence';
      readonly element: Shape;
      readonly bound: number | undefined;
      readonly tryConstruct: TryConstruct;
    }
  | {
      readonly kind: 'array';
      readonly element: Shape;
      readonly dimensions: readonly number[];
      readonly tryConstruct: TryConstruct;
      /** How many elements take their defaults together where one does not fit: those of an array that is an element itself. */
      readonly rowLength?: number | undefined;
    }
  | {
      readonly kind: 'map';
      readonly key: Shape;
      readonly value: Shape;
      readonly bound: number | undefined;
      readonly keyTryConstruct: TryConstruct;
      readonly valueTryConstruct: TryConstruct;
    };

/** A type with members: a message of its own. */
export type Aggregate = StructModel | UnionModel;

/** The largest bound: what an unbounded string or sequence has. */
export const unbounded = 0xffff_ffff;

export function shapeOf(model: Model, type: Type): Shape {
  const resolved = resolveTypedefs(model, type);
  switch (resolved.kind) {
    case 'primitive':
    case 'fixed':
      return resolved;
    case 'string':
    case 'wstring':
      return { kind: resolved.kind, bound: resolved.bound };
    case 'sequence': {
      const element = shapeOf(model, resolved.element);
      if (isOctet(element)) return { kind: 'bytes', bound: resolved.bound };
      return { kind: 'sequence', element, bound: resolved.bound, tryConstruct: triedOf(resolved.elements) };
    }
    case 'array':
      return arrayOf(shapeOf(model, resolved.element), resolved.dimensions, triedOf(resolved.elements));
    case 'map':
      return {
        kind: 'map',
        key: shapeOf(model, resolved.key),
        value: shapeOf(model, resolved.value),
        bound: resolved.bound,
        keyTryConstruct: triedOf(resolved.keys),
        valueTryConstruct: triedOf(resolved.values),
      };
    case 'named':
      return namedShape(model, resolved.name);
  }
}

function triedOf(elements: ElementModel | undefined): TryConstruct {
  return elements?.tryConstruct ?? 'discard';
}

function arrayOf(element: Shape, dimensions: readonly number[], tryConstruct: TryConstruct): Shape {
  // An array of arrays (through a typedef) is one array of more dimensions.
  if (element.kind === 'array') {
    const rowLength = tryConstruct === 'useDefault' ? elementCount(element.dimensions) : undefined;
    return {
      ...element,
      dimensions: [...dimensions, ...element.dimensions],
      rowLength: element.rowLength ?? rowLength,
    };
  }
  if (!isOctet(element)) return { kind: 'array', element, dimensions, tryConstruct };
  const bytes: Shape = { kind: 'bytes', length: dimensions.at(-1)! };
  const outer = dimensions.slice(0, -1);
  return outer.length === 0 ? bytes : { kind: 'array', element: bytes, dimensions: outer, tryConstruct };
}

function namedShape(model: Model, name: string): Shape {
  const definition = model.definitions.get(name)!;
  switch (definition.kind) {
    case 'struct':
      return { kind: 'struct', model: definition };
    case 'union':
      return { kind: 'union', model: definition };
    case 'enum':
      return { kind: 'enum', model: definition };
    case 'bitmask':
      return { kind: 'bitmask', model: definition };
    case 'bitset':
      return { kind: 'bitset', model: definition };
    default:
      throw new Error(`${name} is no type of data`);
  }
}

/** Whether a type has a shape: not where it is, or repeats, what the model keeps for request/reply, which may be declared only. */
export function isData(model: Model, type: Type): boolean {
  const resolved = resolveTypedefs(model, type);
  switch (resolved.kind) {
    case 'sequence':
    case 'array':
      return isData(model, resolved.element);
    case 'map':
      return isData(model, resolved.key) && isData(model, resolved.value);
    case 'named':
      return dataKinds.has(model.definitions.get(resolved.name)?.kind);
    default:
      return true;
  }
}

const dataKinds: ReadonlySet<Definition['kind'] | undefined> = new Set([
  'struct',
  'union',
  'enum',
  'bitmask',
  'bitset',
] as const);

function isOctet(shape: Shape): boolean {
  return shape.kind === 'primitive' && (shape.name === 'octet' || shape.name === 'uint8');
}

/** A shape whose value is one number on the wire. */
export type ScalarShape = Extract<Shape, { kind: 'primitive' | 'enum' | 'bitmask' | 'bitset' }>;

/** Protobuf packs repeated fields of just these. */
export function isScalar(shape: Shape): shape is ScalarShape {
  const { kind } = shape;
  return kind === 'primitive' || kind === 'enum' || kind === 'bitmask' || kind === 'bitset';
}

export type RepeatedShape = Extract<Shape, { kind: 'sequence' | 'array' | 'map' }>;

/** Whether it is a repeated field (or would be), so that a repetition of it needs a message around each. */
export function isRepeated(shape: Shape): shape is RepeatedShape {
  return shape.kind === 'sequence' || shape.kind === 'array' || shape.kind === 'map';
}

/** The number of elements of an array, all dimensions together. */
export function elementCount(dimensions: readonly number[]): number {
  return dimensions.reduce((product, size) => product * size, 1);
}

/** The bytes that an enum takes in memory. */
export function enumBytes({ bitBound }: EnumModel): 1 | 2 | 4 {
  return bitBound <= 8 ? 1 : bitBound <= 16 ? 2 : 4;
}

/** Whether the values of an enum are 0, 1, 2 and so on: then their number says which there are. */
export function isCounted({ enumerators }: EnumModel): boolean {
  return enumerators.every(({ value }, i) => value === i);
}

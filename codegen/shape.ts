import type { EnumModel, Model, StructModel, Type } from '../idl/index.js';
import { resolveTypedefs } from '../idl/index.js';
import { NotGeneratedError } from './not-generated.js';
import type { ScalarName } from './scalars.js';

/** A type as codecs see it: typedefs resolved, runs of octets told apart from other sequences and arrays. */
export type Shape =
  | { readonly kind: 'primitive'; readonly name: ScalarName }
  | { readonly kind: 'string'; readonly bound: number | undefined }
  /** A `sequence` of octets (with a bound or not) or an array of them (with a length): a Uint8Array. */
  | { readonly kind: 'bytes'; readonly bound?: number | undefined; readonly length?: number | undefined }
  | { readonly kind: 'enum'; readonly model: EnumModel }
  | { readonly kind: 'struct'; readonly model: StructModel }
  | { readonly kind: 'sequence'; readonly element: Shape; readonly bound: number | undefined }
  | { readonly kind: 'array'; readonly element: Shape; readonly dimensions: readonly number[] };

/** The largest bound: what an unbounded string or sequence has. */
export const unbounded = 0xffff_ffff;

export function shapeOf(model: Model, type: Type): Shape {
  const resolved = resolveTypedefs(model, type);
  switch (resolved.kind) {
    case 'primitive': {
      const { name } = resolved;
      if (name === 'wchar' || name === 'longdouble') throw new NotGeneratedError(`The type ${name}`);
      return { kind: 'primitive', name };
    }
    case 'wstring':
    case 'map':
    case 'fixed':
      throw new NotGeneratedError(`The type ${resolved.kind}`);
    case 'string':
      return { kind: 'string', bound: resolved.bound };
    case 'sequence': {
      const element = shapeOf(model, resolved.element);
      if (isOctet(element)) return { kind: 'bytes', bound: resolved.bound };
      return { kind: 'sequence', element, bound: resolved.bound };
    }
    case 'array': {
      const element = shapeOf(model, resolved.element);
      // An array of arrays (through a typedef) is one array of more dimensions.
      if (element.kind === 'array') {
        return { ...element, dimensions: [...resolved.dimensions, ...element.dimensions] };
      }
      if (!isOctet(element)) return { kind: 'array', element, dimensions: resolved.dimensions };
      const length = resolved.dimensions.at(-1)!;
      const outer = resolved.dimensions.slice(0, -1);
      const bytes: Shape = { kind: 'bytes', length };
      return outer.length === 0 ? bytes : { kind: 'array', element: bytes, dimensions: outer };
    }
    case 'named': {
      const definition = model.definitions.get(resolved.name)!;
      if (definition.kind === 'struct') return { kind: 'struct', model: definition };
      if (definition.kind === 'enum') return { kind: 'enum', model: definition };
      throw new NotGeneratedError(`The ${definition.kind} ${resolved.name}`);
    }
  }
}

function isOctet(shape: Shape): boolean {
  return shape.kind === 'primitive' && (shape.name === 'octet' || shape.name === 'uint8');
}

/** Whether protobuf packs a repeated field of it. */
export function isPackable(shape: Shape): boolean {
  return shape.kind === 'primitive' || shape.kind === 'enum';
}

/** Whether it is a repeated field (or would be), so that a repetition of it needs a message around each. */
export function isRepeated(shape: Shape): shape is Shape & { kind: 'sequence' | 'array' } {
  return shape.kind === 'sequence' || shape.kind === 'array';
}

/** The number of elements of an array, all dimensions together. */
export function elementCount(dimensions: readonly number[]): number {
  return dimensions.reduce((product, size) => product * size, 1);
}

/** The protobuf field number of a member id; protobuf keeps 19000 to 19999 for itself. */
export function fieldNumber(id: number): number {
  return id < 18999 ? id + 1 : id + 1001;
}

export type WireType = 0 | 1 | 2 | 5;

/** The wire type of one value. */
export function wireTypeOf(shape: Shape): WireType {
  if (shape.kind === 'enum') return 0;
  if (shape.kind !== 'primitive') return 2;
  return shape.name === 'float' ? 5 : shape.name === 'double' ? 1 : 0;
}

/** A field's tag, as an unsigned 32-bit number. */
export function tagOf(number: number, wireType: WireType): number {
  return number * 8 + wireType;
}

/** The bytes of an unsigned 32-bit varint. */
export function varintBytes(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varintBytes(value >>> 7)];
}

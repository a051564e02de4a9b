import type { MemberModel } from '../idl/index.js';
import { codecOf } from './scalar-text.js';
import type { Aggregate, Shape } from './shape.js';
import { isScalar } from './shape.js';

/** The protobuf field number of a member id; protobuf keeps 19000 to 19999 for itself. */
export function fieldNumber(id: number): number {
  return id < 18999 ? id + 1 : id + 1001;
}

/** The largest field number that there is. */
const lastNumber = 2 ** 29 - 1;

/** The field number of a member of a struct or a union. In a union the discriminator has the place of the id 0. */
export function numberOf(owner: Aggregate, { id }: MemberModel): number {
  return owner.kind === 'union' && id === 0 ? lastNumber : fieldNumber(id);
}

export type WireType = 0 | 1 | 2 | 5;

/** The wire type of one value. */
export function wireTypeOf(shape: Shape): WireType {
  if (!isScalar(shape)) return 2;
  const { proto } = codecOf(shape);
  return proto === 'float' ? 5 : proto === 'double' ? 1 : 0;
}

/** A field's tag, as an unsigned 32-bit number. */
export function tagOf(number: number, wireType: WireType): number {
  return number * 8 + wireType;
}

/** The bytes of an unsigned 32-bit varint. */
export function varintBytes(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varintBytes(value >>> 7)];
}

/** Whether a map can be protobuf's own, which has few types of keys; else it is a repeated message of the same bytes. */
export function isProtobufMap({ key, value }: Extract<Shape, { kind: 'map' }>): boolean {
  const keys = key.kind === 'string' || key.kind === 'wstring' || isIntegral(key);
  return keys && value.kind !== 'sequence' && value.kind !== 'array' && value.kind !== 'map';
}

function isIntegral(shape: Shape): boolean {
  if (shape.kind === 'enum' || !isScalar(shape)) return false;
  return !['float', 'double'].includes(codecOf(shape).proto);
}

import type { MemberModel } from '../idl/index.js';
import { defaultOf } from './defaults.js';
import type { ModuleWriter } from './module-writer.js';
import { typeOnly } from './module-writer.js';
import { codecOf } from './scalar-text.js';
import type { Shape } from './shape.js';
import { isCounted } from './shape.js';

/**
 * How a member is read: as its shape is or, where `@try_construct` lets the reader be content with less, as whatever was
 * sent; {@link fitted} then makes a value of its type of it.
 */
export function shapeRead(member: MemberModel, shape: Shape, carrier: 'protobuf' | 'xcdr2'): Shape {
  if (!isLenient(member, shape)) return shape;
  if (shape.kind !== 'enum') return { ...shape, bound: undefined } as Shape;
  if (carrier === 'protobuf') return { kind: 'primitive', name: 'int32' };
  const { accessor } = codecOf(shape);
  return { kind: 'primitive', name: accessor.toLowerCase() as 'int32' };
}

/** The expression for a member, of that for what was read. */
export function fitted(module: ModuleWriter, member: MemberModel, shape: Shape, value: string): string {
  if (!isLenient(member, shape)) return value;
  const fit = fitText(module, member, shape, value);
  return member.optional ? `${value} === undefined ? undefined : ${fit}` : fit;
}

/** Of a key nothing may be lost, or two instances would be one. */
function isLenient({ tryConstruct, key }: MemberModel, shape: Shape): boolean {
  if (tryConstruct === 'discard' || key) return false;
  if (shape.kind === 'enum') return tryConstruct === 'useDefault';
  return 'bound' in shape && shape.bound !== undefined;
}

function fitText(module: ModuleWriter, member: MemberModel, shape: Shape, value: string): string {
  const call = (name: string, ...rest: (string | number)[]): string =>
    `${module.support(name)}(${[value, ...rest].join(', ')})`;
  const fallback = defaultOf(module, member);
  if (shape.kind === 'enum') {
    const { model } = shape;
    const known = isCounted(model) ? model.enumerators.length : module.named(model, 'values');
    return `${call('enumOr', known, fallback)}${typeOnly(` as ${module.named(model, 'type', 'type')}`)}`;
  }
  const bound = 'bound' in shape ? shape.bound! : 0;
  const what = nameOf(shape);
  return member.tryConstruct === 'trim' ? call(`trim${what}`, bound) : call(orName(what), bound, fallback);
}

function nameOf({ kind }: Shape): 'Text' | 'WideText' | 'Map' | 'List' {
  return kind === 'string' ? 'Text' : kind === 'wstring' ? 'WideText' : kind === 'map' ? 'Map' : 'List';
}

function orName(what: string): string {
  return `${what.charAt(0).toLowerCase()}${what.slice(1)}Or`;
}

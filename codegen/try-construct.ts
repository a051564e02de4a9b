import type { MemberModel, Model, TryConstruct, UnionModel } from '../idl/index.js';
import { allMembers } from '../idl/index.js';
import { defaultOf, defaultText } from './defaults.js';
import { shapeText } from './emit-types.js';
import type { ModuleWriter } from './module-writer.js';
import { typeOnly } from './module-writer.js';
import type { Body } from './scalar-text.js';
import { enumOrText, readText } from './scalar-text.js';
import type { ScalarShape, Shape } from './shape.js';
import { shapeOf } from './shape.js';

/** Where a value is read: of which shape it is to be, and what becomes of one that does not fit. */
export interface Spot {
  readonly shape: Shape;
  /** `trim` and `useDefault` only where they can act: what nothing can fail of is just read. */
  readonly tryConstruct: TryConstruct;
  /** What `useDefault` takes. */
  readonly fallback: string;
}

type Sequence = Extract<Shape, { kind: 'sequence' }>;
type ArrayShape = Extract<Shape, { kind: 'array' }>;
type MapShape = Extract<Shape, { kind: 'map' }>;

export function memberSpot(module: ModuleWriter, member: MemberModel): Spot {
  const { shape, tryConstruct } = tried(module.model, member);
  return spotOf(module, shape, tryConstruct, () => defaultOf(module, member));
}

export function elementSpot(module: ModuleWriter, shape: Sequence | ArrayShape): Spot {
  const { element, tryConstruct } = shape;
  // Which elements of a row did not fit is remembered until all are there.
  if (rowLengthOf(module, shape) !== undefined)
    return { shape: element, tryConstruct: 'useDefault', fallback: 'undefined' };
  return spotOf(module, element, tryConstruct, () => defaultText(module, element));
}

export function keySpot(module: ModuleWriter, { key, keyTryConstruct }: MapShape): Spot {
  return spotOf(module, key, keyTryConstruct, () => defaultText(module, key));
}

export function valueSpot(module: ModuleWriter, { value, valueTryConstruct }: MapShape): Spot {
  return spotOf(module, value, valueTryConstruct, () => defaultText(module, value));
}

/** How many elements take their defaults together. */
export function rowLengthOf({ model }: ModuleWriter, shape: Sequence | ArrayShape): number | undefined {
  const acts = shape.kind === 'array' && shape.tryConstruct === 'discard' && canFail(model, shape.element);
  return acts ? shape.rowLength : undefined;
}

/** The type of the list that elements are read into. */
export function listText(module: ModuleWriter, shape: Sequence | ArrayShape): string {
  const element = shapeText(module, shape.element);
  return rowLengthOf(module, shape) === undefined ? `${element}[]` : `(${element} | undefined)[]`;
}

/** The list of all elements of an array, once they are read. */
export function mended({ module, lines, locals }: Body, shape: ArrayShape, list: string): string {
  const length = rowLengthOf(module, shape);
  if (length === undefined) return list;
  const whole = locals.claim('whole');
  const call = module.support('mendRows') + typeOnly(`<${shapeText(module, shape.element)}>`);
  lines.add(`const ${whole} = ${call}(${list}, ${length}, () => ${defaultText(module, shape.element)});`);
  return whole;
}

/** Where nothing else is said: what holds the value fails with it. */
export function plainSpot(shape: Shape): Spot {
  return { shape, tryConstruct: 'discard', fallback: '' };
}

/** The default is not made where it is not needed, since it may be imported. */
function spotOf(
  module: ModuleWriter,
  shape: Shape,
  tryConstruct: TryConstruct,
  fallback: () => string,
): Spot {
  if (tryConstruct === 'trim' && isBounded(shape)) return { shape, tryConstruct, fallback: '' };
  if (tryConstruct !== 'useDefault' || !canFail(module.model, shape)) return plainSpot(shape);
  return { shape, tryConstruct, fallback: fallback() };
}

function isBounded(shape: Shape): boolean {
  return 'bound' in shape && shape.bound !== undefined;
}

/** A member as it is tried. Of a key nothing may be lost, or two instances would be one. */
function tried(model: Model, member: MemberModel): { shape: Shape; tryConstruct: TryConstruct } {
  const shape = shapeOf(model, member.type);
  if (member.key) return { shape: strictly(shape), tryConstruct: 'discard' };
  return { shape, tryConstruct: member.tryConstruct };
}

function strictly(shape: Shape): Shape {
  switch (shape.kind) {
    case 'sequence':
      return { ...shape, element: strictly(shape.element), tryConstruct: 'discard' };
    case 'array':
      return { ...shape, element: strictly(shape.element), tryConstruct: 'discard', rowLength: undefined };
    case 'map':
      return {
        ...shape,
        key: strictly(shape.key),
        value: strictly(shape.value),
        keyTryConstruct: 'discard',
        valueTryConstruct: 'discard',
      };
    default:
      return shape;
  }
}

/** Whether a well-formed value can be one that does not fit, and leave that to whatever holds it. */
export function canFail(model: Model, shape: Shape, seen: ReadonlySet<string> = new Set()): boolean {
  const fails = (of: Shape, tryConstruct: TryConstruct): boolean => {
    if (tryConstruct === 'useDefault') return false;
    return canFail(model, tryConstruct === 'trim' ? unboundedly(of) : of, seen);
  };
  switch (shape.kind) {
    case 'enum':
      return true;
    case 'sequence':
      return shape.bound !== undefined || fails(shape.element, shape.tryConstruct);
    case 'array':
      if (shape.rowLength !== undefined && shape.tryConstruct === 'discard') return false;
      return fails(shape.element, shape.tryConstruct);
    case 'map':
      if (shape.bound !== undefined) return true;
      return fails(shape.key, shape.keyTryConstruct) || fails(shape.value, shape.valueTryConstruct);
    case 'struct':
    case 'union': {
      const { model: of } = shape;
      if (seen.has(of.name)) return false;
      const inner = new Set(seen).add(of.name);
      if (of.kind === 'union' && of.discriminatorTryConstruct !== 'useDefault' && canBeUnknown(model, of))
        return true;
      const members = of.kind === 'struct' ? allMembers(model, of) : of.cases.map(({ member }) => member);
      return members.some((member) => {
        const { shape: own, tryConstruct } = tried(model, member);
        if (tryConstruct === 'useDefault') return false;
        return canFail(model, tryConstruct === 'trim' ? unboundedly(own) : own, inner);
      });
    }
    default:
      return isBounded(shape);
  }
}

/** Cutting makes whatever is too long fit; what is wrong with its elements stays wrong. */
function unboundedly(shape: Shape): Shape {
  return isBounded(shape) ? ({ ...shape, bound: undefined } as Shape) : shape;
}

/** Whether a discriminator can have a value that selects nothing, not even nothing. */
function canBeUnknown(model: Model, { discriminator }: UnionModel): boolean {
  const { kind } = shapeOf(model, discriminator);
  return kind === 'enum' || kind === 'bitmask';
}

/** The value that a number of the wire stands for, where it is read. */
export function scalarAt(module: ModuleWriter, spot: Spot, carried: string, path: string): string {
  const shape = spot.shape as ScalarShape;
  if (shape.kind === 'enum' && spot.tryConstruct === 'useDefault')
    return enumOrText(module, shape, carried, spot.fallback);
  return readText(module, shape, carried, path);
}

/** Whether something else may have to be taken for what was read; of an enum that is told by its value. */
export function isAttempted({ shape, tryConstruct }: Spot): boolean {
  return tryConstruct === 'useDefault' && shape.kind !== 'enum';
}

/** The bytes, units or elements that a reader takes: where more are cut off, and where they are counted elsewhere, any number. */
export function limitOf({ shape, tryConstruct }: Spot): number | undefined {
  return tryConstruct === 'trim' && 'bound' in shape ? shape.bound : undefined;
}

/** Begins to read what something else may have to be taken for; returns the local for what is read, and the expression for what is taken. */
export function attempt({ lines, locals }: Body, { fallback }: Spot): { value: string; taken: string } {
  const before = locals.claim('before');
  const value = locals.claim('value');
  lines.add(`const ${before} = reader.attempt();`);
  return { value, taken: `reader.failed(${before}) ? ${fallback} : ${value}` };
}

import type { ConstantValue, MemberModel, UnionModel } from '../idl/index.js';
import { shapeText, typeText } from './emit-types.js';
import { literalText, quoted } from './literal.js';
import type { ModuleWriter } from './module-writer.js';
import { typeOnly } from './module-writer.js';
import type { Body } from './scalar-text.js';
import { checked, valueOf, zeroOf } from './scalar-text.js';
import type { ScalarShape } from './shape.js';
import { isScalar, shapeOf } from './shape.js';

/** A value of a discriminator, as an expression and as a type. */
export interface Label {
  readonly value: string;
  readonly type: string;
}

/**
 * What some values of a discriminator select. Where the discriminator is an enum or a boolean, all its values are in one of the branches; else
 * one of them may have the rest: `$d` is then `'default'`, and `$label` the value.
 */
export interface Branch {
  readonly labels: readonly Label[];
  readonly hasRest: boolean;
  /** Absent where the values select nothing. */
  readonly member: MemberModel | undefined;
}

/** The discriminator's shape. */
export function discriminatorOf(module: ModuleWriter, union: UnionModel): ScalarShape {
  const shape = shapeOf(module.model, union.discriminator);
  if (!isScalar(shape)) throw new Error(`${union.name} has no scalar for a discriminator`);
  return shape;
}

export function branchesOf(module: ModuleWriter, union: UnionModel): Branch[] {
  const all = allLabels(module, union);
  const branches = union.cases.map(({ labels, isDefault, member }) => ({
    // Beside the rest of the values, a label says nothing.
    labels: isDefault && all === undefined ? [] : labels.map((label) => labelOf(module, union, label)),
    hasRest: isDefault && all === undefined,
    isDefault,
    member: member as MemberModel | undefined,
  }));
  const taken = new Set(branches.flatMap(({ labels }) => labels.map(({ value }) => value)));
  const rest = (all ?? []).filter(({ value }) => !taken.has(value));
  const byDefault = branches.find(({ isDefault }) => isDefault);
  if (byDefault !== undefined) byDefault.labels.push(...rest);
  else if (union.implicitDefault)
    branches.push({ labels: rest, hasRest: all === undefined, isDefault: true, member: undefined });
  return branches.filter(({ labels, hasRest }) => labels.length > 0 || hasRest);
}

function labelOf(module: ModuleWriter, union: UnionModel, value: ConstantValue): Label {
  if (value.kind === 'enumerator') return enumeratorLabel(module, value.enum, value.name);
  const text = literalText(module, value, union.discriminator);
  return { value: text, type: text };
}

/** All values of a discriminator that has few. */
function allLabels(module: ModuleWriter, union: UnionModel): Label[] | undefined {
  const shape = discriminatorOf(module, union);
  if (shape.kind === 'enum')
    return shape.model.enumerators.map(({ name }) => enumeratorLabel(module, shape.model.name, name));
  if (shape.kind === 'primitive' && shape.name === 'boolean')
    return ['true', 'false'].map((value) => ({ value, type: value }));
  return undefined;
}

function enumeratorLabel(module: ModuleWriter, name: string, enumerator: string): Label {
  const definition = module.model.definitions.get(name)!;
  return {
    value: `${module.named(definition, 'type')}.${enumerator}`,
    type: `typeof ${module.named(definition, 'type', 'type')}.${enumerator}`,
  };
}

/** The discriminator of a union's value, as codecs and keys take it: for the rest it is `$label`, or the one that is taken without. */
export function givenDiscriminator(
  module: ModuleWriter,
  union: UnionModel,
  branches: readonly Branch[],
  value: string,
): string {
  if (!branches.some(({ hasRest }) => hasRest)) return `${value}.$d`;
  const rest = `${value}.$label ?? ${restLabel(module, union, branches)}`;
  return branches.length === 1 ? rest : `${value}.$d === 'default' ? (${rest}) : ${value}.$d`;
}

/** The label that a value of the rest has where it says none: the first that is free. */
function restLabel(module: ModuleWriter, union: UnionModel, branches: readonly Branch[]): string {
  const shape = discriminatorOf(module, union);
  const taken = new Set(branches.flatMap(({ labels }) => labels.map(({ value }) => value)));
  // Of the types that a file can fill with labels, int8 alone has numbers below 0.
  const isInt8 = shape.kind === 'primitive' && shape.name === 'int8';
  for (let i = 0; ; i++) {
    const text = numberLabel(module, shape, isInt8 ? (i << 24) >> 24 : i);
    if (!taken.has(text)) return text;
  }
}

function numberLabel(module: ModuleWriter, shape: ScalarShape, number: number): string {
  const type = carriedType(module, shape);
  if (type === 'string') return quoted(String.fromCharCode(number));
  return type === 'bigint' ? `${number}n` : String(number);
}

/** The type of a discriminator's values; that of an enum is the enum's. */
function carriedType(module: ModuleWriter, shape: ScalarShape): string {
  if (shape.kind === 'bitmask') return shape.model.bitBound > 32 ? 'bigint' : 'number';
  return shapeText(module, shape);
}

/** The lines that take the discriminator of `sample`; returns what is to be written of it. */
export function takeDiscriminator(body: Body, union: UnionModel, branches: readonly Branch[]): string {
  const { module, lines } = body;
  const path = `'${union.name}.$d'`;
  lines.add(`const discriminator = ${givenDiscriminator(module, union, branches, 'sample')};`);
  return checked(body, discriminatorOf(module, union), 'discriminator', path);
}

/** A switch over the discriminator of `sample`, for writing. */
export function writeBranches(
  { module, lines }: Body,
  union: UnionModel,
  branches: readonly Branch[],
  write: (member: MemberModel) => void,
): void {
  const path = `'${union.name}.$d'`;
  lines.block('switch (sample.$d)', () => {
    for (const { labels, hasRest, member } of branches) {
      const cases = [...labels.map(({ value }) => value), ...(hasRest ? [`'default'`] : [])];
      cases.slice(0, -1).forEach((value) => lines.add(`case ${value}:`));
      lines.block(`case ${cases.at(-1)!}:`, () => {
        if (hasRest) refuseTaken(module, lines, branches, path);
        if (member !== undefined) write(member);
        lines.add('break;');
      });
    }
    lines.branch('default:', () =>
      lines.add(`${module.support('reject')}(${path}, discriminator, 'a label of its union');`),
    );
  });
}

/** A label of the rest must not be another branch's. */
function refuseTaken(
  module: ModuleWriter,
  lines: Body['lines'],
  branches: readonly Branch[],
  path: string,
): void {
  for (const { value } of branches.flatMap(({ labels }) => labels))
    lines.add(
      `if (discriminator === ${value}) ${module.support('reject')}(${path}, discriminator, 'a label of no other case');`,
    );
}

/**
 * A switch over `discriminator`, for reading: each branch sets `result`, of which `memberOf` gives the member. `unknown` is what is done before
 * the default is taken, where a discriminator selects nothing that is known here.
 */
export function readBranches(
  { module, lines }: Body,
  union: UnionModel,
  branches: readonly Branch[],
  memberOf: (member: MemberModel) => string,
  unknown: () => void = () => {},
): void {
  const shape = discriminatorOf(module, union);
  // An enum's is read as a number: one that is not known is for this switch to find.
  const type = shape.kind === 'enum' ? 'number' : carriedType(module, shape);
  lines.block('switch (discriminator)', () => {
    for (const { labels, hasRest, member } of [...branches].sort(
      (a, b) => Number(a.hasRest) - Number(b.hasRest),
    )) {
      const cases = labels.map(({ value }) => `case ${value}:`);
      if (hasRest) cases.push('default:');
      cases.slice(0, -1).forEach((text) => lines.add(text));
      lines.block(cases.at(-1)!, () => {
        const own = member === undefined ? '' : `, ${memberOf(member)}`;
        lines.add(`result = { ${tagText(labels, hasRest, type)}${own} };`);
        lines.add('break;');
      });
    }
    if (branches.some(({ hasRest }) => hasRest)) return;
    lines.block('default:', () => {
      if (union.discriminatorTryConstruct !== 'useDefault')
        lines.add('reader.unfit(`${discriminator} is no label of ' + union.name + '`);');
      unknown();
      lines.add(`result = ${module.named(union, 'defaults')}();`);
    });
  });
}

/** `$d`, and `$label` for the rest. */
function tagText(labels: readonly Label[], hasRest: boolean, type: string): string {
  if (hasRest) return `$d: 'default', $label: discriminator`;
  const [only, ...others] = labels;
  if (others.length === 0) return `$d: ${only!.value}`;
  const narrows = type !== 'number' && type !== 'bigint' && type !== 'string';
  const types = labels.map((label) => label.type).join(' | ');
  return `$d: discriminator${narrows ? '' : typeOnly(` as ${types}`)}`;
}

/** The expression for the value of a union of which nothing was sent: its discriminator's default, and what that selects. */
export function defaultBranch(
  module: ModuleWriter,
  union: UnionModel,
  defaultOf: (member: MemberModel) => string,
): string {
  const branches = branchesOf(module, union);
  const zero = defaultLabel(module, union);
  const selected = branches.find(({ labels }) => labels.some(({ value }) => value === zero));
  const branch = selected ?? branches.find(({ hasRest }) => hasRest) ?? branches[0]!;
  const tag =
    selected !== undefined
      ? `$d: ${zero}`
      : branch.hasRest
        ? `$d: 'default', $label: ${zero}`
        : `$d: ${branch.labels[0]!.value}`;
  const { member } = branch;
  return `{ ${tag}${member === undefined ? '' : `, ${member.name}: ${defaultOf(member)}`} }`;
}

/** The discriminator's `@default`, or that of its type. */
function defaultLabel(module: ModuleWriter, union: UnionModel): string {
  if (union.discriminatorDefault !== undefined)
    return labelOf(module, union, union.discriminatorDefault).value;
  const shape = discriminatorOf(module, union);
  if (shape.kind !== 'enum') return zeroOf(module, shape);
  const { model } = shape;
  const { name } =
    model.enumerators.find((each) => each.name === model.defaultLiteral) ?? model.enumerators[0]!;
  return enumeratorLabel(module, model.name, name).value;
}

/** The type of `$label`. */
export function labelType(module: ModuleWriter, union: UnionModel): string {
  return typeText(module, union.discriminator);
}

/** The value of a discriminator from the wire; of an enum the number, whether it is known or not. */
export function discriminatorText(module: ModuleWriter, union: UnionModel, carried: string): string {
  const shape = discriminatorOf(module, union);
  return shape.kind === 'enum' ? carried : valueOf(module, shape, carried, `'${union.name}.$d'`);
}

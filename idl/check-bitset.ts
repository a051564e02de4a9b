import { extensibilityOf } from './annotation-set.js';
import type { CheckContext } from './check-context.js';
import { constantOf } from './constants.js';
import type { ScopedName } from './expression-syntax.js';
import type { BitfieldModel, BitsetModel } from './model.js';
import { allFields } from './model.js';
import { resolveType } from './resolve-type.js';
import type { Scope } from './scope.js';
import type { BitfieldSyntax, BitsetSyntax, TypeSyntax } from './syntax.js';
import type { PrimitiveName } from './type.js';
import { typeText } from './type-text.js';

const bitsMax = 64;

/** The types that a bitfield can have, and their bits. */
const widths: Readonly<Partial<Record<PrimitiveName, number>>> = {
  boolean: 1,
  octet: 8,
  int8: 8,
  uint8: 8,
  int16: 16,
  uint16: 16,
  int32: 32,
  uint32: 32,
  int64: 64,
  uint64: 64,
};

/** Turns a bitset's syntax into its model. `inner` is the scope of its fields. */
export function checkBitset(
  syntax: BitsetSyntax,
  outer: Scope,
  inner: Scope,
  context: CheckContext,
): BitsetModel {
  const annotations = context.annotations(syntax.annotations, 'bitset', outer);
  const base = syntax.base && baseOf(syntax.base, outer, context);
  for (const { name, span } of inheritedNames(base, syntax, context)) {
    inner.set(name, { kind: 'member', name: inner.qualify(name), span });
  }
  let position = base?.bitCount ?? 0;
  const fields: BitfieldModel[] = [];
  for (const field of syntax.fields) {
    for (const model of checkField(field, position, inner, context)) {
      fields.push(model);
      position = model.position + model.bits;
    }
  }
  if (position > bitsMax) {
    const message = `The bitset '${syntax.name.text}' has ${position} bits; at most ${bitsMax} are allowed. Split it.`;
    context.log.report('IDL4207', syntax.name.span, message);
  }
  return {
    kind: 'bitset',
    ...context.common(syntax.name, outer, syntax.doc, annotations),
    extensibility: extensibilityOf(annotations, context.names),
    base: base?.name,
    fields,
    bitCount: position,
  };
}

function inheritedNames(
  base: BitsetModel | undefined,
  { name: { span } }: BitsetSyntax,
  { model }: CheckContext,
) {
  if (base === undefined) return [];
  const named = allFields({ definitions: model }, base).filter(({ name }) => name !== undefined);
  return named.map(({ name }) => ({ name: name!, span }));
}

function checkField(
  syntax: BitfieldSyntax,
  start: number,
  scope: Scope,
  context: CheckContext,
): BitfieldModel[] {
  const bits = bitsOf(syntax, scope, context);
  const type = bits === undefined ? undefined : fieldType(syntax, bits, scope, context);
  const annotations = context.annotations(syntax.annotations, 'bitfield', scope);
  for (const name of syntax.names) context.declareMember(scope, name);
  if (bits === undefined || type === undefined) return [];
  const common = { bits, type, doc: syntax.doc, annotations: annotations.all };
  if (syntax.names.length === 0) return [{ position: start, ...common }];
  return syntax.names.map(({ text }, i) => ({ name: text, position: start + i * bits, ...common }));
}

function bitsOf({ bits }: BitfieldSyntax, scope: Scope, { names, log }: CheckContext): number | undefined {
  const value = constantOf(bits, { kind: 'primitive', name: 'int64' }, scope, names);
  if (value?.kind !== 'integer') return undefined;
  if (value.value >= 1n && value.value <= bitsMax) return Number(value.value);
  log.report('IDL4207', bits.span, `A bitfield has 1 to ${bitsMax} bits, not ${value.value}.`);
  return undefined;
}

/** The type that is written, or the smallest that holds it (IDL 4.2, 7.4.13.4.3.2). */
function fieldType(
  { type: syntax }: BitfieldSyntax,
  bits: number,
  scope: Scope,
  context: CheckContext,
): PrimitiveName | undefined {
  if (syntax === undefined) {
    if (bits === 1) return 'boolean';
    return bits <= 8 ? 'octet' : bits <= 16 ? 'uint16' : bits <= 32 ? 'uint32' : 'uint64';
  }
  const type = resolveType(syntax, scope, context);
  return type === undefined ? undefined : checkedType(syntax, context.resolve(type), bits, context);
}

function checkedType(
  syntax: TypeSyntax,
  type: ReturnType<CheckContext['resolve']>,
  bits: number,
  { log }: CheckContext,
): PrimitiveName | undefined {
  const width = type.kind === 'primitive' ? widths[type.name] : undefined;
  if (type.kind !== 'primitive' || width === undefined) {
    const message = `A bitfield cannot be ${typeText(type)}: use a boolean, an octet or an integer.`;
    log.report('IDL4006', syntax.span, message);
    return undefined;
  }
  if (bits > width) {
    const message = `${bits} bits do not fit in ${typeText(type)}, which has ${width}: use a larger type.`;
    log.report('IDL4207', syntax.span, message);
  }
  return type.name;
}

function baseOf(name: ScopedName, scope: Scope, context: CheckContext): BitsetModel | undefined {
  const entity = context.names.find(scope, name, 'bitset');
  if (entity === undefined || entity.kind === 'broken') return undefined;
  const definition = context.definitionOf({ kind: 'named', name: entity.name });
  if (definition?.kind === 'bitset') return definition;
  const notes = [{ message: 'It is declared here.', span: entity.span }];
  const message = `'${entity.name}' cannot be inherited from: it is no bitset. Name a bitset that is defined before.`;
  context.log.report('IDL3010', name.span, message, notes);
  return undefined;
}

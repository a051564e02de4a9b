import type { AnnotationSyntax } from './expression-syntax.js';
import type { CheckContext } from './check-context.js';
import { constantOf } from './constants.js';
import type { Expression } from './expression-syntax.js';
import { tryConstructOf } from './annotation-set.js';
import type { Entity, OpenEntity, Scope } from './scope.js';
import { kindText } from './scope.js';
import type { Span } from './source.js';
import type { Declarator, TypeSyntax } from './syntax.js';
import type { ElementModel, Type } from './type.js';
import { typeText } from './type-text.js';

/** Elements of one array, all dimensions multiplied: as many as a sequence can have. */
export const arrayElementsMax = 0xffff_ffff;

/** What is allowed where a type stands. */
export interface TypeUse {
  /** Interfaces and value types: in operations, value types and typedefs. */
  readonly references?: boolean | undefined;
}

/** The type that is written; `undefined` after reporting where there is none. */
export function resolveType(
  syntax: TypeSyntax,
  scope: Scope,
  context: CheckContext,
  use: TypeUse = {},
): Type | undefined {
  switch (syntax.kind) {
    case 'unsupported':
    case 'defined':
      // A type that is defined in place is declared and named by whoever allows it.
      return undefined;
    case 'primitive':
      return { kind: 'primitive', name: syntax.name };
    case 'string':
    case 'wstring': {
      const bound = boundOf(syntax.bound, scope, context);
      return bound === 'wrong' ? undefined : { kind: syntax.kind, bound };
    }
    case 'sequence':
      return sequenceType(syntax, scope, context, use);
    case 'map':
      return mapType(syntax, scope, context, use);
    case 'fixed':
      return fixedType(syntax, scope, context);
    case 'name': {
      const entity = context.names.find(scope, syntax.name, 'type');
      return entity && namedType(entity, syntax.span, context, use);
    }
  }
}

function sequenceType(
  syntax: TypeSyntax & { kind: 'sequence' },
  scope: Scope,
  context: CheckContext,
  use: TypeUse,
): Type | undefined {
  const element = resolveType(syntax.element.type, scope, context, use);
  const elements = elementModel(syntax.element.annotations, scope, context, element);
  const bound = boundOf(syntax.bound, scope, context);
  if (element === undefined || bound === 'wrong') return undefined;
  return { kind: 'sequence', element, bound, ...(elements && { elements }) };
}

function mapType(
  syntax: TypeSyntax & { kind: 'map' },
  scope: Scope,
  context: CheckContext,
  use: TypeUse,
): Type | undefined {
  const key = resolveType(syntax.key.type, scope, context, use);
  const value = resolveType(syntax.value.type, scope, context, use);
  const keys = elementModel(syntax.key.annotations, scope, context, key);
  const values = elementModel(syntax.value.annotations, scope, context, value);
  const bound = boundOf(syntax.bound, scope, context);
  if (key !== undefined && !isMapKey(key, context)) {
    const message = `The key of a map cannot be ${typeText(key)}: use an integer, a character, a boolean, a string or an enum.`;
    context.log.report('IDL4006', syntax.key.type.span, message);
    return undefined;
  }
  if (key === undefined || value === undefined || bound === 'wrong') return undefined;
  return { kind: 'map', key, value, bound, ...(keys && { keys }), ...(values && { values }) };
}

/** What can be compared by value (IDL 4.2, 7.4.13.4.4 leaves it open; this is what others take). */
function isMapKey(type: Type, context: CheckContext): boolean {
  const resolved = context.resolve(type);
  if (resolved.kind === 'primitive') return !/float|double/.test(resolved.name);
  if (resolved.kind === 'string' || resolved.kind === 'wstring') return true;
  const kind = context.definitionOf(resolved)?.kind;
  return kind === 'enum' || kind === 'bitmask';
}

function fixedType(
  syntax: TypeSyntax & { kind: 'fixed' },
  scope: Scope,
  context: CheckContext,
): Type | undefined {
  if (syntax.digits === undefined) {
    const message = "Here 'fixed' needs its digits and its scale, as in fixed<10, 2>.";
    context.log.report('IDL2001', syntax.span, message);
    return undefined;
  }
  const digits = smallNumber(syntax.digits, 1, 31, 'The number of digits', scope, context);
  const scale =
    syntax.scale === undefined
      ? 0
      : smallNumber(syntax.scale, 0, digits ?? 31, 'The scale of a fixed type', scope, context);
  return digits === undefined || scale === undefined ? undefined : { kind: 'fixed', digits, scale };
}

function smallNumber(
  expression: Expression,
  min: number,
  max: number,
  what: string,
  scope: Scope,
  { names, log }: CheckContext,
): number | undefined {
  const value = constantOf(expression, { kind: 'primitive', name: 'int64' }, scope, names);
  if (value?.kind !== 'integer') return undefined;
  if (value.value >= min && value.value <= max) return Number(value.value);
  log.report('IDL4005', expression.span, `${what} is from ${min} to ${max}, not ${value.value}.`);
  return undefined;
}

function namedType(entity: Entity, span: Span, context: CheckContext, use: TypeUse): Type | undefined {
  const { kind, name } = entity;
  switch (kind) {
    case 'broken':
      return undefined;
    case 'struct':
    case 'union':
    case 'enum':
    case 'bitmask':
    case 'bitset':
    case 'typedef':
      return { kind: 'named', name };
    case 'interface':
    case 'valuetype':
      if (use.references) return { kind: 'named', name };
  }
  const notes = [{ message: 'It is declared here.', span: entity.span }];
  context.log.report('IDL3004', span, `'${name}' is ${kindText(kind)}, no type of data.`, notes);
  return undefined;
}

/**
 * Reports a type that holds one which is not complete by value, directly or in an array: whether it is this one itself, or
 * one that is only declared so far. Returns whether it does. What is held by reference need not be complete.
 */
export function reportIncomplete(
  type: Type,
  span: Span,
  context: CheckContext,
  { references }: TypeUse = {},
): boolean {
  let resolved = context.resolve(type);
  while (resolved.kind === 'array') resolved = context.resolve(resolved.element);
  const entity = resolved.kind === 'named' ? context.openEntities.get(resolved.name) : undefined;
  if (entity === undefined || entity.state === 'complete') return false;
  const { name, kind } = entity;
  if (references && (kind === 'interface' || kind === 'valuetype')) return false;
  if (entity.state === 'open') {
    const notes = [{ message: 'It starts here.', span: entity.span }];
    const message = `'${name}' would contain itself, without end: hold it in a sequence, or make it @optional.`;
    context.log.report('IDL3008', span, message, notes);
  } else {
    const notes = [{ message: 'It is declared here.', span: entity.span }];
    const advice =
      kind === 'struct' || kind === 'union'
        ? 'define it before, or hold it in a sequence'
        : 'define it before';
    const message = `The ${kind} '${name}' is declared and not yet defined: ${advice}.`;
    context.log.report('IDL3005', span, message, notes);
  }
  return true;
}

/** The interface or value type that a type holds, through typedefs and collections, whether it is defined or only declared so far. */
export function referenceIn(type: Type, context: CheckContext): OpenEntity | undefined {
  const resolved = context.resolve(type);
  switch (resolved.kind) {
    case 'sequence':
    case 'array':
      return referenceIn(resolved.element, context);
    case 'map':
      return referenceIn(resolved.value, context);
    case 'named': {
      const entity = context.openEntities.get(resolved.name);
      return entity?.kind === 'interface' || entity?.kind === 'valuetype' ? entity : undefined;
    }
    default:
      return undefined;
  }
}

/** What annotations say of the elements of a collection. */
function elementModel(
  syntax: readonly AnnotationSyntax[],
  scope: Scope,
  context: CheckContext,
  type: Type | undefined,
): ElementModel | undefined {
  if (syntax.length === 0) return undefined;
  const annotations = context.annotations(syntax, 'element', scope, type);
  return { external: annotations.flag('external'), tryConstruct: tryConstructOf(annotations) };
}

/** A declarator's type: that before it, and the dimensions after its name. */
export function declaratorType(
  type: Type | undefined,
  declarator: Declarator,
  scope: Scope,
  context: CheckContext,
): Type | undefined {
  if (declarator.dimensions.length === 0) {
    for (const { span } of declarator.elementAnnotations) {
      context.log.report('IDL4102', span, 'An annotation after a name belongs to the elements of an array.');
    }
    return type;
  }
  const elements = elementModel(declarator.elementAnnotations, scope, context, type);
  const dimensions: number[] = [];
  for (const dimension of declarator.dimensions) {
    const size = boundOf(dimension, scope, context);
    if (typeof size === 'number') dimensions.push(size);
  }
  if (type === undefined || dimensions.length < declarator.dimensions.length) return undefined;
  return { kind: 'array', element: type, dimensions, ...(elements && { elements }) };
}

function boundOf(
  expression: Expression | undefined,
  scope: Scope,
  { names, log }: CheckContext,
): number | undefined | 'wrong' {
  if (expression === undefined) return undefined;
  const value = constantOf(expression, { kind: 'primitive', name: 'int64' }, scope, names);
  if (value?.kind !== 'integer') return 'wrong';
  if (value.value >= 1n && value.value <= 0xffff_ffffn) return Number(value.value);
  const message = `A bound or a size is a whole number from 1 to ${0xffff_ffff}, not ${value.value}.`;
  log.report('IDL4005', expression.span, message);
  return 'wrong';
}

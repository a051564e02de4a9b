import { constantOf } from './constants.js';
import type { Type } from './model.js';
import type { Names } from './names.js';
import type { Scope } from './scope.js';
import type { Declarator, Expression, TypeSyntax } from './syntax.js';

/** Elements of one array, all dimensions multiplied. A type of this size is a mistake, and hostile when it is not. */
export const arrayElementsMax = 1 << 24;

/** The type that is written; `undefined` after reporting where there is none. */
export function resolveType(
  syntax: TypeSyntax,
  scope: Scope,
  names: Names,
  inSequence = false,
): Type | undefined {
  switch (syntax.kind) {
    case 'unsupported':
      return undefined;
    case 'primitive':
      return { kind: 'primitive', name: syntax.name };
    case 'string': {
      const bound = boundOf(syntax.bound, scope, names);
      return bound === 'wrong' ? undefined : { kind: 'string', bound };
    }
    case 'sequence': {
      const element = resolveType(syntax.element, scope, names, true);
      const bound = boundOf(syntax.bound, scope, names);
      return element === undefined || bound === 'wrong' ? undefined : { kind: 'sequence', element, bound };
    }
    case 'name': {
      const entity = names.find(scope, syntax.name, 'type');
      if (entity === undefined || entity.kind === 'broken') return undefined;
      if (entity.kind === 'struct' && entity.model === undefined) {
        const notes = [{ message: 'It starts here.', span: entity.span }];
        if (inSequence) {
          const message = `'${entity.name}' is used before its end: recursive types are not supported yet.`;
          names.log.report('IDL5002', syntax.span, message, notes);
        } else {
          const message = `'${entity.name}' would contain itself, without end: hold it in another way.`;
          names.log.report('IDL3008', syntax.span, message, notes);
        }
        return undefined;
      }
      if (entity.kind === 'struct' || entity.kind === 'enum' || entity.kind === 'typedef') {
        return { kind: 'named', name: entity.name };
      }
      const notes = [{ message: 'It is declared here.', span: entity.span }];
      const article = entity.kind.startsWith('e') ? 'an' : 'a';
      names.log.report(
        'IDL3004',
        syntax.span,
        `'${entity.name}' is ${article} ${entity.kind}, no type.`,
        notes,
      );
      return undefined;
    }
  }
}

/** A declarator's type: that before it, and the dimensions after its name. */
export function declaratorType(
  type: Type | undefined,
  declarator: Declarator,
  scope: Scope,
  names: Names,
): Type | undefined {
  if (declarator.dimensions.length === 0) return type;
  const dimensions: number[] = [];
  for (const dimension of declarator.dimensions) {
    const size = boundOf(dimension, scope, names);
    if (typeof size === 'number') dimensions.push(size);
  }
  if (type === undefined || dimensions.length < declarator.dimensions.length) return undefined;
  return { kind: 'array', element: type, dimensions };
}

function boundOf(
  expression: Expression | undefined,
  scope: Scope,
  names: Names,
): number | undefined | 'wrong' {
  if (expression === undefined) return undefined;
  const value = constantOf(expression, { kind: 'primitive', name: 'int64' }, scope, names);
  if (value?.kind !== 'integer') return 'wrong';
  if (value.value >= 1n && value.value <= 0xffff_ffffn) return Number(value.value);
  const message = `A bound or a size is a whole number from 1 to ${0xffff_ffff}, not ${value.value}.`;
  names.log.report('IDL4005', expression.span, message);
  return 'wrong';
}

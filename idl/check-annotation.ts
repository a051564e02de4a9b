import type { CheckContext } from './check-context.js';
import { constantOf } from './constants.js';
import { evaluate } from './evaluate.js';
import type { Identifier } from './expression-syntax.js';
import type { AnnotationModel } from './model.js';
import { resolveType } from './resolve-type.js';
import { Scope } from './scope.js';
import type { AnnotationDefinitionSyntax, DefinitionSyntax } from './syntax.js';

/** Checks an `@annotation` definition, and makes it known. Annotations have names of their own. */
export function checkAnnotationDefinition(
  syntax: AnnotationDefinitionSyntax,
  outer: Scope,
  context: CheckContext,
  define: (syntax: DefinitionSyntax, scope: Scope) => void,
): void {
  const { name } = syntax;
  const annotations = context.annotations(syntax.annotations, 'annotation', outer);
  const full = outer.qualify(name.text);
  // What it declares for its parameters has a scope that nothing else can name.
  const inner = new Scope(`@${full}`, outer);
  for (const definition of syntax.definitions) define(definition, inner);
  const own = new Scope(inner.name, inner);
  const parameters = syntax.parameters.map((parameter) => parameterOf(parameter, own, context));
  const model: AnnotationModel = {
    kind: 'annotation',
    ...context.common(name, outer, syntax.doc, annotations),
    parameters: parameters.filter((parameter) => parameter !== undefined),
  };
  const existing = context.names.annotations.get(full);
  if (existing === undefined) {
    context.names.annotations.set(full, { model, scope: inner });
    context.model.set(`@${full}`, { ...model, name: `@${full}` });
  } else reportTwice(name, existing.model, context);
}

function parameterOf(
  { type: syntax, name, default: written }: AnnotationDefinitionSyntax['parameters'][number],
  scope: Scope,
  context: CheckContext,
): AnnotationModel['parameters'][number] | undefined {
  context.declareMember(scope, name);
  const { names } = context;
  if (syntax === undefined) {
    const value = written && evaluate(written, { scope, names });
    return { name: name.text, default: value };
  }
  const type = resolveType(syntax, scope, context);
  if (type === undefined) return undefined;
  const value = written && constantOf(written, context.resolve(type), scope, names);
  return { name: name.text, type, default: value };
}

function reportTwice({ text, span }: Identifier, existing: AnnotationModel, { log }: CheckContext): void {
  const notes = [{ message: 'It is declared here.', span: existing.span }];
  log.report('IDL3001', span, `The annotation '${text}' is already declared: choose another name.`, notes);
}

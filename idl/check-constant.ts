import type { CheckContext } from './check-context.js';
import { constantOf } from './constants.js';
import { digitsOf } from './fixed-point.js';
import { evaluate } from './evaluate.js';
import { resolveType } from './resolve-type.js';
import type { Scope } from './scope.js';
import type { ConstantSyntax } from './syntax.js';
import type { ConstantValue, Type } from './type.js';
import { typeText } from './type-text.js';

/** Checks a constant, and declares it. */
export function checkConstant(syntax: ConstantSyntax, scope: Scope, context: CheckContext): void {
  const { name, doc } = syntax;
  const { span } = name;
  const found = valueOf(syntax, scope, context);
  const annotations = context.annotations(syntax.annotations, 'constant', scope, found?.type);
  const common = context.common(name, scope, doc, annotations);
  if (found === undefined) {
    context.names.declare(scope, name, { kind: 'broken', name: common.name, span });
    return;
  }
  const entity = { kind: 'constant', name: common.name, span, value: found.value } as const;
  if (context.names.declare(scope, name, entity)) {
    context.model.set(common.name, { kind: 'constant', ...common, ...found });
  }
}

function valueOf(
  { type: syntax, value: expression }: ConstantSyntax,
  scope: Scope,
  context: CheckContext,
): { type: Type; value: ConstantValue } | undefined {
  const { names, log } = context;
  if (syntax.kind === 'fixed' && syntax.digits === undefined) {
    // It has the digits of its value (IDL 4.2, 7.4.1.4.3).
    const value = evaluate(expression, { scope, names });
    if (value === undefined) return undefined;
    if (value.kind === 'fixed') {
      return { type: { kind: 'fixed', digits: digitsOf(value), scale: value.scale }, value };
    }
    log.report('IDL4002', expression.span, 'A fixed-point number is needed here: write d after it.');
    return undefined;
  }
  const type = resolveType(syntax, scope, context);
  if (type === undefined) return undefined;
  const resolved = context.resolve(type);
  const kind = resolved.kind === 'named' ? context.definitionOf(resolved)?.kind : resolved.kind;
  const allowed = ['primitive', 'string', 'wstring', 'fixed', 'enum', 'bitmask'];
  if (kind === undefined || !allowed.includes(kind)) {
    const message = `There are no constants of type ${typeText(type)}: use a primitive type, a string, an enum or a bitmask.`;
    log.report('IDL4006', syntax.span, message);
    return undefined;
  }
  const value = constantOf(expression, resolved, scope, names);
  return value && { type, value };
}

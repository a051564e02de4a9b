import type { Annotations } from './annotation-set.js';
import { autoIdOf, dataRepresentationsOf, extensibilityOf } from './annotation-set.js';
import type { CheckContext } from './check-context.js';
import { MemberChecker } from './check-members.js';
import type { ScopedName } from './expression-syntax.js';
import type { ExceptionModel, MemberModel, StructModel } from './model.js';
import { allMembers } from './model.js';
import type { Scope } from './scope.js';
import type { ExceptionSyntax, StructSyntax } from './syntax.js';

/** Turns a struct's syntax into its model. `inner` is the scope of its members. */
export function checkStruct(
  syntax: StructSyntax,
  outer: Scope,
  inner: Scope,
  context: CheckContext,
): StructModel {
  const annotations = context.annotations(syntax.annotations, 'struct', outer);
  const base = syntax.base && baseOf(syntax.base, outer, context);
  const common = aggregate(annotations, outer, context, base);
  const inherited = base === undefined ? [] : allMembers({ definitions: context.model }, base);
  if (base !== undefined) checkExtensibility(common.extensibility, base, syntax.name.span, context);
  for (const { name, span: at } of inherited) {
    inner.set(name, { kind: 'member', name: `${base!.name}::${name}`, span: at });
  }
  const checker = new MemberChecker(context, inner, { autoId: common.autoId, inherited });
  return {
    kind: 'struct',
    ...context.common(syntax.name, outer, syntax.doc, annotations),
    ...common,
    base: base?.name,
    members: syntax.members.flatMap((member) => checker.check(member)),
  };
}

/** Turns an exception's syntax into its model. */
export function checkException(
  syntax: ExceptionSyntax,
  outer: Scope,
  inner: Scope,
  context: CheckContext,
): ExceptionModel {
  const annotations = context.annotations(syntax.annotations, 'exception', outer);
  const checker = new MemberChecker(context, inner);
  const members: MemberModel[] = syntax.members.flatMap((member) => checker.check(member));
  return { kind: 'exception', ...context.common(syntax.name, outer, syntax.doc, annotations), members };
}

/** What structs and unions have in common. */
export function aggregate(
  annotations: Annotations,
  { defaults }: Scope,
  context: CheckContext,
  base?: StructModel,
) {
  const topic = annotations.get('topic');
  const nested = annotations.flag('nested', topic === undefined && defaults.nested);
  if (topic !== undefined && nested) {
    const span = annotations.span('nested', topic.span);
    const message = 'This contradicts @topic: a nested type is no topic. Keep one of them.';
    context.log.report('IDL4105', span, message);
  }
  const topicName = annotations.text('topic', 'name');
  return {
    extensibility: extensibilityOf(annotations, context.names, base?.extensibility),
    topic: topic !== undefined,
    topicName: topicName === '' ? undefined : topicName,
    nested,
    autoId: autoIdOf(annotations, defaults.autoId),
    dataRepresentations: dataRepresentationsOf(annotations) ?? defaults.dataRepresentations,
  };
}

function baseOf(name: ScopedName, scope: Scope, context: CheckContext): StructModel | undefined {
  const entity = context.names.find(scope, name, 'struct');
  if (entity === undefined || entity.kind === 'broken') return undefined;
  const definition = context.definitionOf({ kind: 'named', name: entity.name });
  if (definition?.kind === 'struct') return definition;
  const notes = [{ message: 'It is declared here.', span: entity.span }];
  const why = entity.kind === 'struct' ? 'is not complete here' : 'is no struct';
  const message = `'${entity.name}' cannot be inherited from: it ${why}. Name a struct that is defined before.`;
  context.log.report('IDL3010', name.span, message, notes);
  return undefined;
}

/** A reader of the base has to find it in what a writer of the derived struct sends (XTypes 1.3, 7.2.2.4.5). */
function checkExtensibility(
  own: StructModel['extensibility'],
  base: StructModel,
  span: StructModel['span'],
  { log }: CheckContext,
): void {
  if (own === base.extensibility) return;
  const notes = [{ message: `'${base.name}' is declared here.`, span: base.span }];
  const message = `This struct is ${own}, and its base '${base.name}' is ${base.extensibility}: both have to be the same.`;
  log.report('IDL4109', span, message, notes);
}

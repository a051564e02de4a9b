import type { CheckContext } from './check-context.js';
import { MemberChecker } from './check-members.js';
import type { ScopedName } from './expression-syntax.js';
import type {
  AttributeModel,
  InterfaceModel,
  OperationModel,
  ParameterModel,
  ValuetypeModel,
} from './model.js';
import { resolveType } from './resolve-type.js';
import { Scope } from './scope.js';
import type {
  AttributeSyntax,
  DefinitionSyntax,
  InterfaceSyntax,
  OperationSyntax,
  TypeSyntax,
  ValuetypeSyntax,
} from './syntax.js';
import type { Type } from './type.js';

/** Checks a definition within an interface: given from outside, as only the whole checker can. */
export type DefinitionChecker = (syntax: DefinitionSyntax, scope: Scope) => void;

/** Turns an interface's syntax into its model; the definitions in it become part of the model by `define`. */
export function checkInterface(
  syntax: InterfaceSyntax,
  outer: Scope,
  inner: Scope,
  context: CheckContext,
  define: DefinitionChecker,
): InterfaceModel {
  const annotations = context.annotations(syntax.annotations, 'interface', outer);
  const bases = inherit(syntax.bases, outer, inner, 'interface', context);
  const exports = new Exports(inner, context);
  for (const element of syntax.exports) {
    if (element.kind === 'operation') exports.operation(element);
    else if (element.kind === 'attribute') exports.attribute(element);
    else define(element, inner);
  }
  return {
    kind: 'interface',
    ...context.common(syntax.name, outer, syntax.doc, annotations),
    abstract: syntax.abstract,
    local: syntax.local,
    bases,
    operations: exports.operations,
    attributes: exports.attributes,
  };
}

/** Turns a value type's syntax into its model. */
export function checkValuetype(
  syntax: ValuetypeSyntax,
  outer: Scope,
  inner: Scope,
  context: CheckContext,
  define: DefinitionChecker,
): ValuetypeModel {
  const annotations = context.annotations(syntax.annotations, 'valuetype', outer);
  const bases = inherit(syntax.bases, outer, inner, 'valuetype', context);
  const supports = inherit(syntax.supports, outer, inner, 'interface', context);
  const exports = new Exports(inner, context);
  const members = new MemberChecker(context, inner, { references: true });
  const state: ValuetypeModel['state'][number][] = [];
  const factories: OperationModel[] = [];
  for (const element of syntax.exports) {
    if (element.kind === 'operation') exports.operation(element);
    else if (element.kind === 'attribute') exports.attribute(element);
    else if (element.kind === 'factory') factories.push(exports.check(element.operation));
    else if (element.kind === 'state') {
      for (const member of members.check(element.member))
        state.push({ visibility: element.visibility, member });
    } else define(element, inner);
  }
  return {
    kind: 'valuetype',
    ...context.common(syntax.name, outer, syntax.doc, annotations),
    abstract: syntax.abstract,
    custom: syntax.custom,
    truncatable: syntax.truncatable,
    bases,
    supports,
    boxed: syntax.boxed && resolveType(syntax.boxed, outer, context),
    state,
    operations: exports.operations,
    attributes: exports.attributes,
    factories,
  };
}

/** The bases by their names; what is declared in them can be named from within. */
function inherit(
  names: readonly ScopedName[],
  outer: Scope,
  inner: Scope,
  kind: 'interface' | 'valuetype',
  context: CheckContext,
): string[] {
  const bases: string[] = [];
  for (const name of names) {
    const entity = context.names.find(outer, name, kind === 'interface' ? 'interface' : 'value type');
    if (entity === undefined || entity.kind === 'broken') continue;
    const resolved = context.resolve({ kind: 'named', name: entity.name });
    const base = resolved.kind === 'named' ? context.openEntities.get(resolved.name) : undefined;
    if (base?.kind === kind && base.state === 'complete') {
      bases.push(base.name);
      inner.bases.push(base.scope);
      continue;
    }
    const notes = [{ message: 'It is declared here.', span: entity.span }];
    const what = kind === 'interface' ? 'an interface' : 'a value type';
    const message = `'${entity.name}' cannot stand here: name ${what} that is defined before.`;
    context.log.report('IDL3010', name.span, message, notes);
  }
  return bases;
}

/** Operations and attributes of one interface or value type. */
class Exports {
  readonly operations: OperationModel[] = [];
  readonly attributes: AttributeModel[] = [];
  readonly #scope: Scope;
  readonly #context: CheckContext;

  constructor(scope: Scope, context: CheckContext) {
    this.#scope = scope;
    this.#context = context;
  }

  operation(syntax: OperationSyntax): void {
    this.operations.push(this.check(syntax));
  }

  check(syntax: OperationSyntax): OperationModel {
    const { name } = syntax;
    const annotations = this.#context.annotations(syntax.annotations, 'operation', this.#scope);
    this.#context.declareMember(this.#scope, name);
    const parameters = this.#parameters(syntax);
    const oneway = syntax.oneway || annotations.flag('oneway');
    const answers =
      syntax.result !== undefined ||
      syntax.raises.length > 0 ||
      parameters.some(({ direction }) => direction !== 'in');
    if (oneway && answers) {
      const message = `A oneway operation has no answer: '${name.text}' can have only 'in' parameters, and returns void.`;
      this.#context.log.report('IDL4105', name.span, message);
    }
    return {
      name: name.text,
      oneway,
      result: syntax.result && this.#type(syntax.result),
      parameters,
      raises: this.#raises(syntax.raises),
      doc: syntax.doc,
      annotations: annotations.all,
      span: name.span,
    };
  }

  #parameters({ name: { text }, parameters }: OperationSyntax): ParameterModel[] {
    const models: ParameterModel[] = [];
    const scope = new Scope(this.#scope.qualify(text), this.#scope);
    for (const { annotations: written, direction, type: syntax, name } of parameters) {
      const type = this.#type(syntax);
      const annotations = this.#context.annotations(written, 'parameter', this.#scope, type);
      this.#context.declareMember(scope, name);
      if (type !== undefined) {
        models.push({ name: name.text, direction, type, annotations: annotations.all });
      }
    }
    return models;
  }

  attribute(syntax: AttributeSyntax): void {
    const type = this.#type(syntax.type);
    const { all } = this.#context.annotations(syntax.annotations, 'attribute', this.#scope, type);
    const getRaises = this.#raises(syntax.getRaises);
    const setRaises = this.#raises(syntax.setRaises);
    for (const name of syntax.names) {
      this.#context.declareMember(this.#scope, name);
      if (type === undefined) continue;
      const { readonly, doc } = syntax;
      const { text, span } = name;
      this.attributes.push({ name: text, type, readonly, getRaises, setRaises, doc, annotations: all, span });
    }
  }

  #type(syntax: TypeSyntax): Type | undefined {
    return resolveType(syntax, this.#scope, this.#context, { references: true });
  }

  #raises(names: readonly ScopedName[]): string[] {
    const found: string[] = [];
    for (const name of names) {
      const entity = this.#context.names.find(this.#scope, name, 'exception');
      if (entity === undefined || entity.kind === 'broken') continue;
      if (entity.kind === 'exception') found.push(entity.name);
      else {
        const notes = [{ message: 'It is declared here.', span: entity.span }];
        this.#context.log.report('IDL3004', name.span, `'${entity.name}' is no exception.`, notes);
      }
    }
    return found;
  }
}

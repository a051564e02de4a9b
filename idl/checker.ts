import { autoIdOf, dataRepresentationsOf } from './annotation-set.js';
import { checkAnnotationDefinition } from './check-annotation.js';
import { checkBitset } from './check-bitset.js';
import { checkConstant } from './check-constant.js';
import { CheckContext } from './check-context.js';
import { checkBitmask, checkEnum } from './check-enum.js';
import { checkInterface, checkValuetype } from './check-interface.js';
import type { Keylist } from './check-keylist.js';
import { applyKeylists } from './check-keylist.js';
import { checkException, checkStruct } from './check-struct.js';
import { checkUnion } from './check-union.js';
import { declaredAnywhere } from './declared-anywhere.js';
import type { DiagnosticLog } from './diagnostic.js';
import type { Identifier } from './expression-syntax.js';
import { checkFinite } from './finite.js';
import type { Definition } from './model.js';
import type { NameIndex } from './name-index.js';
import { Names } from './names.js';
import { declaratorType, resolveType } from './resolve-type.js';
import type { Entity, OpenEntity } from './scope.js';
import { Scope } from './scope.js';
import type {
  BitsetSyntax,
  DefinitionSyntax,
  EnumSyntax,
  ExceptionSyntax,
  ForwardSyntax,
  InterfaceSyntax,
  ModuleSyntax,
  StructSyntax,
  TypedefSyntax,
  TypeSyntax,
  UnionSyntax,
  ValuetypeSyntax,
} from './syntax.js';
import type { Type } from './type.js';
import { Weights } from './weights.js';

/** Binds names and checks types, constants and annotations, in one pass: IDL declares before it uses. */
export function check(
  syntax: readonly DefinitionSyntax[],
  log: DiagnosticLog,
  index?: NameIndex,
): Map<string, Definition> {
  const global = new Scope('', undefined);
  const context = new CheckContext(new Names(log, global, declaredAnywhere(syntax), { index }));
  const checker = new Checker(context);
  for (const definition of syntax) checker.define(definition, global);
  checker.finish();
  return context.model;
}

type OpenSyntax = StructSyntax | UnionSyntax | InterfaceSyntax | ValuetypeSyntax;

class Checker {
  readonly #context: CheckContext;
  readonly #weights: Weights;
  readonly #keylists: Keylist[] = [];
  readonly #forwards = new Map<OpenEntity, Identifier>();

  constructor(context: CheckContext) {
    this.#context = context;
    this.#weights = new Weights(context);
  }

  define(syntax: DefinitionSyntax, scope: Scope): void {
    switch (syntax.kind) {
      case 'module':
        return this.#module(syntax, scope);
      case 'forward':
        return this.#forward(syntax, scope);
      case 'struct':
      case 'union':
      case 'interface':
      case 'valuetype':
        return this.#open(syntax, scope);
      case 'exception':
      case 'bitset':
        return this.#scoped(syntax, scope);
      case 'enum':
      case 'bitmask':
        return this.#enum(syntax, scope);
      case 'typedef':
        return this.#typedef(syntax, scope);
      case 'constant':
        return checkConstant(syntax, scope, this.#context);
      case 'annotation':
        return checkAnnotationDefinition(syntax, scope, this.#context, (inner, at) => this.define(inner, at));
      case 'keylist':
        this.#keylists.push({ syntax, scope });
        return;
      case 'unsupported':
        for (const name of syntax.names) this.#break(scope, name);
    }
  }

  /** What can be said only when everything is read. */
  finish(): void {
    for (const [{ kind, name, state }, { span }] of this.#forwards) {
      // What an interface that is only declared looks like is its own matter: nothing holds one by value.
      if (state !== 'declared' || kind === 'interface' || kind === 'valuetype') continue;
      this.#context.log.report('IDL3009', span, `The ${kind} '${name}' is declared here but never defined.`);
    }
    applyKeylists(this.#keylists, this.#context);
    checkFinite(this.#context);
  }

  #declare(scope: Scope, name: Identifier, entity: Entity): boolean {
    return this.#context.names.declare(scope, name, entity);
  }

  #break(scope: Scope, name: Identifier): void {
    this.#declare(scope, name, { kind: 'broken', name: scope.qualify(name.text), span: name.span });
  }

  #module({ name, annotations: written, definitions }: ModuleSyntax, scope: Scope): void {
    const annotations = this.#context.annotations(written, 'module', scope);
    const existing = scope.own(name.text);
    let inner: Scope;
    if (existing?.entity.kind === 'module') {
      // Reopened: the same scope goes on.
      if (existing.spelled !== name.text) this.#context.names.reportTaken(name, existing);
      else this.#context.names.declareAgain(name, existing.entity);
      inner = existing.entity.scope;
    } else {
      const full = scope.qualify(name.text);
      inner = new Scope(full, scope);
      this.#declare(scope, name, { kind: 'module', name: full, span: name.span, scope: inner });
    }
    const { autoId, nested, dataRepresentations } = inner.defaults;
    inner.defaults = {
      autoId: autoIdOf(annotations, autoId),
      nested: annotations.flag('default_nested', nested),
      dataRepresentations: dataRepresentationsOf(annotations) ?? dataRepresentations,
    };
    for (const definition of definitions) this.define(definition, inner);
  }

  #forward({ what, name, annotations }: ForwardSyntax, scope: Scope): void {
    this.#context.annotations(annotations, what, scope);
    const existing = scope.own(name.text);
    if (existing?.spelled === name.text && existing.entity.kind === what) {
      return this.#context.names.declareAgain(name, existing.entity);
    }
    const entity = this.#openEntity(what, name, scope, 'declared');
    if (this.#declare(scope, name, entity)) {
      this.#forwards.set(entity, name);
      this.#context.openEntities.set(entity.name, entity);
    }
  }

  #openEntity(
    kind: OpenEntity['kind'],
    name: Identifier,
    scope: Scope,
    state: OpenEntity['state'],
  ): OpenEntity {
    const full = scope.qualify(name.text);
    return { kind, name: full, span: name.span, scope: new Scope(full, scope), state };
  }

  /** What can be declared before it is defined. */
  #open(syntax: OpenSyntax, scope: Scope): void {
    const { name, kind } = syntax;
    const existing = scope.own(name.text);
    let entity: OpenEntity;
    let isNew = true;
    if (
      existing?.spelled === name.text &&
      existing.entity.kind === kind &&
      existing.entity.state === 'declared'
    ) {
      entity = existing.entity;
      entity.span = name.span;
      entity.state = 'open';
      this.#context.names.declareAgain(name, entity);
    } else {
      entity = this.#openEntity(kind, name, scope, 'open');
      isNew = this.#declare(scope, name, entity);
      if (isNew) this.#context.openEntities.set(entity.name, entity);
    }
    const model = this.#modelOf(syntax, scope, entity.scope);
    entity.state = 'complete';
    // A second one of a name is checked for its own errors only.
    if (!isNew) return;
    if (model === undefined) scope.set(name.text, { kind: 'broken', name: entity.name, span: name.span });
    else this.#context.model.set(entity.name, model);
    if (model?.kind === 'struct' || model?.kind === 'union') this.#weights.weigh(model);
  }

  #modelOf(syntax: OpenSyntax, scope: Scope, inner: Scope): Definition | undefined {
    const define = (definition: DefinitionSyntax, at: Scope): void => this.define(definition, at);
    switch (syntax.kind) {
      case 'struct':
        return checkStruct(syntax, scope, inner, this.#context);
      case 'union':
        return checkUnion(syntax, scope, inner, this.#context);
      case 'interface':
        return checkInterface(syntax, scope, inner, this.#context, define);
      case 'valuetype':
        return checkValuetype(syntax, scope, inner, this.#context, define);
    }
  }

  #scoped(syntax: ExceptionSyntax | BitsetSyntax, scope: Scope): void {
    const { name, kind } = syntax;
    const full = scope.qualify(name.text);
    const inner = new Scope(full, scope);
    const model =
      syntax.kind === 'exception'
        ? checkException(syntax, scope, inner, this.#context)
        : checkBitset(syntax, scope, inner, this.#context);
    if (this.#declare(scope, name, { kind, name: full, span: name.span, scope: inner })) {
      this.#context.model.set(full, model);
    }
  }

  #enum(syntax: EnumSyntax, scope: Scope): void {
    const { name, kind } = syntax;
    const full = scope.qualify(name.text);
    const inner = new Scope(full, scope);
    const model =
      kind === 'enum' ? checkEnum(syntax, scope, this.#context) : checkBitmask(syntax, scope, this.#context);
    if (!this.#declare(scope, name, { kind, name: full, span: name.span, scope: inner })) return;
    this.#context.model.set(full, model);
    syntax.enumerators.forEach((enumerator, i) => {
      const entity = enumeratorEntity(model, enumerator.name, i);
      if (this.#declare(inner, enumerator.name, entity)) this.#spill(scope, enumerator.name, entity);
    });
  }

  /**
   * Enumerators belong to the scope around their enum too (IDL 4.2, 7.4.1.4.4.4), where two enums of one scope can hardly
   * both have an UNKNOWN. Files in use do, and other tools let them: so it is a warning, and an error only where it matters.
   * Flags can be used so too, and take no name from others.
   */
  #spill(scope: Scope, name: Identifier, entity: Entity): void {
    const { names, log } = this.#context;
    const own = scope.own(name.text);
    if (own !== undefined) {
      if (entity.kind === 'enumerator') names.reportTaken(name, own);
      return;
    }
    const others = scope.enumerators(name.text)?.entities.filter(({ kind }) => kind === 'enumerator') ?? [];
    if (others.length > 0 && entity.kind === 'enumerator') {
      const notes = [{ message: 'The other is here.', span: others[0]!.span }];
      const message = `Another enum in this scope has '${name.text}' too, which other IDL compilers refuse: give one a prefix.`;
      log.report('IDL3006', name.span, message, notes);
    }
    scope.addEnumerator(name.text, entity);
  }

  #typedef(syntax: TypedefSyntax, scope: Scope): void {
    const context = this.#context;
    const type = this.#typedefType(syntax.type, scope);
    for (const declarator of syntax.declarators) {
      const { name } = declarator;
      const full = declaratorType(type, declarator, scope, context);
      const annotations = context.annotations(syntax.annotations, 'typedef', scope, full);
      if (full === undefined || context.isTooDeep(full, name.span)) {
        this.#break(scope, name);
        continue;
      }
      const common = context.common(name, scope, syntax.doc, annotations);
      if (this.#declare(scope, name, { kind: 'typedef', name: common.name, span: name.span })) {
        context.model.set(common.name, { kind: 'typedef', ...common, type: full });
        context.noteTypedef(common.name, full);
      }
    }
  }

  /** The type that a typedef names, which it can define itself. */
  #typedefType(syntax: TypeSyntax, scope: Scope): Type | undefined {
    if (syntax.kind !== 'defined') return resolveType(syntax, scope, this.#context, { references: true });
    const { definition } = syntax;
    this.define(definition, scope);
    if (!('name' in definition)) return undefined;
    const name = scope.qualify(definition.name.text);
    return this.#context.model.has(name) ? { kind: 'named', name } : undefined;
  }
}

function enumeratorEntity(model: Definition, { text, span }: Identifier, i: number): Entity {
  const name = `${model.name}::${text}`;
  if (model.kind === 'enum') {
    const { value } = model.enumerators[i]!;
    return {
      kind: 'enumerator',
      name,
      span,
      value: { kind: 'enumerator', enum: model.name, name: text, value },
    };
  }
  const position = model.kind === 'bitmask' ? model.flags[i]!.position : 0;
  const value = 1n << BigInt(Math.min(Math.max(position, 0), 63));
  return { kind: 'flag', name, span, value: { kind: 'flags', bitmask: model.name, value } };
}

import { checkAnnotations, extensibilityOf } from './annotations.js';
import { StructChecker } from './check-struct.js';
import { constantOf, typeText } from './constants.js';
import type { DiagnosticLog } from './diagnostic.js';
import type { Definition, EnumeratorModel, Type } from './model.js';
import { resolveTypedefs } from './model.js';
import { Names } from './names.js';
import { declaratorType, resolveType } from './resolve-type.js';
import type { Entity } from './scope.js';
import { Scope } from './scope.js';
import type { Span } from './source.js';
import type {
  ConstantSyntax,
  DefinitionSyntax,
  EnumSyntax,
  ForwardSyntax,
  Identifier,
  ModuleSyntax,
  StructSyntax,
  TypedefSyntax,
} from './syntax.js';

/** Binds names and checks types, constants and annotations, in one pass: IDL declares before it uses. */
export function check(syntax: readonly DefinitionSyntax[], log: DiagnosticLog): Map<string, Definition> {
  const global = new Scope('', undefined);
  const checker = new Checker(new Names(log, global, declaredAnywhere(syntax)));
  checker.definitions(syntax, global);
  checker.finish();
  return checker.model;
}

class Checker {
  readonly model = new Map<string, Definition>();
  readonly #names: Names;
  readonly #structs: StructChecker;
  readonly #forwards = new Map<string, Identifier>();

  constructor(names: Names) {
    this.#names = names;
    this.#structs = new StructChecker(names, this.model);
  }

  definitions(syntax: readonly DefinitionSyntax[], scope: Scope): void {
    for (const definition of syntax) {
      switch (definition.kind) {
        case 'module':
          this.#module(definition, scope);
          break;
        case 'struct':
          this.#struct(definition, scope);
          break;
        case 'forward':
          this.#forward(definition, scope);
          break;
        case 'enum':
          this.#enum(definition, scope);
          break;
        case 'typedef':
          this.#typedef(definition, scope);
          break;
        case 'constant':
          this.#constant(definition, scope);
          break;
        case 'unsupported':
          for (const name of definition.names) {
            this.#declare(scope, name, { kind: 'broken', name: scope.qualify(name.text), span: name.span });
          }
      }
    }
  }

  /** What can be said only when everything is read. */
  finish(): void {
    for (const [name, { span }] of this.#forwards) {
      if (this.model.has(name)) continue;
      this.#names.log.report('IDL3009', span, `The struct '${name}' is declared here but never defined.`);
    }
  }

  #declare(scope: Scope, name: Identifier, entity: Entity): boolean {
    return this.#names.declare(scope, name, entity);
  }

  #common(name: Identifier, scope: Scope, doc: string | undefined) {
    return {
      name: scope.qualify(name.text),
      modules: scope.modules,
      localName: name.text,
      file: name.span.file.path,
      span: name.span,
      doc,
    };
  }

  #module({ name, annotations, definitions }: ModuleSyntax, scope: Scope): void {
    checkAnnotations(annotations, 'module', this.#names);
    const existing = scope.own(name.text);
    let inner: Scope;
    if (existing?.entity.kind === 'module') {
      // Reopened: the same scope goes on.
      if (existing.spelled !== name.text) this.#names.reportTaken(name, existing);
      inner = existing.entity.scope;
    } else {
      const full = scope.qualify(name.text);
      inner = new Scope(full, scope);
      this.#declare(scope, name, { kind: 'module', name: full, span: name.span, scope: inner });
    }
    this.definitions(definitions, inner);
  }

  #forward({ name, annotations }: ForwardSyntax, scope: Scope): void {
    checkAnnotations(annotations, 'struct', this.#names);
    const full = scope.qualify(name.text);
    const existing = scope.own(name.text);
    if (existing?.spelled === name.text && existing.entity.kind === 'struct') return;
    const inner = new Scope(full, scope);
    const { span } = name;
    if (this.#declare(scope, name, { kind: 'struct', name: full, span, scope: inner, begun: false })) {
      this.#forwards.set(full, name);
    }
  }

  #struct(syntax: StructSyntax, scope: Scope): void {
    const { name } = syntax;
    const full = scope.qualify(name.text);
    const existing = scope.own(name.text);
    let entity: Entity & { kind: 'struct' };
    if (existing?.spelled === name.text && existing.entity.kind === 'struct' && !existing.entity.begun) {
      entity = existing.entity;
      entity.span = name.span;
      entity.begun = true;
    } else {
      entity = { kind: 'struct', name: full, span: name.span, scope: new Scope(full, scope), begun: true };
      if (!this.#declare(scope, name, entity)) {
        // Checked all the same, for its own errors.
        this.#structs.check(syntax, scope, entity.scope);
        return;
      }
    }
    entity.model = this.#structs.check(syntax, scope, entity.scope);
    this.model.set(full, entity.model);
  }

  #enum(syntax: EnumSyntax, scope: Scope): void {
    const { name } = syntax;
    const full = scope.qualify(name.text);
    const inner = new Scope(full, scope);
    const annotations = checkAnnotations(syntax.annotations, 'enum', this.#names);
    const enumerators: EnumeratorModel[] = syntax.enumerators.map((enumerator, value) => {
      checkAnnotations(enumerator.annotations, 'enumerator', this.#names);
      return { name: enumerator.name.text, value, doc: enumerator.doc };
    });
    const extensibility = extensibilityOf(annotations, this.#names);
    const model: Definition = {
      kind: 'enum',
      ...this.#common(name, scope, syntax.doc),
      extensibility,
      enumerators,
    };
    if (!this.#declare(scope, name, { kind: 'enum', name: full, span: name.span, model, scope: inner }))
      return;
    this.model.set(full, model);
    syntax.enumerators.forEach((enumerator, value) => {
      const entity: Entity = {
        kind: 'enumerator',
        name: inner.qualify(enumerator.name.text),
        span: enumerator.name.span,
        enum: full,
        value,
      };
      if (!this.#declare(inner, enumerator.name, entity)) return;
      this.#spill(scope, enumerator.name, entity);
    });
  }

  /**
   * Enumerators belong to the scope around their enum too (IDL 4.2, 7.4.1.4.4.4), where two enums of one scope can hardly
   * both have an UNKNOWN. Files in use do, and other tools let them: so it is a warning, and an error only where it matters.
   */
  #spill(scope: Scope, name: Identifier, entity: Entity): void {
    const own = scope.own(name.text);
    if (own !== undefined) {
      this.#names.reportTaken(name, own);
      return;
    }
    const others = scope.enumerators(name.text);
    if (others !== undefined) {
      const notes = [{ message: 'The other is here.', span: others.entities[0]!.span }];
      const message = `Another enum in this scope has '${others.spelled}' too, which other IDL compilers refuse: give one a prefix.`;
      this.#names.log.report('IDL3006', name.span, message, notes);
    }
    scope.addEnumerator(name.text, entity);
  }

  #typedef(syntax: TypedefSyntax, scope: Scope): void {
    checkAnnotations(syntax.annotations, 'typedef', this.#names);
    const type = resolveType(syntax.type, scope, this.#names);
    for (const declarator of syntax.declarators) {
      const { name } = declarator;
      const { span } = name;
      const common = this.#common(name, scope, syntax.doc);
      const full = declaratorType(type, declarator, scope, this.#names);
      if (full === undefined) {
        this.#declare(scope, name, { kind: 'broken', name: common.name, span });
        continue;
      }
      const model: Definition = { kind: 'typedef', ...common, type: full };
      if (this.#declare(scope, name, { kind: 'typedef', name: common.name, span, model })) {
        this.model.set(common.name, model);
      }
    }
  }

  #constant(syntax: ConstantSyntax, scope: Scope): void {
    const { name } = syntax;
    const { span } = name;
    checkAnnotations(syntax.annotations, 'constant', this.#names);
    const common = this.#common(name, scope, syntax.doc);
    const type = resolveType(syntax.type, scope, this.#names);
    const resolved = type && this.#constantType(type, syntax);
    const value = resolved && constantOf(syntax.value, resolved, scope, this.#names);
    if (type === undefined || value === undefined) {
      this.#declare(scope, name, { kind: 'broken', name: common.name, span });
      return;
    }
    const model: Definition = { kind: 'constant', ...common, type, value };
    if (this.#declare(scope, name, { kind: 'constant', name: common.name, span, model })) {
      this.model.set(common.name, model);
    }
  }

  #constantType(type: Type, { type: syntax }: ConstantSyntax): Type | undefined {
    const resolved = resolveTypedefs({ definitions: this.model }, type);
    const isEnum = resolved.kind === 'named' && this.model.get(resolved.name)?.kind === 'enum';
    if (resolved.kind === 'primitive' || resolved.kind === 'string' || isEnum) return resolved;
    const message = `There are no constants of type ${typeText(type)}: use a primitive type, a string or an enum.`;
    this.#names.log.report('IDL4006', syntax.span, message);
    return undefined;
  }
}

/** The scoped names of all types and constants, however broken their declarations. */
function declaredAnywhere(syntax: readonly DefinitionSyntax[]): Map<string, Span> {
  const found = new Map<string, Span>();
  const walk = (definitions: readonly DefinitionSyntax[], prefix: string): void => {
    for (const definition of definitions) {
      if (definition.kind === 'module') {
        walk(definition.definitions, `${prefix}${definition.name.text}::`);
        continue;
      }
      const names =
        definition.kind === 'typedef'
          ? definition.declarators.map(({ name }) => name)
          : definition.kind === 'unsupported'
            ? definition.names
            : [definition.name];
      for (const { text, span } of names) {
        const full = prefix + text;
        if (!found.has(full)) found.set(full, span);
      }
    }
  };
  walk(syntax, '');
  return found;
}

import type { AnnotationPlace } from './annotation-catalogue.js';
import type { Annotations } from './annotation-set.js';
import { checkAnnotations } from './annotations.js';
import type { DiagnosticLog } from './diagnostic.js';
import type { AnnotationSyntax, Identifier } from './expression-syntax.js';
import type { Definition } from './model.js';
import type { Names } from './names.js';
import type { Span } from './source.js';
import type { OpenEntity, Scope } from './scope.js';
import type { Type } from './type.js';

/** Types within types, written at once or through typedefs. */
const typeDepthMax = 300;

/** What all parts of the checker share: the names, and the model as it grows. */
export class CheckContext {
  readonly names: Names;
  /** Structs, unions, interfaces and value types, declared or defined, by scoped name. */
  readonly openEntities = new Map<string, OpenEntity>();

  /** By typedef, the type that it stands for in the end. */
  readonly #resolved = new Map<string, Type>();
  /** How deep the types that typedefs stand for are nested. */
  readonly #depths = new Map<string, number>();

  constructor(names: Names) {
    this.names = names;
  }

  /** What is defined so far, by scoped name. */
  get model(): Map<string, Definition> {
    return this.names.definitions;
  }

  get log(): DiagnosticLog {
    return this.names.log;
  }

  /** A type with its typedefs resolved. */
  resolve(type: Type): Type {
    return type.kind === 'named' ? (this.#resolved.get(type.name) ?? type) : type;
  }

  /** The definition that a type names, through typedefs; `undefined` for other types and those not defined yet. */
  definitionOf(type: Type): Definition | undefined {
    const resolved = this.resolve(type);
    return resolved.kind === 'named' ? this.model.get(resolved.name) : undefined;
  }

  /** Reports a type that is nested too deep through typedefs: everything that follows a type is to end. */
  isTooDeep(type: Type, span: Span): boolean {
    if (this.#depthOf(type) <= typeDepthMax) return false;
    this.log.report(
      'IDL2006',
      span,
      `This type is nested more than ${typeDepthMax} deep: put a struct in between.`,
    );
    return true;
  }

  /** Notes what a typedef stands for, so that none of a long row of them is followed again and again. */
  noteTypedef(name: string, type: Type): void {
    this.#depths.set(name, this.#depthOf(type));
    this.#resolved.set(name, this.resolve(type));
  }

  #depthOf(type: Type): number {
    switch (type.kind) {
      case 'sequence':
      case 'array':
        return 1 + this.#depthOf(type.element);
      case 'map':
        return 1 + this.#depthOf(type.value);
      case 'named':
        return this.#depths.get(type.name) ?? 0;
      default:
        return 0;
    }
  }

  annotations(
    syntax: readonly AnnotationSyntax[],
    place: AnnotationPlace,
    scope: Scope,
    subject?: Type,
  ): Annotations {
    return checkAnnotations(syntax, {
      place,
      scope,
      names: this.names,
      subject: subject && this.resolve(subject),
    });
  }

  /** What the models of all definitions have. */
  common(name: Identifier, scope: Scope, doc: string | undefined, { all }: Pick<Annotations, 'all'>) {
    return {
      name: scope.qualify(name.text),
      modules: scope.modules,
      localName: name.text,
      file: name.span.file.path,
      span: name.span,
      doc,
      annotations: all,
    };
  }

  /** Declares something that has its name in a scope of its own, such as a member. */
  declareMember(scope: Scope, name: Identifier): void {
    if (name.text === '__proto__') {
      // In JavaScript a property of this name is not a property.
      const message = "A member cannot be called '__proto__': choose another name.";
      this.log.report('IDL2005', name.span, message);
    }
    const entity = { kind: 'member', name: scope.qualify(name.text), span: name.span } as const;
    this.names.declare(scope, name, entity);
  }
}

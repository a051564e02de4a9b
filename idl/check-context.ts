import type { AnnotationPlace } from './annotation-catalogue.js';
import type { Annotations } from './annotation-set.js';
import { checkAnnotations } from './annotations.js';
import type { DiagnosticLog } from './diagnostic.js';
import type { AnnotationSyntax, Identifier } from './expression-syntax.js';
import type { Definition } from './model.js';
import { resolveTypedefs } from './model.js';
import type { Names } from './names.js';
import type { Scope } from './scope.js';
import type { Type } from './type.js';

/** What all parts of the checker share: the names, and the model as it grows. */
export class CheckContext {
  readonly names: Names;

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
    return resolveTypedefs({ definitions: this.model }, type);
  }

  /** The definition that a type names, through typedefs; `undefined` for other types and those not defined yet. */
  definitionOf(type: Type): Definition | undefined {
    const resolved = this.resolve(type);
    return resolved.kind === 'named' ? this.model.get(resolved.name) : undefined;
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

import { DiagnosticLog } from './diagnostic.js';
import type { Identifier, ScopedName } from './expression-syntax.js';
import { idlWordFor } from './foreign-words.js';
import type { AnnotationModel, Definition } from './model.js';
import type { NameIndex } from './name-index.js';
import type { Entity, Scope } from './scope.js';
import { kindText } from './scope.js';
import type { Span } from './source.js';
import { didYouMean } from './suggest.js';

const typeWords = [
  'boolean',
  'char',
  'double',
  'float',
  'long',
  'octet',
  'sequence',
  'short',
  'string',
  'unsigned',
];

/** An `@annotation` definition, and the scope of what it declares for its parameters. */
export interface AnnotationEntity {
  readonly model: AnnotationModel;
  readonly scope: Scope;
}

/** Suggestions of one run: each is compared with all names, and after so many mistakes nobody reads them. */
const suggestionsMax = 50;

/** Declaring and finding names by the rules of IDL's scopes (IDL 4.2, 7.5). */
export class Names {
  readonly log: DiagnosticLog;
  readonly global: Scope;
  /** By scoped name: annotations have names of their own. */
  readonly annotations: Map<string, AnnotationEntity>;
  /** What is defined so far, by scoped name. */
  readonly definitions: Map<string, Definition>;
  /** Where each name occurs, for those who want to know. */
  readonly #index: NameIndex | undefined;
  #suggestions = 0;
  /** Where names are declared anywhere in the files: to tell "later" from "never". */
  readonly #later: ReadonlyMap<string, Span>;

  constructor(
    log: DiagnosticLog,
    global: Scope,
    later: ReadonlyMap<string, Span>,
    {
      index,
      annotations = new Map(),
      definitions = new Map(),
    }: {
      index?: NameIndex | undefined;
      annotations?: Map<string, AnnotationEntity>;
      definitions?: Map<string, Definition>;
    } = {},
  ) {
    this.log = log;
    this.annotations = annotations;
    this.definitions = definitions;
    this.#index = index;
    this.global = global;
    this.#later = later;
  }

  /** Puts a name into a scope; reports and returns `false` where it is taken. */
  declare(scope: Scope, name: Identifier, entity: Entity): boolean {
    const existing = scope.own(name.text);
    if (existing !== undefined) {
      this.reportTaken(name, existing);
      return false;
    }
    const enumerators = scope.enumerators(name.text);
    if (enumerators !== undefined) {
      const { spelled, entities } = enumerators;
      this.reportTaken(name, { spelled, entity: entities[0]! });
      return false;
    }
    scope.set(name.text, entity);
    this.#index?.record(name.span, entity, true);
    return true;
  }

  /** A further place where something is declared: a module that goes on, a type that was declared before it is defined. */
  declareAgain(name: Identifier, entity: Entity): void {
    this.#index?.record(name.span, entity, true);
  }

  /** A use of something that is found in another way than by its scope. */
  uses(name: Identifier, entity: Entity): void {
    this.#index?.record(name.span, entity, false);
  }

  reportTaken(name: Identifier, existing: { spelled: string; entity: Entity }): void {
    const { spelled, entity } = existing;
    const note = [{ message: `'${spelled}' is declared here.`, span: entity.span }];
    if (spelled === name.text) {
      const message = `The name '${name.written}' is already declared here: choose another.`;
      this.log.report('IDL3001', name.span, message, note);
    } else {
      const message = `The names '${name.written}' and '${spelled}' differ only by case, which IDL forbids: rename one.`;
      this.log.report('IDL3002', name.span, message, note);
    }
  }

  /** What a name stands for, seen from a scope; `undefined` after reporting where that is nothing. */
  find(scope: Scope, name: ScopedName, what: string): Entity | undefined {
    const first = name.parts[0]!;
    const start = name.absolute ? this.#inScope(this.global, first) : this.#outwards(scope, first);
    let entity = start === 'ambiguous' ? undefined : start;
    if (start === undefined) this.#reportMissing(first, scope, what, name);
    if (entity !== undefined) this.#index?.record(first.span, entity, false);
    for (const part of name.parts.slice(1)) {
      if (entity === undefined || entity.kind === 'broken') return entity;
      if (!('scope' in entity)) {
        const message = `'${entity.name}' is ${kindText(entity.kind)}: nothing is declared in it.`;
        this.log.report('IDL3004', part.span, message);
        return undefined;
      }
      const inner: Entity | 'ambiguous' | undefined = this.#inScope(entity.scope, part);
      if (inner === undefined) this.#reportMissing(part, entity.scope, what, name, entity.name);
      entity = inner === 'ambiguous' ? undefined : inner;
      if (entity !== undefined) this.#index?.record(part.span, entity, false);
    }
    return entity;
  }

  /** The `@annotation` definition that a name stands for, if there is one. */
  findAnnotation(scope: Scope, { absolute, parts }: ScopedName): AnnotationEntity | undefined {
    const name = parts.map(({ text }) => text).join('::');
    for (let at: Scope | undefined = absolute ? this.global : scope; at !== undefined; at = at.parent) {
      const found = this.annotations.get(at.qualify(name));
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** The same names, with a log that nobody reads: to see whether something can be found or evaluated. */
  get silent(): Names {
    const { annotations, definitions } = this;
    const names = new Names(new DiagnosticLog(), this.global, this.#later, { annotations, definitions });
    names.#suggestions = suggestionsMax;
    return names;
  }

  /** Whether a name stands for anything, seen from a scope. */
  isVisible(scope: Scope, text: string): boolean {
    for (let at: Scope | undefined = scope; at !== undefined; at = at.parent) {
      const own = at.own(text);
      if ((own !== undefined && own.entity.kind !== 'member') || at.enumerators(text) !== undefined)
        return true;
      if (at.bases.some((base) => this.isVisible(base, text))) return true;
    }
    return this.#later.has(text);
  }

  #outwards(scope: Scope, name: Identifier): Entity | 'ambiguous' | undefined {
    for (let at: Scope | undefined = scope; at !== undefined; at = at.parent) {
      // A member is no type or constant: it does not hide one outside, so that `Color color;` can be written.
      if (at.own(name.text)?.entity.kind === 'member') continue;
      const found = this.#inScope(at, name);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  #inScope(scope: Scope, name: Identifier): Entity | 'ambiguous' | undefined {
    const own = scope.own(name.text);
    if (own !== undefined) {
      this.#checkSpelling(name, own.spelled, own.entity);
      return own.entity;
    }
    const candidates = scope.enumerators(name.text);
    if (candidates === undefined) return this.#inherited(scope, name);
    if (candidates.entities.length > 1) {
      const notes = candidates.entities.map(({ name: full, span }) => ({
        message: `'${full}' is here.`,
        span,
      }));
      const message = `'${name.written}' can be an enumerator of several enums: write the enum before it.`;
      this.log.report('IDL3007', name.span, message, notes);
      return 'ambiguous';
    }
    this.#checkSpelling(name, candidates.spelled, candidates.entities[0]!);
    return candidates.entities[0];
  }

  #inherited(scope: Scope, name: Identifier): Entity | 'ambiguous' | undefined {
    for (const base of scope.bases) {
      const found = this.#inScope(base, name);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  #checkSpelling(name: Identifier, spelled: string, entity: Entity): void {
    if (spelled === name.text) return;
    const notes = [{ message: 'It is declared here.', span: entity.span }];
    const message = `'${name.written}' is declared as '${spelled}': write it so.`;
    this.log.report('IDL3002', name.span, message, notes);
  }

  /** The end of a message, such as ` Did you mean 'Flight'?`, or nothing. */
  suggest(name: string, candidates: () => Iterable<string>): string {
    return this.#suggestions++ < suggestionsMax ? didYouMean(name, candidates()) : '';
  }

  #reportMissing(part: Identifier, scope: Scope, what: string, name: ScopedName, within?: string): void {
    for (let at: Scope | undefined = scope; at !== undefined; at = at.parent) {
      const later = this.#later.get(at.qualify(part.text));
      if (later !== undefined) {
        const notes = [{ message: 'It is declared here.', span: later }];
        const message = `'${part.written}' is used before its declaration: move the declaration up.`;
        this.log.report('IDL3005', part.span, message, notes);
        return;
      }
      if (within !== undefined || name.absolute) break;
    }
    const where = within === undefined ? '' : ` in '${within}'`;
    const extra = name.parts.length === 1 && what === 'type' ? typeWords : [];
    const word = extra.length === 0 ? undefined : idlWordFor(part.text);
    const hint =
      word === undefined
        ? this.suggest(part.text, () => [...scope.names(), ...extra])
        : ` Did you mean '${word}'?`;
    const wanted = name.parts.at(-1) === part ? what : 'module, struct or enum';
    this.log.report('IDL3003', part.span, `There is no ${wanted} '${part.written}'${where}.${hint}`);
  }
}

import type { AutoId, DataRepresentation } from './model.js';
import type { Span } from './source.js';
import type { ConstantValue } from './type.js';

interface EntityCommon {
  readonly name: string;
  readonly span: Span;
}

/** A type that can be declared before it is defined. */
export interface OpenEntity {
  readonly kind: 'struct' | 'union' | 'interface' | 'valuetype';
  readonly name: string;
  span: Span;
  readonly scope: Scope;
  /** `declared` by a forward declaration, `open` between its `{` and its `}`. */
  state: 'declared' | 'open' | 'complete';
}

/** What a name stands for. */
export type Entity =
  | OpenEntity
  | (EntityCommon & {
      readonly kind: 'module' | 'enum' | 'bitmask' | 'bitset' | 'exception';
      readonly scope: Scope;
    })
  | (EntityCommon & { readonly kind: 'typedef' })
  | (EntityCommon & { readonly kind: 'constant' | 'enumerator' | 'flag'; readonly value: ConstantValue })
  /** A member of a struct, union, exception or value type, a bitfield, an operation, an attribute. */
  | (EntityCommon & { readonly kind: 'member' })
  /** Something with an error of its own: uses of it are not reported. */
  | (EntityCommon & { readonly kind: 'broken' });

/** What something is, in messages: `an enum`. */
export function kindText(kind: Entity['kind']): string {
  if (kind === 'valuetype') return 'a value type';
  return `${/^[aeiou]/.test(kind) && kind !== 'union' ? 'an' : 'a'} ${kind}`;
}

/** What a module says for all that is in it. */
export interface ScopeDefaults {
  readonly autoId: AutoId;
  readonly nested: boolean;
  readonly dataRepresentations?: readonly DataRepresentation[] | undefined;
}

/** The names declared in one module, struct, enum … Names that differ by case only are the same name (IDL 4.2, 7.2.3). */
export class Scope {
  /** The scoped name, empty for the global scope. */
  readonly name: string;
  readonly parent: Scope | undefined;
  defaults: ScopeDefaults;
  /** Scopes of interfaces and value types that this one inherits from. */
  readonly bases: Scope[] = [];
  readonly #entities = new Map<string, { spelled: string; entity: Entity }>();
  /** Enumerators and flags that this scope has from its enums: usable unqualified where no other has the same. */
  readonly #enumerators = new Map<string, { spelled: string; entities: Entity[] }>();

  constructor(name: string, parent: Scope | undefined) {
    this.name = name;
    this.parent = parent;
    this.defaults = parent?.defaults ?? { autoId: 'sequential', nested: false };
  }

  /** The scoped name of something declared here. */
  qualify(local: string): string {
    return this.name === '' ? local : `${this.name}::${local}`;
  }

  get modules(): readonly string[] {
    return this.name === '' ? [] : this.name.split('::');
  }

  /** What is declared here by a name, however it is spelled. */
  own(local: string): { spelled: string; entity: Entity } | undefined {
    return this.#entities.get(local.toLowerCase());
  }

  /** The enumerators that can be meant by a name here. */
  enumerators(local: string): { spelled: string; entities: readonly Entity[] } | undefined {
    return this.#enumerators.get(local.toLowerCase());
  }

  set(local: string, entity: Entity): void {
    this.#entities.set(local.toLowerCase(), { spelled: local, entity });
  }

  addEnumerator(local: string, entity: Entity): void {
    const known = this.#enumerators.get(local.toLowerCase());
    if (known === undefined)
      this.#enumerators.set(local.toLowerCase(), { spelled: local, entities: [entity] });
    else known.entities.push(entity);
  }

  /** All names that can be written here, for suggestions. */
  *names(): Iterable<string> {
    for (const { spelled, entity } of this.#entities.values()) if (entity.kind !== 'member') yield spelled;
    for (const { spelled } of this.#enumerators.values()) yield spelled;
    if (this.parent) yield* this.parent.names();
  }
}

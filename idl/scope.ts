import type { ConstantModel, EnumModel, StructModel, TypedefModel } from './model.js';
import type { Span } from './source.js';

/** What a name stands for. */
export type Entity =
  | { readonly kind: 'module'; readonly name: string; readonly span: Span; readonly scope: Scope }
  | {
      readonly kind: 'struct';
      readonly name: string;
      span: Span;
      /** Absent between its forward declaration (or its opening) and its end. */
      model?: StructModel | undefined;
      readonly scope: Scope;
      begun: boolean;
    }
  | {
      readonly kind: 'enum';
      readonly name: string;
      readonly span: Span;
      readonly model: EnumModel;
      readonly scope: Scope;
    }
  | { readonly kind: 'typedef'; readonly name: string; readonly span: Span; readonly model: TypedefModel }
  | { readonly kind: 'constant'; readonly name: string; readonly span: Span; readonly model: ConstantModel }
  | {
      readonly kind: 'enumerator';
      readonly name: string;
      readonly span: Span;
      readonly enum: string;
      readonly value: number;
    }
  | { readonly kind: 'member'; readonly name: string; readonly span: Span }
  /** Something with an error of its own: uses of it are not reported. */
  | { readonly kind: 'broken'; readonly name: string; readonly span: Span };

/** The names declared in one module, struct or enum. Names that differ by case only are the same name (IDL 4.2, 7.2.3). */
export class Scope {
  /** The scoped name, empty for the global scope. */
  readonly name: string;
  readonly parent: Scope | undefined;
  readonly #entities = new Map<string, { spelled: string; entity: Entity }>();
  /** Enumerators that this scope has from its enums: usable unqualified where no other enum has the same. */
  readonly #enumerators = new Map<string, { spelled: string; entities: Entity[] }>();

  constructor(name: string, parent: Scope | undefined) {
    this.name = name;
    this.parent = parent;
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

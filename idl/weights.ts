import type { CheckContext } from './check-context.js';
import type { MemberModel, StructModel, UnionModel } from './model.js';
import { arrayElementsMax } from './resolve-type.js';
import type { Type } from './type.js';

/** Elements of the arrays within each struct and union, so that nesting cannot multiply them without limit. */
export class Weights {
  readonly #context: CheckContext;
  readonly #weights = new Map<string, number>();

  constructor(context: CheckContext) {
    this.#context = context;
  }

  /** Reports a type whose arrays are too large together. */
  weigh(model: StructModel | UnionModel): void {
    const base = model.kind === 'struct' && model.base !== undefined ? this.#named(model.base) : 0;
    const members = model.kind === 'struct' ? model.members : model.cases.map(({ member }) => member);
    let weight = base;
    for (const member of members) {
      const own = this.#weight(member.external ? undefined : member.type);
      weight = model.kind === 'union' ? Math.max(weight, own) : weight + own;
      if (weight > arrayElementsMax) {
        this.#report(member);
        // Once reported, it is not to be reported for each type that holds this one.
        weight = 1;
        break;
      }
    }
    this.#weights.set(model.name, weight);
  }

  #report({ name, span }: MemberModel): void {
    const message = `The arrays up to '${name}' have more than ${arrayElementsMax} elements together: use a sequence.`;
    this.#context.log.report('IDL4007', span, message);
  }

  #named(name: string): number {
    return this.#weights.get(name) ?? 1;
  }

  #weight(type: Type | undefined): number {
    if (type === undefined) return 1;
    const resolved = this.#context.resolve(type);
    if (resolved.kind === 'array') {
      return resolved.dimensions.reduce((product, size) => product * size, this.#weight(resolved.element));
    }
    return resolved.kind === 'named' ? this.#named(resolved.name) : 1;
  }
}

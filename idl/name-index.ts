import type { Entity } from './scope.js';
import type { Span } from './source.js';

/** A place where something is named. */
export interface Occurrence {
  readonly span: Span;
  readonly entity: Entity;
  /** Whether it is declared here, rather than used. */
  readonly declares: boolean;
}

/** Where each thing of a compilation is named: what editors go to, show and rename. */
export class NameIndex {
  readonly #byFile = new Map<string, Map<number, Occurrence>>();
  readonly #byName = new Map<string, Occurrence[]>();

  /** Remembers an occurrence; a name that is looked up several times at one place is one. */
  record(span: Span, entity: Entity, declares: boolean): void {
    const inFile = this.#byFile.get(span.file.path) ?? new Map<number, Occurrence>();
    this.#byFile.set(span.file.path, inFile);
    if (inFile.has(span.offset)) return;
    const occurrence = { span, entity, declares };
    inFile.set(span.offset, occurrence);
    const ofName = this.#byName.get(entity.name);
    if (ofName === undefined) this.#byName.set(entity.name, [occurrence]);
    else ofName.push(occurrence);
  }

  /** What is named at a place, at whose end a cursor may stand too. */
  at(path: string, offset: number): Occurrence | undefined {
    let touching: Occurrence | undefined;
    for (const occurrence of this.#byFile.get(path)?.values() ?? []) {
      const from = occurrence.span.offset;
      const to = from + occurrence.span.length;
      if (offset >= from && offset < to) return occurrence;
      if (offset === to) touching = occurrence;
    }
    return touching;
  }

  /** Where a scoped name is declared and used. */
  of(name: string): readonly Occurrence[] {
    return this.#byName.get(name) ?? [];
  }

  /** Every declaration, in the order of reading. */
  *declarations(): Iterable<Occurrence> {
    for (const occurrences of this.#byName.values()) yield* occurrences.filter(({ declares }) => declares);
  }
}

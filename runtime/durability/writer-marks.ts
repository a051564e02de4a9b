import type { MemberId } from '../../transport/index.js';

/** A member, the number of a writer there, and a sequence of that writer. */
export type WriterMark = readonly [MemberId, number, number];

/** How far each writer of a topic has come: its newest sequence. */
export class WriterMarks {
  readonly #last = new Map<MemberId, Map<number, number>>();

  constructor(marks: readonly WriterMark[] = []) {
    for (const mark of marks) this.note(...mark);
  }

  /** Whether that is new of the writer. */
  note(member: MemberId, writer: number, sequence: number): boolean {
    let ofMember = this.#last.get(member);
    if (ofMember === undefined) this.#last.set(member, (ofMember = new Map()));
    if (sequence <= (ofMember.get(writer) ?? 0)) return false;
    ofMember.set(writer, sequence);
    return true;
  }

  /** Forgets the writers of all other members. */
  keep(members: readonly MemberId[]): void {
    for (const member of this.#last.keys()) if (!members.includes(member)) this.#last.delete(member);
  }

  all(): WriterMark[] {
    return [...this.#last].flatMap(([member, ofMember]) =>
      [...ofMember].map(([writer, sequence]): WriterMark => [member, writer, sequence]),
    );
  }
}

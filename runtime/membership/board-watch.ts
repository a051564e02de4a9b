import type { MemberId } from '../../transport/transport.js';
import type { Board } from '../table/board.js';
import { CorruptPeerError } from './errors.js';

/** Looks whether the peers' boards say what correct members can have written: counters that only grow. */
export class BoardWatch {
  readonly #board: Board;
  readonly #last = new Map<MemberId, readonly number[]>();

  constructor(board: Board) {
    this.#board = board;
  }

  /** @throws CorruptPeerError */
  look(member: MemberId): void {
    const counters = this.#board.countersOf(member);
    if (counters === undefined) return;
    const last = this.#last.get(member);
    counters.forEach((seen, i) => {
      const before = last?.[i] ?? 0;
      if (Number.isSafeInteger(seen) && seen >= before) return;
      throw new CorruptPeerError(
        member,
        `${this.#board.counterNames[i]} of its board`,
        seen,
        `it was ${before} before`,
      );
    });
    this.#last.set(member, counters);
  }

  forget(member: MemberId): void {
    this.#last.delete(member);
  }
}

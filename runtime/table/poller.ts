import type { Transport } from '../../transport/transport.js';
import { type Board, slotsMax } from './board.js';

/** A set of predicates and their triggers over the table: a subgroup, or (in slot 0) the membership of the domain. */
export interface Predicates {
  /** Evaluates what may hold now. True where something is left to do that no peer's put will announce. */
  evaluate(): boolean;
  /** Whether something is owed by a peer, which may have died instead. */
  readonly expects: boolean;
}

/**
 * Evaluates the predicates of whatever moved: here, because the application did something, or at a peer, because its dirty
 * counter did. It sets no timers and knows no event loop: a driver calls `pass`.
 */
export class Poller {
  readonly #transport: Transport;
  readonly #board: Board;
  readonly #slots: (Predicates | undefined)[] = [];
  readonly #pending = new Uint8Array(slotsMax);
  #anyPending = false;
  #slotsUsed = 1;

  constructor(transport: Transport, board: Board) {
    this.#transport = transport;
    this.#board = board;
  }

  assign(slot: number, predicates: Predicates | undefined): void {
    this.#slots[slot] = predicates;
    if (slot >= this.#slotsUsed) {
      this.#slotsUsed = slot + 1;
      this.#board.slots = this.#slotsUsed;
    }
    if (predicates !== undefined) this.wake(slot);
  }

  /** The predicates in `slot` are to be evaluated in the next pass. */
  wake(slot: number): void {
    this.#pending[slot] = 1;
    this.#anyPending = true;
  }

  /** Whether the next pass would have something to do even if no peer moved. */
  get pending(): boolean {
    return this.#anyPending;
  }

  /** Whether a peer owes something. */
  get expects(): boolean {
    for (let slot = 0; slot < this.#slotsUsed; slot++) if (this.#slots[slot]?.expects === true) return true;
    return false;
  }

  /** One look at everything that moved; false where nothing did that concerns us: a topic that we are not in is none of ours. */
  pass(): boolean {
    const moved = this.#board.scan(this.#pending);
    if (!moved && !this.#anyPending) return false;
    this.#anyPending = false;
    const pending = this.#pending;
    let concerned = false;
    for (let slot = 0; slot < this.#slotsUsed; slot++) {
      if (pending[slot] === 0) continue;
      pending[slot] = 0;
      const predicates = this.#slots[slot];
      if (predicates === undefined) continue;
      concerned = true;
      if (predicates.evaluate()) this.wake(slot);
    }
    if (concerned) this.#transport.flush();
    return concerned;
  }
}

import type { Transport } from '../../transport/transport.js';
import { type Board, slotsMax } from './board.js';

/** A set of predicates and their triggers over the table: a subgroup, or (in slot 0) the membership of the domain. */
export interface Predicates {
  /** Evaluates what may hold now. True where something is left to do that no peer's put will announce. */
  evaluate(): boolean;
  /** Whether all that is left to do is to look again now and then, for what others do and no put announces. */
  readonly waits?: boolean;
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
  readonly #waiting: number[] = [];
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

  /** Whether there are predicates that wait for what no peer's put announces. */
  get waiting(): boolean {
    return this.#waiting.length > 0;
  }

  /** Those are evaluated in the next pass. */
  lookAgain(): void {
    for (const slot of this.#waiting) this.wake(slot);
    this.#waiting.length = 0;
  }

  /** Whether a peer owes something. */
  get expects(): boolean {
    for (let slot = 0; slot < this.#slotsUsed; slot++) if (this.#slots[slot]?.expects === true) return true;
    return false;
  }

  /**
   * One look at everything that moved, and where nothing did, at what is waited for; false where nothing moved that concerns us (a topic that we are not in
   * is none of ours), and what is waited for is still not there.
   */
  pass(): boolean {
    const moved = this.#board.scan(this.#pending);
    if (!moved && !this.#anyPending) {
      if (this.#waiting.length === 0) return false;
      this.lookAgain();
    }
    this.#anyPending = false;
    const pending = this.#pending;
    let concerned = false;
    let goesOn = false;
    for (let slot = 0; slot < this.#slotsUsed; slot++) {
      if (pending[slot] === 0) continue;
      pending[slot] = 0;
      const predicates = this.#slots[slot];
      if (predicates === undefined) continue;
      concerned = true;
      const more = predicates.evaluate();
      if (more && predicates.waits === true) {
        if (!this.#waiting.includes(slot)) this.#waiting.push(slot);
        continue;
      }
      goesOn = true;
      if (more) this.wake(slot);
    }
    if (concerned) this.#transport.flush();
    return goesOn;
  }
}

import type { MemberId } from '../../transport/transport.js';
import type { Board } from '../table/board.js';
import { isRequestItem } from './check-request.js';
import type { RequestItem } from './view.js';

/** Bytes of one request: what does not fit waits for the next view. */
export const requestBytesMax = 16 * 1024;

/**
 * What members ask of the domain. One request of a member is under way at a time; it is applied once, by its id, and the next one
 * gathers meanwhile.
 */
export class Requests {
  readonly #board: Board;
  readonly #waiting: RequestItem[] = [];
  /** Id of the request under way, and of the newest that was promised to somebody. */
  #published = 0;
  #counted = 0;

  /** `applied` is the id of the newest of this member's requests that a view holds: those to come follow it. */
  constructor(board: Board, applied: number) {
    this.#board = board;
    this.#published = applied;
    this.#counted = applied;
  }

  /** Adds to what is asked for; gives the id to wait for. */
  add(items: readonly RequestItem[]): number {
    this.#waiting.push(...items);
    this.#counted += items.length;
    return this.#counted;
  }

  /**
   * Publishes what has gathered, unless something is under way. The id of a request is the number of items asked for by then, so
   * whoever waits for an earlier id is answered too. A view may take only the first of its items: the rest stays asked for.
   */
  publish(applied: number): void {
    if (this.#waiting.length === 0 || applied < this.#published) return;
    let bytes = 0;
    let count = 0;
    for (const item of this.#waiting) {
      bytes += JSON.stringify(item).length * 2;
      if (count > 0 && bytes > requestBytesMax) break;
      count++;
    }
    const items = this.#waiting.splice(0, count);
    this.#published += count;
    this.#board.request(this.#published, new TextEncoder().encode(JSON.stringify(items)));
    this.#board.mark(0);
  }

  /**
   * What `member` asks for and no view has applied yet, where there is anything. Item number n of all that it ever asked for is
   * `items[n - applied - 1]`.
   * @throws SyntaxError or RangeError where no correct member could have written it
   */
  read(member: MemberId, applied: number): RequestItem[] | undefined {
    const id = this.#board.requestIdOf(member);
    if (id <= applied) return undefined;
    const bytes = this.#board.requestOf(member);
    if (bytes === undefined || this.#board.requestIdOf(member) !== id) return undefined;
    const items: unknown = JSON.parse(new TextDecoder().decode(bytes));
    if (!Array.isArray(items) || !items.every(isRequestItem)) throw new RangeError('no such request');
    if (!Number.isSafeInteger(id) || id - items.length > applied)
      throw new RangeError(`request ${id} has ${items.length} items, and ${applied} were applied`);
    return items.slice(items.length - (id - applied));
  }
}

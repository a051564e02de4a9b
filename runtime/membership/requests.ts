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

  constructor(board: Board) {
    this.#board = board;
  }

  /** Adds to what is asked for; gives the id to wait for. */
  add(items: readonly RequestItem[]): number {
    this.#waiting.push(...items);
    this.#counted += items.length;
    return this.#counted;
  }

  /**
   * Publishes what has gathered, unless something is under way. The id of a request is the number of items asked for by then, so
   * whoever waits for an earlier id is answered too. No more joins than `joinsMax` at once: they would dilute the majority.
   */
  publish(applied: number, joinsMax: number): void {
    if (this.#waiting.length === 0 || applied < this.#published) return;
    let bytes = 0;
    let joins = 0;
    let count = 0;
    for (const item of this.#waiting) {
      bytes += JSON.stringify(item).length * 2;
      if (item.op === 'join') joins++;
      if (count > 0 && (bytes > requestBytesMax || joins > joinsMax)) break;
      count++;
    }
    const items = this.#waiting.splice(0, count);
    this.#published += count;
    this.#board.request(this.#published, new TextEncoder().encode(JSON.stringify(items)));
    this.#board.mark(0);
  }

  /**
   * `member`'s request, where it has one newer than `applied`.
   * @throws SyntaxError or RangeError where no correct member could have written it
   */
  read(member: MemberId, applied: number): { id: number; items: RequestItem[]; bytes: number } | undefined {
    const id = this.#board.requestIdOf(member);
    if (id <= applied) return undefined;
    const bytes = this.#board.requestOf(member);
    if (bytes === undefined || this.#board.requestIdOf(member) !== id) return undefined;
    const items: unknown = JSON.parse(new TextDecoder().decode(bytes));
    if (!Array.isArray(items) || !items.every(isRequestItem)) throw new RangeError('no such request');
    return { id, items, bytes: bytes.length };
  }
}

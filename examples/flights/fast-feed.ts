import type { Writer } from 'bowecho';
import type { Flight } from './generated/flights.js';
import type { Member } from './member.js';
import { nowMs } from './messages.js';

/** Writes as fast as it goes, as far as it is granted. */
export class FastFeed {
  readonly #member: Member;
  readonly #writer: Writer<Flight>;
  #upTo = 0;
  #wake: (() => void) | undefined;

  constructor(member: Member, writer: Writer<Flight>) {
    this.#member = member;
    this.#writer = writer;
  }

  granted(upTo: number): void {
    this.#upTo = upTo;
    this.#wake?.();
  }

  async run(flights: readonly Flight[]): Promise<void> {
    const { every, repeat } = this.#member.assignment;
    const startedMs = nowMs();
    let sent = 0;
    for (let round = 0; round < repeat; round++) {
      for (const flight of flights) {
        while (sent >= this.#upTo) await new Promise<void>((resolve) => (this.#wake = resolve));
        await this.#writer.write(flight);
        if (++sent % every === 0) this.#member.tell({ kind: 'sent', count: sent });
      }
    }
    await this.#writer.whenStable();
    this.#member.tell({ kind: 'written', count: sent, startedMs });
  }
}

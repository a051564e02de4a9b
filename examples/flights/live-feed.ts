import { setTimeout as sleep } from 'node:timers/promises';
import type { Writer } from 'bowecho';
import { loadFlights } from './flights-data.js';
import type { Flight } from './generated/flights.js';
import type { Member } from './member.js';
import { nowMs } from './messages.js';

/** The replay begins when airports wake up, not in the dead of the first night. */
const firstMorning = BigInt(Date.UTC(2001, 0, 1, 6)) * 1000n;
const usPerMinute = 60_000_000;
/** Between the last flight of the data and the first again. Simulated minutes. */
const pauseMinutes = 120;

/** Writes at the times of the data, many times faster, and begins anew when it is over. */
export class LiveFeed {
  readonly #member: Member;
  readonly #writer: Writer<Flight>;

  constructor(member: Member, writer: Writer<Flight>) {
    this.#member = member;
    this.#writer = writer;
  }

  granted(): void {
    // Live, the clock alone says how far a feed may go.
  }

  /** The simulated clock of both feeds shows the first morning at `startMs`. */
  async run(flights: readonly Flight[], startMs: number): Promise<void> {
    const roundMinutes = minutesAfterMorning(loadFlights().at(-1)!) + pauseMinutes;
    for (let round = 0; ; round++) {
      for (const flight of flights) {
        const minutes = round * roundMinutes + minutesAfterMorning(flight);
        const waitMs = startMs + (minutes / this.#member.assignment.speed) * 1000 - nowMs();
        if (waitMs > 1) await sleep(waitMs);
        if (this.#member.leaving) return;
        await this.#writer.write(flight);
      }
    }
  }
}

function minutesAfterMorning({ date }: Flight): number {
  return Number(date - firstMorning) / usPerMinute;
}

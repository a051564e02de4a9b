import type { Flight } from './generated/flights.js';
import { lateFromMinutes } from './topics.js';

const rows = 8;

/** The last departures, as lines of text. */
export class DeparturesBoard {
  #last: Flight[] = [];
  #departures = 0;

  add(flight: Flight): void {
    this.#departures++;
    this.#last.push(flight);
    if (this.#last.length > rows * 16) this.#last = this.#last.slice(-rows);
  }

  get departures(): number {
    return this.#departures;
  }

  get lastLine(): string {
    const last = this.#last.at(-1);
    return last === undefined ? 'none' : lineOf(last);
  }

  /** A headline that says it all, and the last departures, oldest first. */
  get lines(): string[] {
    const headline = `  ${this.#departures.toLocaleString('en')} departures, last ${this.lastLine}`;
    return [headline, '', ...this.#last.slice(-rows).map((flight) => `  ${lineOf(flight)}`)];
  }
}

function lineOf({ date, origin, destination, delay }: Flight): string {
  const time = new Date(Number(date / 1000n)).toISOString().slice(0, 16).replace('T', ' ');
  return `${time}  ${origin} → ${destination}  ${remark(delay)}`;
}

function remark(delay: number): string {
  if (delay >= lateFromMinutes) return `${delay} min late`;
  return delay < 0 ? `${-delay} min early` : 'on time';
}

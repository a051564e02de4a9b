import type { Flight } from './generated/flights.js';
import { lateFromMinutes } from './topics.js';

const rows = 8;

/** The last departures, as lines of text. */
export class DeparturesBoard {
  #last: Flight[] = [];
  #departures = 0;
  #drawn = 0;

  add(flight: Flight): void {
    this.#departures++;
    this.#last.push(flight);
    if (this.#last.length > rows * 16) this.#last = this.#last.slice(-rows);
  }

  get lastLine(): string {
    const last = this.#last.at(-1);
    return last === undefined ? 'none' : lineOf(last);
  }

  /** The board, drawn over the one before on a terminal; one line where the output goes to a file. */
  render(terminal: boolean): string {
    const count = `${this.#departures.toLocaleString('en')} departures`;
    if (!terminal) return `board: ${count}, last ${this.lastLine}\n`;
    const lines = this.#last.slice(-rows).map(lineOf);
    const up = this.#drawn > 0 ? `\x1b[${this.#drawn}A\x1b[J` : '';
    const text = ['', `  DEPARTURES  ${count}`, ...lines.map((line) => `  ${line}`)];
    this.#drawn = text.length;
    return up + text.join('\n') + '\n';
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

import type { Flight } from '../generated/flights.js';
import { delayColor } from './delay-colors.js';
import { byId, element } from './element.js';

/** More than there is room for on most screens; the page cuts them off. */
const rows = 24;

/** The last departures, newest first, and the simulated clock that they tell. */
export class Departures {
  readonly #list = byId('board');
  readonly #day = byId('day');
  readonly #time = byId('time');
  #last: Flight[] = [];
  #changed = false;

  add(flight: Flight): void {
    this.#last.unshift(flight);
    this.#last.length = Math.min(this.#last.length, rows);
    this.#changed = true;
  }

  draw(): void {
    if (!this.#changed) return;
    this.#changed = false;
    const now = dateOf(this.#last[0]!);
    this.#day.textContent = dayFormat.format(now);
    this.#time.textContent = timeFormat.format(now);
    this.#list.replaceChildren(...this.#last.map(rowOf));
  }
}

const dayFormat = new Intl.DateTimeFormat('en-GB', {
  weekday: 'long',
  day: 'numeric',
  month: 'long',
  year: 'numeric',
  timeZone: 'UTC',
});
const timeFormat = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', timeZone: 'UTC' });

function dateOf({ date }: Flight): Date {
  return new Date(Number(date / 1000n));
}

function rowOf(flight: Flight): HTMLElement {
  const row = element('li');
  const way = element('span');
  way.append(flight.origin, element('span', 'arrow', '→'), flight.destination);
  const delay = element('span', 'delay', wordsFor(flight.delay));
  delay.style.color = delayColor(flight.delay);
  row.append(element('time', '', timeFormat.format(dateOf(flight))), way, delay);
  return row;
}

function wordsFor(delay: number): string {
  if (delay >= 15) return `${delay} min late`;
  return delay < 0 ? `${-delay} min early` : 'on time';
}

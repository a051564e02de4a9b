import type { Flight } from './generated/flights.js';
import { type AirportDelay, type DelayReport, lateFromMinutes } from './topics.js';

/** Airports that a report names: the busiest. */
const named = 12;

interface Tally {
  departures: number;
  late: number;
  minutes: number;
}

/** Departures, late ones and the average delay: of all, and by airport of origin. */
export class DelayStatistics {
  readonly #all: Tally = { departures: 0, late: 0, minutes: 0 };
  readonly #airports = new Map<string, Tally>();

  add({ origin, delay }: Flight): void {
    let airport = this.#airports.get(origin);
    if (airport === undefined) this.#airports.set(origin, (airport = { departures: 0, late: 0, minutes: 0 }));
    count(airport, delay);
    count(this.#all, delay);
  }

  report(): DelayReport {
    const { departures, late } = this.#all;
    return { departures, late, averageDelay: averageOf(this.#all), airports: this.#busiest() };
  }

  remark(): string {
    const worst = this.#busiest().sort((a, b) => b.averageDelay - a.averageDelay)[0];
    if (worst === undefined) return 'no departures';
    return `of the ${named} busiest airports ${worst.iata} is the latest: ${worst.averageDelay.toFixed(1)} min on average`;
  }

  #busiest(): AirportDelay[] {
    return [...this.#airports]
      .sort(([, a], [, b]) => b.departures - a.departures)
      .slice(0, named)
      .map(([iata, tally]) => ({
        iata,
        departures: tally.departures,
        late: tally.late,
        averageDelay: averageOf(tally),
      }));
  }
}

function count(tally: Tally, delay: number): void {
  tally.departures++;
  if (delay >= lateFromMinutes) tally.late++;
  tally.minutes += delay;
}

function averageOf({ departures, minutes }: Tally): number {
  return departures === 0 ? 0 : minutes / departures;
}

import type { DelayReport, MemberReport } from '../topics.js';
import { delayColor } from './delay-colors.js';
import { byId, element } from './element.js';

/** What `stats` said longer ago than this is shown as old. */
const staleMs = 3000;
const airportsShown = 8;
/** The average delay whose bar is full. Minutes. */
const barMinutes = 24;

/** Departures and their rate, as the gateway counts them; delays, as `stats` works them out. */
export class Counters {
  readonly #departures = byId('departures');
  readonly #rate = byId('rate');
  readonly #late = byId('late');
  readonly #average = byId('average');
  readonly #airports = byId('airports');
  #shown = 0;
  #counted = 0;
  #samplesPerSecond = 0;
  #heardMs = -Infinity;

  acceptMember({ name, delivered, samplesPerSecond }: MemberReport): void {
    if (name !== 'gateway') return;
    this.#counted = delivered;
    this.#samplesPerSecond = samplesPerSecond;
  }

  acceptDelays(report: DelayReport): void {
    this.#heardMs = performance.now();
    const lateShare = report.departures === 0 ? 0 : (100 * report.late) / report.departures;
    this.#late.textContent = lateShare.toFixed(1);
    this.#average.textContent = report.averageDelay.toFixed(1);
    this.#airports.replaceChildren(...report.airports.slice(0, airportsShown).map(rowOf));
  }

  draw(nowMs: number): void {
    // Glides to what was counted instead of jumping with each report.
    this.#shown += (this.#counted - this.#shown) * 0.15;
    if (Math.abs(this.#counted - this.#shown) < 0.6) this.#shown = this.#counted;
    this.#departures.textContent = Math.round(this.#shown).toLocaleString('en');
    this.#rate.textContent = this.#samplesPerSecond.toLocaleString('en', { maximumFractionDigits: 0 });
    const stale = nowMs - this.#heardMs > staleMs;
    for (const node of [this.#late, this.#average, this.#airports]) node.classList.toggle('stale', stale);
  }
}

function rowOf({ iata, averageDelay }: DelayReport['airports'][number]): HTMLElement {
  const row = element('li');
  const bar = element('div', 'bar');
  bar.style.width = `${Math.min(100, Math.max(1, (100 * Math.max(0, averageDelay)) / barMinutes))}%`;
  bar.style.background = delayColor(averageDelay, 0.85);
  row.append(element('span', '', iata), bar, element('span', 'value', averageDelay.toFixed(1)));
  return row;
}

/** Time that passes between two events counts in full up to here, and beyond it by its logarithm. */
const fullUs = 60;

export interface Tick {
  readonly x: number;
  readonly label: string;
}

/** Virtual time along a line, so that dense moments get more of it than long waits. */
export class TimeAxis {
  readonly #times: readonly number[];
  readonly #places: readonly number[];

  /** From `start` to `end`, for events at `times`. */
  constructor(times: readonly number[], start: number, end: number) {
    const sorted = [...new Set(times)].sort((a, b) => a - b);
    let weight = 0;
    const weights = sorted.map((time, i) => (weight += i === 0 ? 0 : weightOf(time - sorted[i - 1]!)));
    this.#times = sorted;
    this.#places = weights.map((own) => start + (weight === 0 ? 0 : (own / weight) * (end - start)));
  }

  /** What is before or after all events is at the edge. */
  x(atUs: number): number {
    const times = this.#times;
    const next = times.findIndex((time) => time >= atUs);
    if (next < 0) return rounded(this.#places.at(-1) ?? 0);
    if (next === 0 || times[next] === atUs) return rounded(this.#places[next]!);
    const share = (atUs - times[next - 1]!) / (times[next]! - times[next - 1]!);
    return rounded(this.#places[next - 1]! + share * (this.#places[next]! - this.#places[next - 1]!));
  }

  /** Some times, evenly spread along the line. */
  ticks(count: number): Tick[] {
    const first = this.#places[0] ?? 0;
    const length = (this.#places.at(-1) ?? 0) - first;
    const ticks: Tick[] = [];
    for (let i = 0; i <= count; i++) {
      const at = this.#places.findIndex((place) => place >= first + (i / count) * length - 1e-6);
      const x = rounded(this.#places[at] ?? first);
      if (at >= 0 && (ticks.length === 0 || x - ticks.at(-1)!.x > 60))
        ticks.push({ x, label: this.label(this.#times[at]!) });
    }
    return ticks;
  }

  /** Since the first event that is drawn. */
  label(atUs: number): string {
    return `+${((atUs - (this.#times[0] ?? 0)) / 1000).toFixed(2)} ms`;
  }
}

function weightOf(us: number): number {
  return us <= fullUs ? us : fullUs * (1 + Math.log2(us / fullUs));
}

function rounded(place: number): number {
  return Math.round(place * 10) / 10;
}

import type { Clock } from '../../transport/transport.js';

/**
 * A hybrid logical clock (Kulkarni et al., _Logical Physical Clocks_, 2014): microseconds since the epoch, a safe integer, as late as the
 * physical clock, later than every time that was seen of others, and never going back. So what follows from something bears a later time, and
 * all samples up to a time are a consistent cut, across topics too. The paper's counter is a microsecond added here.
 */
export class LogicalClock implements Clock {
  /** In an array, so that stamping makes no number objects. 0 is no time. */
  protected readonly time = new Float64Array(1).fill(1);
  readonly #physical: Clock;

  constructor(physical: Clock) {
    this.#physical = physical;
  }

  /** What the physical clock says: for measuring how long something takes. */
  nowUs(): number {
    return this.#physical.nowUs();
  }

  /** The time that what is written now bears, if the physical clock is not asked before. */
  get lastUs(): number {
    return this.time[0]!;
  }

  /** The physical clock says this. */
  advance(nowUs: number): void {
    if (nowUs > this.time[0]!) this.time[0] = nowUs;
  }

  /** A time was seen: what is written from now on is later. */
  observe(timeUs: number): void {
    if (timeUs >= this.time[0]! && timeUs < Number.MAX_SAFE_INTEGER) this.time[0] = timeUs + 1;
  }

  /** The time: all that was written here is not later, and all that is written from now on is. */
  pass(): number {
    const timeUs = this.time[0]!;
    this.time[0] = timeUs + 1;
    return timeUs;
  }

  /** The same, stored. */
  showIn(row: Float64Array, column: number): void {
    const { time } = this;
    row[column] = time[0]!;
    time[0]! += 1;
  }
}

import type { SampleInfo } from '../../../runtime/dds/index.js';

export interface Report {
  readonly count: number;
  /** Of who wrote what, in the order of delivery. */
  readonly hash: string;
  /** The same, each as `member:writer:sequence`; the latest, up to a limit. */
  readonly order: readonly string[];
  readonly byMember: Readonly<Record<string, number>>;
  /** Whatever must never be: gaps, doubles, versions that do not grow. */
  readonly faults: readonly string[];
  readonly gapMsMax: number;
  /** Of the latest sample. */
  readonly epoch: number;
}

const orderMax = 200_000;

/** Writes down what a reader delivers, and checks on the way what must hold for any reader. */
export class Recorder {
  #count = 0;
  #hash = 0x811c9dc5;
  readonly #order: string[] = [];
  readonly #byMember: Record<string, number> = {};
  readonly #lastOf = new Map<string, number>();
  readonly #faults: string[] = [];
  #versionFaults = 0;
  #epoch = -1;
  #sequence = -1;
  #at = 0;
  #gapMsMax = 0;

  add(info: SampleInfo): void {
    const name = `${info.member}:${info.writer}`;
    const last = this.#lastOf.get(name);
    if (last !== undefined && info.writerSequence !== last + 1)
      this.#faults.push(`${name}: ${info.writerSequence} after ${last}`);
    this.#lastOf.set(name, info.writerSequence);
    const isLater =
      info.epoch > this.#epoch || (info.epoch === this.#epoch && info.sequence > this.#sequence);
    if (!isLater && this.#versionFaults++ < 3)
      this.#faults.push(`version ${info.epoch}.${info.sequence} after ${this.#epoch}.${this.#sequence}`);
    this.#epoch = info.epoch;
    this.#sequence = info.sequence;
    const now = performance.now();
    if (this.#at > 0) this.#gapMsMax = Math.max(this.#gapMsMax, now - this.#at);
    this.#at = now;
    this.#count++;
    this.#byMember[info.member] = (this.#byMember[info.member] ?? 0) + 1;
    const entry = `${name}:${info.writerSequence}`;
    if (this.#order.length < orderMax) this.#order.push(entry);
    for (let i = 0; i < entry.length; i++)
      this.#hash = Math.imul(this.#hash ^ entry.charCodeAt(i), 0x01000193) >>> 0;
  }

  /** Raw topics have no order across writers: versions are those of each writer's own turns. */
  report(withOrder: boolean): Report {
    return {
      count: this.#count,
      hash: this.#hash.toString(16),
      order: withOrder ? this.#order : [],
      byMember: this.#byMember,
      faults: this.#faults.slice(0, 10),
      gapMsMax: this.#gapMsMax,
      epoch: this.#epoch,
    };
  }
}

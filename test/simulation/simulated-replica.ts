import type { ReplicaDisk, ReplicaMark } from '../../runtime/durability/replica/replica-disk.js';
import type { LogFailure } from '../../runtime/multicast/topic-log.js';
import { type LogRecord, type SimulatedDisk, SimulatedTopicLog } from './disk.js';

/** What a simulated disk has of one topic: the log, its mark, and what was gathered beside it. */
export class SimulatedReplica implements ReplicaDisk {
  readonly log: SimulatedTopicLog;
  /** By the epoch from which on it was gathered. */
  readonly gathered = new Map<number, SimulatedTopicLog>();
  /** As it is durable. */
  noted: ReplicaMark | undefined;
  mark: ReplicaMark | undefined;
  lacking = false;
  readonly #disk: SimulatedDisk;
  readonly #topic: string;
  #next: { mark: ReplicaMark; done: (() => void)[] } | undefined;
  #underWay: ReplicaMark | undefined;

  constructor(disk: SimulatedDisk, topic: string) {
    this.#disk = disk;
    this.#topic = topic;
    this.log = new SimulatedTopicLog(disk, topic);
  }

  get failure(): LogFailure | undefined {
    return this.#disk.failure;
  }

  reopen(): void {
    this.mark = this.noted;
    this.lacking = false;
    for (const epoch of this.gathered.keys())
      if (epoch <= (this.mark?.wholeBefore ?? -1)) this.gathered.delete(epoch);
      else this.lacking = true;
  }

  note(mark: ReplicaMark, done: () => void): void {
    if (this.#next === undefined) this.#next = { mark, done: [done] };
    else {
      this.#next.mark = mark;
      this.#next.done.push(done);
    }
    this.#write();
  }

  /** One after another. */
  #write(): void {
    if (this.#underWay !== undefined || this.#next === undefined) return;
    const { mark, done } = this.#next;
    this.#next = undefined;
    this.#underWay = mark;
    this.#disk.sync(this.#topic, () => {
      this.#underWay = undefined;
      this.noted = mark;
      for (const told of done) told();
      this.#write();
    });
  }

  gather(epoch: number, done: (log: SimulatedTopicLog) => void): void {
    this.#disk.sync(this.#topic, () => {
      const log = new SimulatedTopicLog(this.#disk, this.#topic, true);
      this.gathered.set(epoch, log);
      done(log);
    });
  }

  dropGathered(): void {
    const epochs = [...this.gathered.keys()];
    this.#disk.sync(this.#topic, () => {
      for (const epoch of epochs) this.gathered.delete(epoch);
    });
  }

  /** What a loss of power would leave of an epoch: one past the last sequence, Infinity where all of it is there. */
  durableIn(epoch: number): number {
    let durable = 0;
    for (const [since, log] of [[-1, this.log] as const, ...this.gathered]) {
      if (since > epoch) continue;
      const records = log.records.slice(0, log.durable);
      // Whoever has gone on to a later epoch had all of this one first: logs are in order.
      if (records.some((record) => record.epoch > epoch)) return Infinity;
      const last = records.findLast((record) => record.epoch === epoch);
      if (last !== undefined) durable = Math.max(durable, last.sequence + 1);
    }
    return durable;
  }

  /** How many messages of an epoch a loss of power would leave. */
  countIn(epoch: number): number {
    const counts = [this.log, ...this.gathered.values()].map(
      ({ records, durable }) => records.slice(0, durable).filter((record) => record.epoch === epoch).length,
    );
    return Math.max(...counts);
  }

  get durableRecords(): readonly LogRecord[] {
    return this.log.records.slice(0, this.log.durable);
  }

  lose(survive: (count: number) => number): void {
    if (this.#underWay !== undefined && survive(1) === 1) this.noted = this.#underWay;
    this.#underWay = undefined;
    this.#next = undefined;
    this.log.lose(survive);
    for (const log of this.gathered.values()) log.lose(survive);
  }
}

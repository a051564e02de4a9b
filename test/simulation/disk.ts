import type { SeededRandom } from '../../transport/simulated/random.js';
import type { ViewLog } from '../../runtime/membership/view-log.js';
import type { Delivery } from '../../runtime/multicast/delivery.js';
import type { LogFailure, TopicLog } from '../../runtime/multicast/topic-log.js';
import { contentHash } from './samples.js';

/** A message as a log has it. */
export interface LogRecord {
  readonly epoch: number;
  readonly sequence: number;
  readonly sender: number;
  readonly length: number;
  /** Of its bytes. */
  readonly hash: number;
}

/** What went wrong with a simulated disk. */
export class DiskFailure extends Error implements LogFailure {
  readonly code = 'BE_DISK';
}

export interface DiskOptions {
  /** How long a write and its sync take. */
  readonly syncUs: { readonly min: number; readonly max: number };
  /** Records that wait for the disk before the log is full. */
  readonly waitingMax: number;
}

/** Runs `action` after so much virtual time, unless the member has crashed by then. */
export type Later = (us: number, action: () => void) => void;

/**
 * A member's disk in virtual time: what was written is durable once it was synced, a while later, all that has gathered by one sync. It can be
 * slow, fail, fill up; and where its member crashes, what was not synced is lost but for a prefix of it that chance has let through.
 */
export class SimulatedDisk {
  readonly logs = new Map<string, SimulatedTopicLog>();
  readonly views: SimulatedViewLog;
  failure: DiskFailure | undefined;
  /** Syncs take so much longer. */
  slowUs = 0;
  /** Records that still fit. */
  roomLeft = Infinity;
  readonly options: DiskOptions;
  /** Told of every message that a log takes. */
  appended: ((topic: string, record: LogRecord) => void) | undefined;
  readonly #random: SeededRandom;
  readonly #later: Later;
  readonly #moved: (topic: string | undefined) => void;

  /** `moved` is told of the topic of which more is durable, undefined for the views, and of a failure. */
  constructor(
    random: SeededRandom,
    options: DiskOptions,
    later: Later,
    moved: (topic: string | undefined) => void,
  ) {
    this.options = options;
    this.#random = random;
    this.#later = later;
    this.#moved = moved;
    this.views = new SimulatedViewLog(this);
  }

  log(topic: string): SimulatedTopicLog {
    let log = this.logs.get(topic);
    if (log === undefined) this.logs.set(topic, (log = new SimulatedTopicLog(this, topic)));
    return log;
  }

  /** Calls `done` once a write and its sync are over; never where the disk has failed by then. */
  sync(topic: string | undefined, done: () => void): void {
    const { min, max } = this.options.syncUs;
    this.#later(this.#random.between(min, max) + this.slowUs, () => {
      if (this.failure !== undefined) return;
      done();
      this.#moved(topic);
    });
  }

  /** From now on nothing becomes durable, and everyone who looks is told why. */
  fail(message: string): void {
    if (this.failure !== undefined) return;
    this.failure = new DiskFailure(message);
    this.#moved(undefined);
  }

  /** Power is lost: of what was not synced a prefix is there, as long as chance has it. */
  crash(): void {
    for (const log of this.logs.values()) log.lose((count) => this.#random.below(count + 1));
    this.views.lose(this.#random.below(2) === 0);
  }
}

export class SimulatedTopicLog implements TopicLog {
  /** All that was appended, and is not lost. */
  readonly records: LogRecord[] = [];
  /** By epoch: what nothing of it follows. */
  readonly ends = new Map<number, number>();
  durable = 0;
  readonly #disk: SimulatedDisk;
  readonly #topic: string;
  #syncing = false;

  constructor(disk: SimulatedDisk, topic: string) {
    this.#disk = disk;
    this.#topic = topic;
  }

  get full(): boolean {
    return this.records.length - this.durable >= this.#disk.options.waitingMax;
  }

  get failure(): LogFailure | undefined {
    return this.#disk.failure;
  }

  get durableEpoch(): number {
    return this.records[this.durable - 1]?.epoch ?? -1;
  }

  get durableSequence(): number {
    return this.records[this.durable - 1]?.sequence ?? -1;
  }

  append({ epoch, sequence, sender, length, memory, offset }: Delivery): void {
    if (this.failure !== undefined) return;
    if (this.#disk.roomLeft-- <= 0) {
      this.#disk.fail('no space is left on the device');
      return;
    }
    const record = { epoch, sequence, sender, length, hash: contentHash(memory.bytes, offset, length) };
    this.records.push(record);
    this.#disk.appended?.(this.#topic, record);
    this.#sync();
  }

  /** One sync for all that has gathered. */
  #sync(): void {
    if (this.#syncing || this.durable === this.records.length) return;
    this.#syncing = true;
    const written = this.records.length;
    this.#disk.sync(this.#topic, () => {
      this.#syncing = false;
      this.durable = written;
      this.#sync();
    });
  }

  end(epoch: number, lastSequence: number): void {
    this.ends.set(epoch, lastSequence);
  }

  /** `survive` draws how many of the records that were not synced are there nevertheless. */
  lose(survive: (count: number) => number): void {
    this.records.length = this.durable + survive(this.records.length - this.durable);
    this.durable = this.records.length;
  }
}

export class SimulatedViewLog implements ViewLog {
  readonly records = new Map<number, string>();
  prepared = -1;
  readonly #disk: SimulatedDisk;

  constructor(disk: SimulatedDisk) {
    this.#disk = disk;
  }

  get failure(): LogFailure | undefined {
    return this.#disk.failure;
  }

  prepare(viewId: number, record: string): void {
    if (this.failure !== undefined) return;
    this.records.set(viewId, record);
    this.#disk.sync(undefined, () => (this.prepared = Math.max(this.prepared, viewId)));
  }

  /** The record of `viewId` that a loss of power would leave. */
  durable(viewId: number): string | undefined {
    return viewId <= this.prepared ? this.records.get(viewId) : undefined;
  }

  installed(): void {
    // What came before may go; the oracles want to see all of it.
  }

  lose(all: boolean): void {
    if (!all) return;
    for (const viewId of [...this.records.keys()]) if (viewId > this.prepared) this.records.delete(viewId);
  }
}

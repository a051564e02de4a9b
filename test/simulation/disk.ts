import type { SeededRandom } from '../../transport/simulated/random.js';
import type { FoundDisk, FoundView } from '../../runtime/membership/restart.js';
import type { ViewLog } from '../../runtime/membership/view-log.js';
import { isAfter } from '../../runtime/durability/log/catalog.js';
import type { ReadRange } from '../../runtime/durability/log/log-reading.js';
import type { Callback } from '../../runtime/durability/log/steps.js';
import type { LogReader, StoredLog } from '../../runtime/durability/replica/replica-disk.js';
import { EntryRef, entryBytes, writeEntry } from '../../runtime/history/entry.js';
import type { ViewRecord } from '../../runtime/membership/view-record.js';
import type { Delivery } from '../../runtime/multicast/delivery.js';
import type { LogFailure } from '../../runtime/multicast/topic-log.js';
import { regionMemory } from '../../transport/transport.js';
import type { KeptState } from './states.js';
import { SimulatedReplica } from './simulated-replica.js';
import { contentHash, timeOf } from './samples.js';

/** A message as a log has it. */
export interface LogRecord {
  readonly epoch: number;
  readonly sequence: number;
  readonly sender: number;
  readonly length: number;
  /** Of its bytes. */
  readonly hash: number;
  readonly entry: EntryRef;
  /** Of its writer's clock. */
  readonly timeUs: number;
  /** What its bytes say that it is; see `fillSample`. */
  readonly stream: number;
  readonly number: number;
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

export type Appended = (
  topic: string,
  record: LogRecord,
  before: readonly LogRecord[],
  isBeside: boolean,
) => void;

/** Runs `action` after so much virtual time, unless the member has crashed by then. */
export type Later = (us: number, action: () => void) => void;

/**
 * A member's disk in virtual time: what was written is durable once it was synced, a while later, all that has gathered by one sync. It can be
 * slow, fail, fill up; and where its member crashes, what was not synced is lost but for a prefix of it that chance has let through.
 */
export class SimulatedDisk {
  readonly replicas = new Map<string, SimulatedReplica>();
  readonly views: SimulatedViewLog;
  failure: DiskFailure | undefined;
  /** Its member is gone: nothing is written any more. */
  crashed = false;
  /** Snapshots of replicated states, by topic. */
  readonly states = new Map<string, KeptState>();
  /** It is that of a witness. */
  isWitness = false;
  /** Syncs take so much longer. */
  slowUs = 0;
  /** Records that still fit. */
  roomLeft = Infinity;
  readonly options: DiskOptions;
  /** What views call it. */
  readonly id: string;
  /** Told of every message that a log takes after `before`; whether it is one beside the log of its topic. */
  appended: Appended | undefined;
  /** Asked before anything is done by the disk: true where its member crashes there. */
  crashes: (() => boolean) | undefined;
  readonly #random: SeededRandom;
  #later: Later;
  #moved: (topic: string | undefined) => void;
  /** Counts its members. What was under way for the one before is over. */
  #run = 0;

  /** `moved` is told of the topic of which more is durable, undefined for the views, and of a failure. */
  constructor(
    random: SeededRandom,
    options: DiskOptions,
    later: Later,
    moved: (topic: string | undefined) => void,
    id = '',
  ) {
    this.id = id;
    this.options = options;
    this.#random = random;
    this.#later = later;
    this.#moved = moved;
    this.views = new SimulatedViewLog(this);
  }

  /** Another member goes on with what is there. */
  reopen(later: Later, moved: (topic: string | undefined) => void): void {
    this.#later = later;
    this.#moved = moved;
    this.#run++;
    this.slowUs = 0;
    this.crashed = false;
    for (const replica of this.replicas.values()) replica.reopen();
    this.views.reopen();
  }

  /** All members of the domain are gone: the disk works again, and has what a loss of power has left. */
  repair(): void {
    this.failure = undefined;
    this.roomLeft = Infinity;
  }

  /** What a restart finds. */
  found(): FoundDisk {
    const logs = [...this.replicas].map(([topic, { log, noted }]) => ({
      topic,
      lineage: noted?.lineage,
      place: '',
      epoch: log.lastEpoch,
      sequence: log.lastSequence,
    }));
    return { disk: this.id, views: this.views.found(), logs };
  }

  replica(topic: string): SimulatedReplica {
    let replica = this.replicas.get(topic);
    if (replica === undefined) this.replicas.set(topic, (replica = new SimulatedReplica(this, topic)));
    return replica;
  }

  log(topic: string): SimulatedTopicLog {
    return this.replica(topic).log;
  }

  /** Calls `done` once a write and its sync are over; never where the disk has failed by then. */
  sync(topic: string | undefined, done: () => void): void {
    const { min, max } = this.options.syncUs;
    const run = this.#run;
    this.#later(this.#random.between(min, max) + this.slowUs, () => {
      if (run !== this.#run || this.failure !== undefined || this.crashes?.() === true) return;
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
    this.#run++;
    this.crashed = true;
    for (const replica of this.replicas.values()) replica.lose((count) => this.#random.below(count + 1));
    this.views.lose(this.#random.below(2) === 0);
  }
}

export class SimulatedTopicLog implements StoredLog {
  /** All that was appended, and is neither lost nor cut. */
  readonly records: LogRecord[] = [];
  /** By epoch: what nothing of it follows. */
  readonly ends = new Map<number, number>();
  readonly gap = undefined;
  readonly lacks = () => undefined;
  readonly dropBefore = () => undefined;
  durable = 0;
  readonly #disk: SimulatedDisk;
  readonly #topic: string;
  readonly #isBeside: boolean;
  #syncing = false;
  /** What a cut that is not durable yet has cut, and where. */
  #cut: { readonly at: number; readonly records: readonly LogRecord[] } | undefined;

  constructor(disk: SimulatedDisk, topic: string, isBeside = false) {
    this.#disk = disk;
    this.#topic = topic;
    this.#isBeside = isBeside;
  }

  get full(): boolean {
    return this.records.length - this.durable >= this.#disk.options.waitingMax;
  }

  get failure(): LogFailure | undefined {
    return this.#disk.failure;
  }

  get lastEpoch(): number {
    return this.records.at(-1)?.epoch ?? -1;
  }

  get lastSequence(): number {
    return this.records.at(-1)?.sequence ?? -1;
  }

  get durableEpoch(): number {
    return this.records[this.durable - 1]?.epoch ?? -1;
  }

  get durableSequence(): number {
    return this.records[this.durable - 1]?.sequence ?? -1;
  }

  append(message: Delivery): void {
    if (this.failure !== undefined || this.#disk.crashed) return;
    if (this.#disk.roomLeft-- <= 0) {
      this.#disk.fail('no space is left on the device');
      return;
    }
    const { epoch, sequence, sender, length, memory, offset } = message;
    const bytes = entryBytes(length);
    const entry = new EntryRef(regionMemory(new ArrayBuffer(bytes)), 0);
    writeEntry(entry.memory, 0, message, bytes);
    const record = {
      epoch,
      sequence,
      sender,
      length,
      hash: contentHash(memory.bytes, offset, length),
      entry,
      timeUs: timeOf(message.ring, message.header),
      stream: memory.u32[offset >>> 2]!,
      number: memory.u32[(offset >>> 2) + 1]!,
    };
    this.#disk.appended?.(this.#topic, record, this.records, this.#isBeside);
    this.records.push(record);
    this.#sync();
  }

  /** One sync for all that has gathered. */
  #sync(): void {
    if (this.#syncing || (this.durable === this.records.length && this.#cut === undefined)) return;
    this.#syncing = true;
    const written = this.records.length;
    const cut = this.#cut;
    this.#disk.sync(this.#topic, () => {
      this.#syncing = false;
      this.durable = Math.max(this.durable, Math.min(written, this.records.length));
      if (this.#cut === cut) this.#cut = undefined;
      this.#sync();
    });
  }

  end(epoch: number, lastSequence: number): void {
    if (this.#disk.crashed) return;
    this.ends.set(epoch, lastSequence);
    const at = this.records.findIndex((record) =>
      isAfter(record.epoch, record.sequence, epoch, lastSequence),
    );
    if (at < 0) return;
    this.#cut = { at, records: this.records.splice(at) };
    this.durable = Math.min(this.durable, at);
    this.#sync();
  }

  keep(): void {
    // It keeps all.
  }

  /** Has these, durably, and nothing else. */
  replace(records: readonly LogRecord[]): void {
    this.records.splice(0, this.records.length, ...records);
    this.durable = this.records.length;
  }

  reading({ from, upTo }: ReadRange = {}): LogReader {
    const first =
      from === undefined
        ? 0
        : this.records.findIndex((r) => !isAfter(from.epoch, from.sequence, r.epoch, r.sequence));
    const wanted = first < 0 ? [] : this.records.slice(first, this.durable);
    const end =
      upTo === undefined
        ? -1
        : wanted.findIndex((r) => isAfter(r.epoch, r.sequence, upTo.epoch, upTo.sequence));
    return new SimulatedReader(this.#disk, end < 0 ? wanted : wanted.slice(0, end));
  }

  /** `survive` draws how many of the records that were not synced are there nevertheless. */
  lose(survive: (count: number) => number): void {
    const cut = this.#cut;
    this.#cut = undefined;
    this.#syncing = false;
    if (cut !== undefined && survive(1) === 0) this.records.splice(cut.at, Infinity, ...cut.records);
    else this.records.length = this.durable + survive(this.records.length - this.durable);
    this.durable = this.records.length;
  }
}

/** So many records are read at once. */
const readAtOnce = 64;

class SimulatedReader implements LogReader {
  readonly gap = undefined;
  entry!: EntryRef;
  readonly #disk: SimulatedDisk;
  readonly #records: readonly LogRecord[];
  #next = 0;

  constructor(disk: SimulatedDisk, records: readonly LogRecord[]) {
    this.#disk = disk;
    this.#records = records;
  }

  advance(done: Callback<boolean>): void {
    const record = this.#records[this.#next];
    if (record === undefined) return done(undefined, false);
    this.entry = record.entry;
    if (this.#next++ % readAtOnce === 0) this.#disk.sync('', () => done(undefined, true));
    else done(undefined, true);
  }

  close(done: Callback<void>): void {
    done(undefined);
  }
}

interface KeptView {
  readonly viewId: number;
  readonly text: string;
  isDurable: boolean;
  isInstalled: boolean;
}

export class SimulatedViewLog implements ViewLog {
  prepared = -1;
  /** In the order in which they were prepared, by all its members. */
  readonly #kept: KeptView[] = [];
  readonly #disk: SimulatedDisk;

  constructor(disk: SimulatedDisk) {
    this.#disk = disk;
  }

  get failure(): LogFailure | undefined {
    return this.#disk.failure;
  }

  /** By view. */
  get records(): ReadonlyMap<number, string> {
    return new Map(this.#kept.map(({ viewId, text }) => [viewId, text]));
  }

  prepare(viewId: number, text: string): void {
    if (this.failure !== undefined) return;
    const kept = { viewId, text, isDurable: false, isInstalled: false };
    this.#kept.push(kept);
    this.#disk.sync(undefined, () => {
      kept.isDurable = true;
      this.prepared = Math.max(this.prepared, viewId);
    });
  }

  /** At once, with its sync. */
  prepareNow(viewId: number, text: string): void {
    this.#kept.push({ viewId, text, isDurable: true, isInstalled: false });
  }

  /** The record of `viewId` that a loss of power would leave. */
  durable(viewId: number): string | undefined {
    return this.#kept.findLast((kept) => kept.viewId === viewId && kept.isDurable)?.text;
  }

  /** What came before may go; the oracles want to see all of it. */
  installed(viewId: number): void {
    const kept = this.#kept.findLast((found) => found.viewId === viewId && found.isDurable);
    this.#disk.sync(undefined, () => {
      if (kept !== undefined) kept.isInstalled = true;
    });
  }

  /** The records that a restart finds: that of the newest view that it knows to have been in force, and of what may follow it. */
  found(): FoundView[] {
    const from = this.#kept.findLastIndex(({ isInstalled }) => isInstalled);
    return this.#kept
      .slice(Math.max(0, from))
      .filter(({ isDurable }) => isDurable)
      .map(({ text, isInstalled }) => ({ record: JSON.parse(text) as ViewRecord, installed: isInstalled }));
  }

  /** The next member counts anew. */
  reopen(): void {
    this.prepared = -1;
  }

  lose(all: boolean): void {
    for (let i = this.#kept.length - 1; i >= 0; i--)
      if (!this.#kept[i]!.isDurable) {
        if (all) this.#kept.splice(i, 1);
        else this.#kept[i]!.isDurable = true;
      }
  }
}

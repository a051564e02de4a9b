import type { Transport } from '../../transport/transport.js';
import type { Delivery } from '../multicast/delivery.js';
import { Boundaries, type Boundary, type HistoryEpoch } from './boundary.js';
import { Chunk, EntryRef, chunkBytes, entryBytes, writeEntry } from './entry.js';
import { HistoryError } from './errors.js';
import { Exchange } from './exchange.js';
import { SnapshotSink, SnapshotSource } from './stream.js';
import { type Snapshot, TopicStore } from './topic-store.js';

/** Who takes messages: a reader. */
export interface HistoryTarget {
  accept(message: Delivery): void;
  /** Nothing more can be taken now. */
  readonly holding: boolean;
}

/** A reader that asks for history, as this sees it. */
export interface LateReader extends HistoryTarget {
  /** HISTORY of the reader: so many of each instance; Infinity for all that is kept. */
  readonly historyDepth: number;
  /** Whether it is matched with this writer. */
  wants(member: number, writer: number): boolean;
  /** All of the history has been delivered; `error` and `missed` say what it is less than was asked for. */
  historyEnded(missed: number, error: HistoryError | undefined): void;
}

/** A sample that was delivered while the history before it was not there. */
interface Deferred {
  kind: 'sample';
  entry: EntryRef;
  targets: readonly HistoryTarget[];
}
interface Late {
  kind: 'reader';
  reader: LateReader;
}
interface End extends Late {
  kind: 'reader';
  missed: number;
  error: HistoryError | undefined;
}

/** Samples that one step hands out. */
const batchMax = 512;

/**
 * The history of one topic at one member that holds it, across epochs. It keeps what is delivered; gets what it lacks from others when
 * this member begins to hold the topic; and hands late readers first the history, then what came after it, without gap or repeat. While
 * any of it is under way it is `gated`: the topic delivers nothing more, and its ring fills, but what the others need of this member
 * (receipt, stability) goes on.
 */
export class TopicHistory {
  readonly #transport: Transport;
  readonly #topic: string;
  readonly #mark: (slot: number) => void;
  #boundaries: Boundaries;
  /** This member holds the topic. */
  #holds = false;
  #store = new TopicStore();
  readonly #snapshots = new Map<number, Snapshot>();
  #exchange: Exchange<Snapshot> | undefined;
  #slot = 0;
  /** The epoch with whose beginning the history ends that this member lacks; 0: it lacks none. */
  #needs = 0;
  /** From that beginning on, what happened since, in order. */
  #pending: (Boundary | Deferred | Late)[] = [];
  /** What is to be handed out before anything else. */
  #backlog: (Deferred | End)[] = [];
  #next = 0;
  #chunk = new Chunk(4096);
  #lost: HistoryError | undefined;

  /** `mark` tells the peers to look at the slot. */
  constructor(transport: Transport, topic: string, mark: (slot: number) => void) {
    this.#transport = transport;
    this.#topic = topic;
    this.#mark = mark;
    this.#boundaries = new Boundaries(transport.self);
  }

  /** The history that this member lacks is on its way, or readers have not been handed theirs. */
  get gated(): boolean {
    return this.#needs > 0 || this.#next < this.#backlog.length;
  }

  /** Whether `step` is to be called whenever something moved. */
  get active(): boolean {
    return this.gated || (this.#exchange !== undefined && !this.#exchange.settled);
  }

  /** This member holds the topic no more, and has handed out all that it held back when it did. */
  get over(): boolean {
    return !this.#holds && !this.gated;
  }

  /** The bytes of what is kept. */
  get bytes(): number {
    return this.#store.bytes;
  }

  /** What a reader that came now would be handed, oldest first. */
  contents(): readonly EntryRef[] {
    return this.#store.snapshot().entries;
  }

  /** Whether this member has all that is to be kept, and can give it to others. */
  get whole(): boolean {
    return this.#needs === 0 && !this.#boundaries.lacksRest;
  }

  /** Why what this member keeps is not all that it was to have; undefined where it is. */
  get lost(): HistoryError | undefined {
    return this.#lost;
  }

  /**
   * An epoch begins, in which this member holds the topic; all that the epoch before brought has been passed to `pass`.
   * @throws TransportError BE_NO_MEMORY
   */
  begin(epoch: HistoryEpoch): void {
    this.release();
    this.#holds = true;
    this.#slot = epoch.slot;
    const { self } = this.#transport;
    const others = epoch.holders.filter(({ member }) => member !== self);
    const boundary = this.#boundaries.next(epoch);
    if (this.#needs > 0) this.#pending.push(boundary);
    else this.#reach(boundary);
    if (others.length === 0) {
      this.#snapshots.clear();
      while (this.#needs > 0)
        this.#giveUp(new HistoryError('BE_HISTORY_LOST', 'every member that held it is gone'));
      return;
    }
    const exchange = new Exchange<Snapshot>(this.#transport, epoch, {
      name: 'history',
      sourceOf: ({ before }) => this.#sourceOf(before),
      sink: () => new SnapshotSink(this.#needs, (this.#pending[0] as Boundary).writers),
      received: (snapshot) => {
        this.#load(snapshot, snapshot.lossy ? this.#notWhole() : undefined);
        this.#show(exchange);
      },
      lost: (error) => {
        this.#giveUp(error);
        this.#show(exchange);
      },
      mark: () => this.#mark(this.#slot),
    });
    this.#exchange = exchange;
    this.#show(exchange);
  }

  /**
   * An epoch begins, in which this member holds the topic no more. What its readers are still to get they get, without the history that it waited for; it may begin
   * again.
   */
  cease(): void {
    this.release();
    while (this.#needs > 0)
      this.#giveUp(new HistoryError('BE_HISTORY_LOST', 'this participant holds the topic no more'));
    this.#holds = false;
    this.#boundaries = new Boundaries(this.#transport.self);
    this.#snapshots.clear();
    this.#store = new TopicStore();
    this.#lost = undefined;
  }

  #show(exchange: Exchange<Snapshot>): void {
    if (this.#needs > 0) exchange.showNeed({ before: this.#needs, afterEpoch: -1, afterSequence: -1 });
    else exchange.showWhole(this.#store.lossy);
  }

  #sourceOf(epoch: number): SnapshotSource | undefined {
    const snapshot = this.#snapshots.get(epoch);
    return snapshot && new SnapshotSource(epoch, snapshot);
  }

  /** Crosses the boundary; where this member lacks something there, what follows waits for that. */
  #reach(boundary: Boundary): void {
    if (!boundary.isLacking) {
      this.#cross(boundary);
      return;
    }
    this.#needs = boundary.epoch;
    this.#pending = [boundary];
  }

  /** From one epoch to the next: those who have left take along what they kept. */
  #cross({ epoch, writers, isNeeded }: Boundary): void {
    this.#store.setWriters(writers);
    if (isNeeded) this.#snapshots.set(epoch, this.#store.snapshot());
  }

  /** A reader asks for history, from here on in the order. */
  addReader(reader: LateReader): void {
    if (this.#needs > 0) this.#pending.push({ kind: 'reader', reader });
    else this.#handOut(reader);
  }

  /**
   * A message is delivered: keeps it where its writer keeps history. False where `targets` get it later, after what comes before it.
   */
  pass(message: Delivery, targets: readonly HistoryTarget[]): boolean {
    if (this.#needs > 0) {
      this.#pending.push({ kind: 'sample', entry: this.#copy(message), targets });
      return false;
    }
    this.#store.add(message);
    if (this.#next === this.#backlog.length) return true;
    this.#backlog.push({ kind: 'sample', entry: this.#copy(message), targets });
    return false;
  }

  #copy(message: Delivery): EntryRef {
    const bytes = entryBytes(message.length);
    if (this.#chunk.room < bytes) this.#chunk = new Chunk(Math.max(bytes, chunkBytes));
    const at = this.#chunk.used;
    writeEntry(this.#chunk.memory, at, message, bytes);
    this.#chunk.used += bytes;
    return new EntryRef(this.#chunk.memory, at);
  }

  // ---- getting ----

  #giveUp(error: HistoryError): void {
    const lost = new HistoryError(
      error.code,
      `the history of topic ${this.#topic} could not be had: ${error.message}. What is written from now on is delivered`,
      { cause: error },
    );
    this.#load({ entries: [], samplesDropped: 0, instancesDropped: 0, lossy: true }, lost);
  }

  #notWhole(): HistoryError {
    return new HistoryError(
      'BE_HISTORY_LOST',
      `the history of topic ${this.#topic} is not whole: every member that held all of it is gone`,
    );
  }

  /** The history is here, in place of what there was of it: what happened since is done again on top of it. */
  #load(snapshot: Snapshot, lost: HistoryError | undefined): void {
    const [boundary, ...since] = this.#pending as [Boundary, ...(Boundary | Deferred | Late)[]];
    this.#needs = 0;
    this.#pending = [];
    this.#lost = lost;
    this.#store = new TopicStore();
    this.#store.setWriters(boundary.writers);
    for (const entry of snapshot.entries) this.#store.add(entry.asDelivery());
    this.#store.addDropped(snapshot);
    this.#store.lossy = snapshot.lossy;
    this.#cross(boundary);
    for (const item of since) this.#redo(item);
  }

  #redo(item: Boundary | Deferred | Late): void {
    if (this.#needs > 0) this.#pending.push(item);
    else if (item.kind === 'boundary') this.#reach(item);
    else if (item.kind === 'reader') this.#handOut(item.reader);
    else {
      this.#store.add(item.entry.asDelivery());
      this.#backlog.push(item);
    }
  }

  // ---- handing out ----

  #handOut(reader: LateReader): void {
    const snapshot = this.#store.snapshot();
    const targets = [reader];
    for (const entry of newestOf(snapshot, reader)) this.#backlog.push({ kind: 'sample', entry, targets });
    const { samplesDropped, instancesDropped } = snapshot;
    const missed = reader.historyDepth === Infinity ? samplesDropped : instancesDropped;
    this.#backlog.push({ kind: 'reader', reader, missed, error: this.#lost });
  }

  /**
   * Goes on with whatever is under way; `isOpen` tells which readers are still there. True where more can be done now, though nobody
   * will tell.
   */
  step(isOpen: (target: HistoryTarget) => boolean): boolean {
    const more = this.#exchange?.step() === true;
    for (const epoch of this.#snapshots.keys())
      if (this.#exchange === undefined || this.#exchange.needless(epoch)) this.#snapshots.delete(epoch);
    return this.#drain(isOpen) || more;
  }

  #drain(isOpen: (target: HistoryTarget) => boolean): boolean {
    for (let count = 0; this.#next < this.#backlog.length; count++) {
      const item = this.#backlog[this.#next]!;
      const targets = (item.kind === 'sample' ? item.targets : [item.reader]).filter(isOpen);
      if (targets.some(({ holding }) => holding)) return false;
      if (count === batchMax) return true;
      this.#next++;
      if (item.kind === 'sample') {
        const message = item.entry.asDelivery();
        for (const target of targets) target.accept(message);
      } else if (targets.length > 0) {
        item.reader.historyEnded(item.missed, item.error);
      }
    }
    this.#backlog = [];
    this.#next = 0;
    return false;
  }

  release(): void {
    this.#exchange?.release();
    this.#exchange = undefined;
  }
}

/** What a reader asks for of a snapshot: of the writers that it is matched with, the newest of each instance, oldest first. */
function newestOf({ entries }: Snapshot, reader: LateReader): EntryRef[] {
  const wanted = entries.filter(({ sender, writer }) => reader.wants(sender, writer));
  if (reader.historyDepth === Infinity) return wanted;
  const counts = new Map<string, number>();
  const newest: EntryRef[] = [];
  for (const entry of wanted.reverse()) {
    const instance = `${entry.instanceHigh}:${entry.instanceLow}`;
    const count = (counts.get(instance) ?? 0) + 1;
    counts.set(instance, count);
    if (count <= reader.historyDepth) newest.push(entry);
  }
  return newest.reverse();
}

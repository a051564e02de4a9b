import type { Transport } from '../../../transport/transport.js';
import { Chunk, chunkBytes, EntryRef } from '../../history/entry.js';
import { HistoryError } from '../../history/errors.js';
import type { Need } from '../../history/exchange-rows.js';
import { Exchange } from '../../history/exchange.js';
import type { SubgroupLayout } from '../../multicast/subgroup-memory.js';
import type { Gap } from '../log/gap.js';
import type { ReadRange, Version } from '../log/log-reading.js';
import type { Callback } from '../log/steps.js';
import { askersIn } from './log-desk.js';
import { LogSink, type StreamTaker } from './log-sink.js';
import { nothing, type StreamHead } from './log-stream.js';
import type { LogReader } from './replica-disk.js';

const most = Number.MAX_SAFE_INTEGER;
const keepsIt = new HistoryError('BE_HISTORY_LOST', 'this participant keeps the log itself now: read again');

/** Samples that a replica gave at once. */
class Batch implements StreamTaker {
  readonly full = false;
  readonly entries: EntryRef[] = [];
  last: Version;
  gap: Gap | undefined;
  more = false;
  #chunk = new Chunk(0);

  constructor(after: Version) {
    this.last = after;
  }

  begin({ gap }: StreamHead): void {
    this.gap = gap;
  }

  take({ memory, at, bytes, epoch, sequence }: EntryRef): void {
    if (this.#chunk.room < bytes) this.#chunk = new Chunk(Math.max(bytes, chunkBytes));
    const { memory: own, used } = this.#chunk;
    own.bytes.set(memory.bytes.subarray(at, at + bytes), used);
    this.#chunk.used += bytes;
    this.entries.push(new EntryRef(own, used));
    this.last = { epoch, sequence };
  }

  end(more: boolean): void {
    this.more = more;
  }
}

/** What is wanted after a version, and whom it is told. */
interface Wanted {
  readonly after: Version;
  readonly range: ReadRange;
  readonly done: Callback<Batch>;
}

/**
 * Reads the log of a topic of which this member keeps none, in that of a replica: a batch at a time, one after another, whoever reads. Where the epoch ends, or the
 * replica cannot give it, the batch is asked for again; it waits for a replica that has all.
 */
export class LogAsker {
  readonly #transport: Transport;
  readonly #mark: (slot: number) => void;
  readonly #wake: () => void;
  readonly #wanted: Wanted[] = [];
  #exchange: Exchange<void> | undefined;
  #epoch = -1;
  /** Of the first that is wanted, where it was asked for. */
  #batch: Batch | undefined;
  #ended: Error | undefined;

  /** `mark` tells the peers to look at the slot; `wake` is called when `step` has something to do. */
  constructor(transport: Transport, mark: (slot: number) => void, wake: () => void) {
    this.#transport = transport;
    this.#mark = mark;
    this.#wake = wake;
  }

  /**
   * An epoch of the topic begins.
   * @throws TransportError BE_NO_MEMORY
   */
  begin(layout: SubgroupLayout): void {
    this.release();
    const epoch = askersIn(layout);
    const { self } = this.#transport;
    if (layout.replicas.includes(self)) this.#answerAll(keepsIt);
    if (epoch === undefined || layout.replicas.includes(self) || !layout.receivers.includes(self)) return;
    this.#epoch = layout.epoch;
    this.#exchange = new Exchange<void>(this.#transport, epoch, {
      name: 'desk',
      sourceOf: () => undefined,
      sink: () => {
        this.#batch = new Batch(this.#wanted[0]!.after);
        return new LogSink(this.#batch, this.#before);
      },
      received: () => this.#received(undefined),
      lost: (error, wasAsked) => {
        // Where nobody is there, somebody may come.
        if (!wasAsked) return;
        this.#exchange!.needsNothing();
        this.#received(error);
      },
      mark: () => this.#mark(layout.slot),
    });
  }

  /** All that there is in this epoch, too. */
  get #before(): number {
    return this.#epoch + 1;
  }

  /** Reads what is committed; of what is to come, nothing. */
  reading(range: ReadRange): LogReader {
    return new AskedReader((wanted) => this.#want(wanted), range);
  }

  /** Gives what withdraws it. */
  #want(wanted: Wanted): () => void {
    if (this.#ended !== undefined) {
      wanted.done(this.#ended, undefined as never);
      return () => undefined;
    }
    this.#wanted.push(wanted);
    this.#wake();
    return () => {
      const index = this.#wanted.indexOf(wanted);
      if (index < 0) return;
      this.#wanted.splice(index, 1);
      if (index === 0 && this.#isAsking) this.#exchange!.needsNothing();
    };
  }

  get #isAsking(): boolean {
    return this.#exchange?.needsSome === true;
  }

  #received(error: Error | undefined): void {
    this.#wanted.shift()!.done(error, this.#batch!);
  }

  /** Whether `step` is to be called whenever something moved. */
  get active(): boolean {
    return this.#wanted.length > 0;
  }

  /** Goes as far as it can; true where more is to be done that nobody will tell of. */
  step(): boolean {
    if (this.#exchange === undefined) return false;
    if (this.#wanted.length > 0 && !this.#isAsking) this.#exchange.showNeed(this.#need(this.#wanted[0]!));
    return this.#exchange.step() || (this.#wanted.length > 0 && !this.#isAsking);
  }

  #need({ after, range: { upTo, fromUs = 0, upToUs = most } }: Wanted): Need {
    const { epoch: upToEpoch, sequence: upToSequence } = upTo ?? { epoch: most, sequence: most };
    return {
      before: this.#before,
      afterEpoch: after.epoch,
      afterSequence: after.sequence,
      bounds: { upToEpoch, upToSequence, fromUs, upToUs },
    };
  }

  /** This member is no receiver any more, or the epoch is over: what is wanted is asked for in the next. */
  release(): void {
    this.#exchange?.release();
    this.#exchange = undefined;
  }

  /** Nothing will be given any more, for that reason. */
  end(reason: Error): void {
    this.release();
    this.#ended = reason;
    this.#answerAll(reason);
  }

  #answerAll(reason: Error): void {
    for (const { done } of this.#wanted.splice(0)) done(reason, undefined as never);
  }
}

/** Reads on in one batch after another. */
class AskedReader implements LogReader {
  entry!: EntryRef;
  gap: Gap | undefined;
  readonly #want: (wanted: Wanted) => () => void;
  readonly #range: ReadRange;
  #batch: Batch;
  #next = 0;
  #waiting: Callback<boolean> | undefined;
  #unwant: (() => void) | undefined;

  constructor(want: (wanted: Wanted) => () => void, range: ReadRange) {
    this.#want = want;
    this.#range = range;
    const { from } = range;
    this.#batch = new Batch(from === undefined ? nothing : { ...from, sequence: from.sequence - 1 });
    this.#batch.more = true;
  }

  advance(done: Callback<boolean>): void {
    const entry = this.#batch.entries[this.#next++];
    if (entry !== undefined) {
      this.entry = entry;
      done(undefined, true);
    } else if (!this.#batch.more) done(undefined, false);
    else {
      const wanted = { after: this.#batch.last, range: this.#range };
      this.#waiting = done;
      this.#unwant = this.#want({ ...wanted, done: (error, batch) => this.#goOn(error, batch) });
    }
  }

  #goOn(error: Error | undefined, batch: Batch): void {
    const done = this.#waiting!;
    this.#waiting = undefined;
    if (error !== undefined) return done(error, false);
    this.#batch = batch;
    this.#next = 0;
    this.gap = batch.gap;
    this.advance(done);
  }

  close(done: Callback<void>): void {
    this.withdraw();
    done(undefined, undefined);
  }

  withdraw(): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    this.#batch.more = false;
    this.#next = Infinity;
    if (waiting === undefined) return;
    this.#unwant?.();
    waiting(undefined, false);
  }
}

import type { Delivery } from '../../multicast/delivery.js';
import type { TopicLog } from '../../multicast/topic-log.js';
import { Background } from './background.js';
import { BatchBuffer } from './batch-buffer.js';
import { type Catalog, type Segment, isAfter } from './catalog.js';
import type { Disk, DiskFile } from './disk.js';
import { LogError, diskError } from './errors.js';
import type { Gap } from './gap.js';
import type { LogOwner } from './identity.js';
import { Keeping } from './keeping.js';
import type { LogReading, ReadRange, Version } from './log-reading.js';
import { manifestName, writeManifest } from './manifest.js';
import { NextSegment } from './next-segment.js';
import { recordKind } from './record.js';
import type { Recovered, TornTail } from './recovery.js';
import type { Retention } from './retention.js';
import { SegmentDigest } from './segment-digest.js';
import { closeFile, leaveFile } from './segment-file.js';
import { segmentHeaderBytes } from './segment-header.js';
import type { Signer } from './signing.js';
import { type Callback, completed, type Steps } from './steps.js';

export interface LogLimits {
  /** A segment has twice the bytes of the one before it, up to these. */
  readonly segmentBytesMax: number;
  /** So many bytes may wait for the disk before the log is full; another batch of so many may be on its way. */
  readonly bufferBytesMax: number;
}

export const defaultLimits: LogLimits = { segmentBytesMax: 64 << 20, bufferBytesMax: 4 << 20 };

/** So many segments before the last one have their index in memory. */
const indexedSegments = 8;

/**
 * The log of one topic on a disk (docs/log-format.md). All that gathers while a batch is under way is the next batch: one
 * synchronized write. Segments are made before they are needed, in their whole length, so that a full disk is found early.
 */
export class DiskLog implements TopicLog {
  /** Of the newest sample, durable or not; lowered where `end` cuts. −1 and −1 where there is none. */
  lastEpoch: number;
  lastSequence: number;
  durableEpoch: number;
  durableSequence: number;
  failure: LogError | undefined;
  /** What was found torn, and cut, when the log was opened. */
  readonly torn: TornTail | undefined;
  readonly #disk: Disk;
  readonly #catalog: Catalog;
  readonly #limits: LogLimits;
  readonly #signer: Signer | undefined;
  readonly #moved: () => void;
  readonly #background: Background;
  #active: Segment;
  #file: DiskFile;
  readonly #next: NextSegment;
  #filling: BatchBuffer;
  #writing: BatchBuffer;
  /** Bytes of `#writing` that are on their way to the disk; 0 where nothing is. */
  #underWay = 0;
  #asked = false;
  #closing: (() => void) | undefined;
  readonly #keeping: Keeping;

  constructor(disk: Disk, recovered: Recovered, limits: LogLimits, moved: () => void) {
    this.#disk = disk;
    this.#catalog = recovered.catalog;
    this.#active = recovered.active;
    this.#file = recovered.activeFile;
    this.#limits = limits;
    this.#signer = recovered.signer;
    this.#filling = new BatchBuffer(this.#signer);
    this.#writing = new BatchBuffer(this.#signer);
    this.#moved = moved;
    this.#background = new Background((error) => this.#fail(error, disk.path));
    this.#next = new NextSegment(
      disk,
      this.#catalog,
      this.#background,
      limits.segmentBytesMax,
      this.#signer,
      recovered.next,
      () => this.#begin(),
    );
    this.#keeping = new Keeping(disk, this.#catalog, this.#background, this.#signer);
    this.torn = recovered.torn;
    this.durableEpoch = this.lastEpoch = recovered.lastEpoch;
    this.durableSequence = this.lastSequence = recovered.lastSequence;
  }

  get full(): boolean {
    return this.#filling.length >= this.#limits.bufferBytesMax;
  }

  append(message: Delivery): void {
    if (this.failure !== undefined) return;
    this.#filling.append(message);
    this.lastEpoch = message.epoch;
    this.lastSequence = message.sequence;
    this.#ask();
  }

  end(epoch: number, lastSequence: number): void {
    if (this.failure !== undefined) return;
    const { lastEpoch, lastSequence: before } = this;
    this.#filling.appendOwn(recordKind.end, epoch, lastSequence, lastEpoch, before);
    if (isAfter(lastEpoch, before, epoch, lastSequence)) {
      this.#catalog.cuts.push({
        fromEpoch: epoch,
        fromSequence: lastSequence,
        toEpoch: lastEpoch,
        toSequence: before,
      });
      this.lastEpoch = epoch;
      this.lastSequence = lastSequence;
    }
    this.#ask();
  }

  /**
   * Samples come with the owner's type from now on. Calls back once the log says so.
   * @throws LogError BE_LOG_FOREIGN where that type does not go together with those that it has
   */
  adopting(owner: LogOwner, done: Callback<void>): void {
    if (this.#catalog.adopt(`${this.#disk.path}/${manifestName}`, owner))
      this.#background.start(() => writeManifest(this.#disk, this.#catalog.manifest(), this.#signer));
    this.#background.whenIdle(() => done(this.failure, undefined));
  }

  /** Keeps no more than is said, from the next segment on that is begun. */
  keep(retention: Retention): void {
    this.#keeping.retention = retention;
  }

  /** While somebody needs what comes from a version on, that stays, whatever `keep` says; undefined: nobody does. */
  need(version: Version | undefined): void {
    this.#keeping.needed = version;
  }

  /** Drops what comes before a version, as far as segments have nothing else in them. That version stays. */
  dropBefore(version: Version): void {
    this.#keeping.dropBefore(version);
  }

  /** Drops now what need not be kept; calls back when that is done. */
  retain(nowUs: number, done: () => void): void {
    this.#keeping.retain(nowUs);
    this.#background.whenIdle(done);
  }

  /** Reads what is durable now. */
  reading(range: ReadRange = {}): LogReading {
    return this.#keeping.reading(range);
  }

  /** What is missing of what there was before its end; undefined where nothing is. */
  get gap(): Gap | undefined {
    return this.#catalog.gap;
  }

  /** Says durably, before what is appended next, that so much is missing. */
  lacks(gap: Gap): void {
    if (this.failure !== undefined) return;
    this.#catalog.lacks(gap);
    this.#filling.appendOwn(recordKind.gap, gap.epoch, gap.sequence, gap.timeUs, 0);
    this.#ask();
  }

  /** Bytes of all its files. */
  get bytes(): number {
    return this.#catalog.bytes;
  }

  /** Calls back once all that was appended is durable, or the log has failed; then it gives everything back. */
  finish(done: Callback<void>): void {
    if (this.#closing !== undefined) return done(closed(this.#disk.path), undefined);
    this.#closing = () => {
      if (this.#underWay > 0 || (this.#waiting > 0 && this.failure === undefined)) return;
      if (this.failure === undefined && this.#seal()) return;
      this.#closing = () => undefined;
      this.#background.start(() => this.#giveBack());
      this.#background.whenIdle(() => {
        this.#disk.unlock();
        const error = this.failure;
        this.failure ??= closed(this.#disk.path);
        done(error, undefined);
      });
    };
    this.#begin();
    this.#closing();
  }

  /** A batch of its own, which says that the one before it was durable. False where there is nothing to be said. */
  #seal(): boolean {
    const { lastKind } = this.#active.digest!;
    if (lastKind === 0 || lastKind === recordKind.seal) return false;
    this.#filling.appendOwn(recordKind.seal, this.lastEpoch, this.lastSequence, 0, 0);
    this.#begin();
    return true;
  }

  get #waiting(): number {
    return this.#filling.length + this.#writing.length;
  }

  /** Begins once those who append now have come to an end: what they append is one batch. */
  #ask(): void {
    if (this.#asked || this.#underWay > 0) return;
    this.#asked = true;
    this.#disk.soon(this.#onSoon);
  }

  readonly #onSoon = (): void => {
    this.#asked = false;
    const { full } = this;
    this.#begin();
    if (full && !this.full) this.#moved();
  };

  /** Writes what has gathered, unless something is on its way already. */
  #begin(): void {
    if (this.#underWay > 0 || this.failure !== undefined) return;
    if (this.#writing.length === 0) {
      if (this.#filling.length === 0) return;
      const empty = this.#writing;
      this.#writing = this.#filling;
      this.#filling = empty;
    }
    const batch = this.#writing;
    if (this.#active.digest!.used + batch.firstBytes > this.#active.bytes && !this.#roll(batch.firstBytes))
      return;
    const { bytes } = this.#active;
    const place = { logId: this.#catalog.logId, number: this.#active.number };
    const digest = this.#active.digest!;
    const offset = digest.used;
    this.#underWay = batch.seal(place, offset, bytes, digest);
    this.#active.summary = digest;
    this.#file.write(batch.bytes, batch.start, this.#underWay, offset, this.#onDurable);
    if (4 * (digest.used - segmentHeaderBytes) > bytes - segmentHeaderBytes) this.#next.prepare(bytes, 0);
  }

  readonly #onDurable = (error: Error | undefined): void => {
    const batch = this.#writing;
    const bytes = this.#underWay;
    this.#underWay = 0;
    if (error !== undefined) this.#fail(error, `${this.#disk.path}/${this.#active.name}`);
    else if (this.failure === undefined) {
      batch.start += bytes;
      // Doubling, a full buffer has come to have twice the limit.
      if (batch.length === 0) batch.clear(2 * this.#limits.bufferBytesMax);
      const { lastEpoch, lastSequence, used } = this.#active.digest!;
      this.#active.durable = used;
      if (isAfter(lastEpoch, lastSequence, this.durableEpoch, this.durableSequence)) {
        this.durableEpoch = lastEpoch;
        this.durableSequence = lastSequence;
      }
      this.#begin();
      this.#moved();
    }
    this.#closing?.();
  };

  /** Goes over to the next segment, if it is there. */
  #roll(recordBytes: number): boolean {
    const next = this.#next.take(recordBytes);
    if (next === undefined) {
      this.#next.prepare(this.#active.bytes, recordBytes);
      return false;
    }
    const before = { segment: this.#active, file: this.#file };
    before.segment.complete = true;
    this.#active = next.segment;
    const { chain, hash } = before.segment.digest!;
    this.#active.digest = new SegmentDigest(chain, hash);
    this.#file = next.file;
    this.#catalog.segments.at(-2 - indexedSegments)?.forgetIndex();
    this.#background.start(() => leaveFile(before.file));
    this.#keeping.segmentEnded(before.segment.summary!.maxTimeUs);
    return true;
  }

  *#giveBack(): Steps<void> {
    yield* closeFile(this.#file);
    yield* this.#next.close();
    yield* completed((done) => this.#disk.sync(done));
  }

  #fail(error: Error, file: string): void {
    if (this.failure !== undefined) return;
    this.failure = diskError(error, file);
    this.#moved();
    this.#closing?.();
  }
}

function closed(path: string): LogError {
  return new LogError('BE_LOG_CLOSED', path, undefined, 'the log is closed: open it again');
}

import { type RegionMemory, regionMemory } from '../../transport/transport.js';
import { frameKind } from '../multicast/frame.js';
import type { PortionSink, PortionSource } from './channel.js';
import { EntryRef, compareVersions, entryBytes } from './entry.js';
import { HistoryError } from './errors.js';
import { type HistoryWriter, type Snapshot, snapshotBytesMax } from './topic-store.js';

/**
 * A snapshot as bytes: a head of eight floats, then its entries. The head says what is to come, and is believed only within what the
 * writers' QoS allows.
 */
const headBytes = 64;
const magic = 0xb0_ec_48_01;

/** Gives a snapshot's bytes in portions of any length. */
export class SnapshotSource implements PortionSource {
  readonly failed = false;
  readonly #snapshot: Snapshot;
  readonly #head: RegionMemory = regionMemory(new ArrayBuffer(headBytes));
  /** Of the head (-1) or of an entry. */
  #index = -1;
  #offset = 0;

  constructor(epoch: number, snapshot: Snapshot) {
    this.#snapshot = snapshot;
    const { entries, samplesDropped, instancesDropped, lossy } = snapshot;
    const bytes = entries.reduce((sum, entry) => sum + entry.bytes, 0);
    const head = [magic, epoch, entries.length, bytes, samplesDropped, instancesDropped, lossy ? 1 : 0];
    this.#head.f64.set(head);
  }

  get done(): boolean {
    return this.#index === this.#snapshot.entries.length;
  }

  /** Fills `target` with what comes next; gives how many bytes that was. */
  read(target: Uint8Array): number {
    let filled = 0;
    while (filled < target.length && !this.done) {
      const entry = this.#index < 0 ? undefined : this.#snapshot.entries[this.#index]!;
      const start = entry?.at ?? 0;
      const length = entry?.bytes ?? headBytes;
      const count = Math.min(target.length - filled, length - this.#offset);
      const from = (entry?.memory ?? this.#head).bytes;
      target.set(from.subarray(start + this.#offset, start + this.#offset + count), filled);
      filled += count;
      this.#offset += count;
      if (this.#offset === length) {
        this.#index++;
        this.#offset = 0;
      }
    }
    return filled;
  }

  release(): void {
    // Whoever made the snapshot has it.
  }
}

/** Puts a snapshot together again from its bytes, and believes nothing that no correct member would have sent. */
export class SnapshotSink implements PortionSink<Snapshot> {
  readonly full = false;
  readonly #epoch: number;
  readonly #writers: ReadonlySet<string>;
  readonly #bytesMax: number;
  readonly #head = regionMemory(new ArrayBuffer(headBytes));
  #headBytes = 0;
  #body: RegionMemory | undefined;
  #filled = 0;

  /** Expects the snapshot with which `epoch` began, when `writers` kept history. */
  constructor(epoch: number, writers: readonly HistoryWriter[]) {
    this.#epoch = epoch;
    this.#writers = new Set(writers.map(({ member, number }) => `${member}:${number}`));
    this.#bytesMax = snapshotBytesMax(writers);
  }

  get complete(): boolean {
    return this.#body !== undefined && this.#filled === this.#body.bytes.length;
  }

  /** @throws HistoryError BE_HISTORY_CORRUPT */
  write(portion: Uint8Array): void {
    const ofHead = Math.min(portion.length, headBytes - this.#headBytes);
    this.#head.bytes.set(portion.subarray(0, ofHead), this.#headBytes);
    this.#headBytes += ofHead;
    if (this.#headBytes < headBytes) return;
    this.#body ??= this.#open();
    const rest = portion.subarray(ofHead);
    if (this.#filled + rest.length > this.#body.bytes.length)
      throw corrupt(`more than the ${this.#body.bytes.length} bytes that it announced`);
    this.#body.bytes.set(rest, this.#filled);
    this.#filled += rest.length;
  }

  #open(): RegionMemory {
    const [seenMagic, epoch, count, bytes, samplesDropped, instancesDropped] = this.#head.f64;
    const counts = [count, bytes, samplesDropped, instancesDropped];
    if (seenMagic !== magic || !counts.every((value) => Number.isSafeInteger(value) && value! >= 0))
      throw corrupt('no head');
    if (epoch !== this.#epoch) throw corrupt(`the history of epoch ${epoch} instead of ${this.#epoch}`);
    if (bytes! > this.#bytesMax || bytes! % 8 !== 0)
      throw corrupt(`${bytes} bytes announced, where the writers keep ${this.#bytesMax} at most`);
    return regionMemory(new ArrayBuffer(bytes!));
  }

  /**
   * The snapshot, once it is complete.
   * @throws HistoryError BE_HISTORY_CORRUPT
   */
  finish(): Snapshot {
    const [, , count, , samplesDropped, instancesDropped, lossy] = this.#head.f64;
    const entries: EntryRef[] = [];
    const body = this.#body!;
    for (let at = 0; at < body.bytes.length;) {
      const entry = new EntryRef(body, at);
      this.#check(entry, entries.at(-1));
      entries.push(entry);
      at += entry.bytes;
    }
    if (entries.length !== count) throw corrupt(`${entries.length} samples, where ${count} were announced`);
    return {
      entries,
      samplesDropped: samplesDropped!,
      instancesDropped: instancesDropped!,
      lossy: lossy !== 0,
    };
  }

  #check(entry: EntryRef, before: EntryRef | undefined): void {
    const left = entry.memory.bytes.length - entry.at;
    // A length beyond all bounds would make its rounding negative.
    if (left < entryBytes(0) || entry.length > left || entry.bytes > left)
      throw corrupt('a sample that reaches beyond the end');
    if (entry.kind !== frameKind.data) throw corrupt(`a sample of kind ${entry.kind}`);
    const { epoch, sequence } = entry;
    if (
      !Number.isSafeInteger(epoch) ||
      !Number.isSafeInteger(sequence) ||
      sequence < 0 ||
      epoch >= this.#epoch
    )
      throw corrupt(`version ${epoch}.${sequence}, which is not before epoch ${this.#epoch}`);
    if (before !== undefined && compareVersions(before, entry) >= 0)
      throw corrupt(`version ${epoch}.${sequence} after ${before.epoch}.${before.sequence}`);
    if (!this.#writers.has(`${entry.sender}:${entry.writer}`))
      throw corrupt(`a sample of writer ${entry.writer} of member ${entry.sender}, which keeps no history`);
  }
}

function corrupt(what: string): HistoryError {
  return new HistoryError('BE_HISTORY_CORRUPT', what);
}

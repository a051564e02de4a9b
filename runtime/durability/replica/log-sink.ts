import { type RegionMemory, regionMemory } from '../../../transport/transport.js';
import type { PortionSink } from '../../history/channel.js';
import { entryBytes, EntryRef } from '../../history/entry.js';
import { frameKind } from '../../multicast/frame.js';
import { isAfter } from '../log/catalog.js';
import type { Version } from '../log/log-reading.js';
import { corrupt, endKind, readEnd, readHead, type StreamHead, streamHeadBytes } from './log-stream.js';

/** No sample is longer. */
const lengthMax = 2 ** 30;

/** Where a stream goes, sample by sample. */
export interface StreamTaker {
  /** Nothing can be taken at the moment. */
  readonly full: boolean;
  /** The newest version that it has. */
  readonly last: Version;
  begin(head: StreamHead): void;
  /** `entry` is valid until this returns. */
  take(entry: EntryRef): void;
  /** The stream is over; with `more`, there is more to be had. */
  end(more: boolean): void;
}

/** Puts together what a log lacks, sample by sample, and believes nothing that no correct replica would have given. */
export class LogSink implements PortionSink<void> {
  complete = false;
  readonly #taker: StreamTaker;
  readonly #before: number;
  #memory: RegionMemory = regionMemory(new ArrayBuffer(256 * 1024));
  /** What was written and not used yet lies between these. */
  #at = 0;
  #end = 0;
  #begun = false;
  #count = 0;

  /** What comes is before the epoch `before`. */
  constructor(taker: StreamTaker, before: number) {
    this.#taker = taker;
    this.#before = before;
  }

  get full(): boolean {
    return this.#taker.full;
  }

  write(portion: Uint8Array): void {
    if (this.complete) throw corrupt('more after its end');
    this.#makeRoom(portion.length);
    this.#memory.bytes.set(portion, this.#end);
    this.#end += portion.length;
    if (!this.#begun && !this.#begin()) return;
    while (!this.complete && this.#takeOne());
  }

  finish(): void {
    // All of it was taken.
  }

  #begin(): boolean {
    if (this.#end - this.#at < streamHeadBytes) return false;
    this.#taker.begin(readHead(this.#memory, this.#at, this.#before));
    this.#at += streamHeadBytes;
    this.#begun = true;
    return true;
  }

  /** False where the next sample is not here as a whole. */
  #takeOne(): boolean {
    const there = this.#end - this.#at;
    if (there < entryBytes(0)) return false;
    const entry = new EntryRef(this.#memory, this.#at);
    if (entry.length > lengthMax) throw corrupt(`a sample of ${entry.length} bytes`);
    if (there < entry.bytes) return false;
    this.#at += entry.bytes;
    if (entry.kind === endKind) {
      this.#taker.end(readEnd(entry, this.#before, this.#count));
      this.complete = true;
      return false;
    }
    this.#check(entry);
    this.#taker.take(entry);
    this.#count++;
    return true;
  }

  #check({ kind, epoch, sequence }: EntryRef): void {
    const last = this.#taker.last;
    if (kind !== frameKind.data) throw corrupt(`a sample of kind ${kind}`);
    if (!Number.isSafeInteger(epoch) || !Number.isSafeInteger(sequence) || epoch >= this.#before)
      throw corrupt(`version ${epoch}.${sequence}, which is not before epoch ${this.#before}`);
    if (!isAfter(epoch, sequence, last.epoch, last.sequence))
      throw corrupt(`version ${epoch}.${sequence} after ${last.epoch}.${last.sequence}`);
  }

  /** What was used makes room first; a large sample takes more. */
  #makeRoom(bytes: number): void {
    const { bytes: all } = this.#memory;
    if (this.#end + bytes <= all.length) return;
    const left = this.#end - this.#at;
    let length = all.length;
    while (left + bytes > length) length *= 2;
    const next = length === all.length ? this.#memory : regionMemory(new ArrayBuffer(length));
    next.bytes.set(all.subarray(this.#at, this.#end));
    this.#memory = next;
    this.#at = 0;
    this.#end = left;
  }
}

import { type RegionMemory, regionMemory } from '../../../transport/transport.js';
import type { PortionSink } from '../../history/channel.js';
import { entryBytes, EntryRef } from '../../history/entry.js';
import { frameKind } from '../../multicast/frame.js';
import { isAfter } from '../log/catalog.js';
import { checkEnd, corrupt, endKind, readHead, streamHeadBytes } from './log-stream.js';
import type { ReplicaLog } from './replica-log.js';

/** No sample is longer. */
const lengthMax = 2 ** 30;

/** Puts together what a log lacks, sample by sample, and believes nothing that no correct replica would have given. */
export class LogSink implements PortionSink<void> {
  complete = false;
  readonly #replica: ReplicaLog;
  readonly #before: number;
  #memory: RegionMemory = regionMemory(new ArrayBuffer(256 * 1024));
  /** What was written and not used yet lies between these. */
  #at = 0;
  #end = 0;
  #begun = false;
  #count = 0;

  constructor(replica: ReplicaLog) {
    this.#replica = replica;
    this.#before = replica.need!.before;
  }

  get full(): boolean {
    return this.#replica.log.full;
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
    // All of it is in the log.
  }

  #begin(): boolean {
    if (this.#end - this.#at < streamHeadBytes) return false;
    const { agreed, gap } = readHead(this.#memory, this.#at, this.#before);
    this.#replica.follow(agreed, gap);
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
      checkEnd(entry, this.#before, this.#count);
      this.complete = true;
      return false;
    }
    this.#check(entry);
    this.#replica.take(entry.asDelivery());
    this.#count++;
    return true;
  }

  #check({ kind, epoch, sequence }: EntryRef): void {
    const { lastEpoch, lastSequence } = this.#replica.log;
    if (kind !== frameKind.data) throw corrupt(`a sample of kind ${kind}`);
    if (!Number.isSafeInteger(epoch) || !Number.isSafeInteger(sequence) || epoch >= this.#before)
      throw corrupt(`version ${epoch}.${sequence}, which is not before epoch ${this.#before}`);
    if (!isAfter(epoch, sequence, lastEpoch, lastSequence))
      throw corrupt(`version ${epoch}.${sequence} after ${lastEpoch}.${lastSequence}`);
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

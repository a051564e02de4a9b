import { type RegionMemory, regionMemory } from '../../../transport/transport.js';
import type { PortionSource } from '../../history/channel.js';
import type { Need } from '../../history/exchange-rows.js';
import type { ReadRange, Version } from '../log/log-reading.js';
import { answer, completed, run, type Steps } from '../log/steps.js';
import type { StoredLog } from './replica-disk.js';
import { endOfStream, headOfStream, nothing, streamHeadBytes } from './log-stream.js';

/** How far back is looked first for the version up to which two logs agree. */
export const backFirst = 1024;

/** How much is given at once. */
export interface SourceLimits {
  /** No sample is begun once so many bytes were given. */
  readonly bytesMax: number;
}

/**
 * Gives of a log what another one lacks: how far that agrees with it, and then all that follows, up to the epoch in which the other's member came. It
 * is read from the disk as it is taken.
 */
export class LogSource implements PortionSource {
  done = false;
  failed = false;
  readonly #log: StoredLog;
  readonly #need: Need;
  readonly #ready: () => void;
  readonly #limits: SourceLimits | undefined;
  /** What is given now, and how to go on once it is. */
  #memory: RegionMemory = regionMemory(new ArrayBuffer(0));
  #at = 0;
  #left = 0;
  #goOn: (() => void) | undefined;
  #isRead = false;
  #released = false;

  /** `ready` is called when there is more to be read. With `limits`, it gives no more than was asked for, to one that has no log itself. */
  constructor(log: StoredLog, need: Need, ready: () => void, limits?: SourceLimits) {
    this.#log = log;
    this.#limits = limits;
    this.#need = need;
    this.#ready = ready;
    run(this.#give(), (error) => {
      this.failed = error !== undefined;
      this.#tell();
    });
  }

  #tell(): void {
    if (!this.#isRead && !this.#released) this.#ready();
  }

  read(target: Uint8Array): number {
    let filled = 0;
    this.#isRead = true;
    while (filled < target.length && this.#goOn !== undefined) {
      const count = Math.min(target.length - filled, this.#left);
      target.set(this.#memory.bytes.subarray(this.#at, this.#at + count), filled);
      filled += count;
      this.#at += count;
      this.#left -= count;
      if (this.#left === 0) this.#resume();
    }
    this.#isRead = false;
    return filled;
  }

  release(): void {
    this.#released = true;
    this.#resume();
  }

  #resume(): void {
    const goOn = this.#goOn;
    this.#goOn = undefined;
    goOn?.();
  }

  *#give(): Steps<void> {
    const { before } = this.#need;
    const follows = this.#limits === undefined ? yield* this.#agreed() : versionAfter(this.#need);
    const reader = this.#log.reading({ from: after(follows), ...this.#range });
    // As it is now: what is dropped from now on, the reading still has.
    yield* this.#hand(headOfStream(before, follows, this.#log.gap), 0, streamHeadBytes);
    let count = 0;
    let given = 0;
    const bytesMax = this.#limits?.bytesMax ?? Infinity;
    while (!this.#released && given < bytesMax && (yield* answer<boolean>((done) => reader.advance(done)))) {
      const { memory, at, bytes } = reader.entry;
      yield* this.#hand(memory, at, bytes);
      count++;
      given += bytes;
    }
    yield* completed((done) => reader.close(done));
    const end = endOfStream(before, count, given >= bytesMax);
    yield* this.#hand(end, 0, end.bytes.length);
    this.done = true;
  }

  get #range(): ReadRange {
    const { before, bounds } = this.#need;
    if (this.#limits === undefined) return { upTo: { epoch: before - 1, sequence: Number.MAX_SAFE_INTEGER } };
    const { upToEpoch: epoch, upToSequence: sequence, fromUs, upToUs } = bounds!;
    return { upTo: { epoch, sequence }, fromUs, upToUs };
  }

  *#hand(memory: RegionMemory, at: number, length: number): Steps<void> {
    if (this.#released) return;
    this.#memory = memory;
    this.#at = at;
    this.#left = length;
    yield* completed((done) => {
      this.#goOn = () => done(undefined);
      this.#tell();
    });
  }

  /** The newest version that both logs have: what the other one has beyond it is no part of the topic. */
  *#agreed(): Steps<Version> {
    const { afterEpoch: epoch, afterSequence } = this.#need;
    if (epoch < 0) return nothing;
    const upTo = { epoch, sequence: afterSequence };
    for (let back = 0; ; back = back === 0 ? backFirst : back * 16) {
      const sequence = Math.max(0, afterSequence - back);
      const found = yield* this.#lastIn({ from: { epoch, sequence }, upTo });
      if (found !== undefined) return found;
      if (sequence === 0) break;
    }
    const found = yield* this.#lastIn({ upTo });
    // Where this log has forgotten its beginning, it cannot tell.
    return found ?? (this.#log.gap === undefined ? nothing : upTo);
  }

  *#lastIn(range: ReadRange): Steps<Version | undefined> {
    let last: Version | undefined;
    const reader = this.#log.reading(range);
    while (yield* answer<boolean>((done) => reader.advance(done)))
      last = { epoch: reader.entry.epoch, sequence: reader.entry.sequence };
    yield* completed((done) => reader.close(done));
    return last;
  }
}

function versionAfter({ afterEpoch, afterSequence }: Need): Version {
  return { epoch: afterEpoch, sequence: afterSequence };
}

function after({ epoch, sequence }: Version): Version {
  return { epoch, sequence: sequence + 1 };
}

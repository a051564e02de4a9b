import type { Region, Replica } from '../../transport/transport.js';
import { HistoryError } from './errors.js';

/** What is given, as bytes: in portions of any length that is a multiple of 8. */
export interface PortionSource {
  readonly done: boolean;
  /** It cannot be given: somebody else is to be asked. */
  readonly failed: boolean;
  /** Fills `target` with what comes next; gives how many bytes that was, 0 where there is nothing at the moment. */
  read(target: Uint8Array): number;
  release(): void;
}

/** Puts together what was given. */
export interface PortionSink<Got> {
  /** Nothing can be taken at the moment. */
  readonly full: boolean;
  readonly complete: boolean;
  /** @throws HistoryError BE_HISTORY_CORRUPT where no correct member gave that */
  write(portion: Uint8Array): void;
  /**
   * What came, once it is complete.
   * @throws HistoryError BE_HISTORY_CORRUPT
   */
  finish(): Got;
}

/** A channel: what was written (one counter), then slots of length, sum and bytes. */
const portionBytes = 64 * 1024;
const slots = 4;
const slotBytes = portionBytes + 64;
export const channelBytes = 64 + slots * slotBytes;

/** Portions that one evaluation copies: a topic's messages wait no longer than for these. */
const portionsMax = 8;

/** The end of a channel that gives. */
export class GivingEnd {
  readonly source: PortionSource;
  readonly #region: Region;
  #written = 0;

  constructor(region: Region, source: PortionSource) {
    this.#region = region;
    this.source = source;
  }

  /** Puts what there is to be given, where `taken` portions were taken; gives how many portions that was. */
  fill(taken: number): number {
    const { bytes, f64 } = this.#region.memory;
    let count = 0;
    while (!this.source.done && this.#written < taken + slots && count < portionsMax) {
      const start = 64 + (this.#written % slots) * slotBytes;
      const target = bytes.subarray(start + 64, start + 64 + portionBytes);
      const length = this.source.read(target);
      if (length === 0) break;
      f64[start >>> 3] = length;
      f64[(start >>> 3) + 1] = sumOf(target.subarray(0, length));
      this.#region.putPayload(start, start + 64 + length);
      this.#written++;
      f64[0] = this.#written;
      this.#region.put(0, 8);
      count++;
    }
    return count;
  }

  /** Whether `count` portions are all that one evaluation copies. */
  static isMost(count: number): boolean {
    return count === portionsMax;
  }

  release(): void {
    this.#region.release();
    this.source.release();
  }
}

/** The end of a channel that takes. */
export class TakingEnd {
  readonly #replica: Replica;
  taken = 0;

  constructor(replica: Replica) {
    this.#replica = replica;
  }

  /**
   * Hands to `sink` what was put, as far as it takes it; gives how many portions that was.
   * @throws HistoryError BE_HISTORY_CORRUPT
   */
  take(sink: PortionSink<unknown>): number {
    const { bytes, f64 } = this.#replica.memory;
    const before = this.taken;
    const written = f64[0]!;
    if (!Number.isSafeInteger(written) || written < before || written > before + slots)
      throw new HistoryError('BE_HISTORY_CORRUPT', `${written} portions, of which ${before} were taken`);
    while (this.taken < written && !sink.full) {
      const start = 64 + (this.taken % slots) * slotBytes;
      takePortion(bytes, start, f64[start >>> 3]!, f64[(start >>> 3) + 1]!, sink);
      this.taken++;
    }
    return this.taken - before;
  }

  release(): void {
    this.#replica.release();
  }
}

function takePortion(
  bytes: Uint8Array,
  start: number,
  length: number,
  sum: number,
  sink: PortionSink<unknown>,
): void {
  if (!Number.isSafeInteger(length) || length <= 0 || length > portionBytes || length % 8 !== 0)
    throw new HistoryError('BE_HISTORY_CORRUPT', `a portion of ${length} bytes`);
  const portion = bytes.subarray(start + 64, start + 64 + length);
  if (sumOf(portion) !== sum) throw new HistoryError('BE_HISTORY_CORRUPT', 'a portion whose sum is wrong');
  sink.write(portion);
}

/** A sum over a portion's bytes, whose change by accident is told (FNV-1a over words). */
export function sumOf(bytes: Uint8Array): number {
  const words = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength >>> 2);
  let sum = 0x811c9dc5;
  for (let word = 0; word < words.length; word++) sum = Math.imul(sum ^ words[word]!, 0x01000193);
  return sum >>> 0;
}

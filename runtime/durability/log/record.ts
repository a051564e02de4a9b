import type { RegionMemory } from '../../../transport/transport.js';
import { EntryRef, entryBytes, entryHeadBytes } from '../../history/entry.js';
import { headerBytes as frameHeaderBytes, frameKind } from '../../multicast/frame.js';
import { crc32c } from './crc32c.js';

/**
 * A record of the log, in little-endian order and padded to 8 bytes (docs/log-format.md): a guard of 16 bytes, then the sample as history
 * keeps it (history/entry.ts): version, sender, frame header, payload.
 *
 * | bytes | what |
 * | --- | --- |
 * | 0–3 | CRC-32C of bytes 4–71, with a seed made of the log, the segment and the offset |
 * | 4–7 | CRC-32C of the payload with its padding |
 * | 8–11 | bytes 0–3 of the record before: a record that is missing breaks the chain |
 * | 12–15 | where the batch began: all before that offset of the segment was durable when this was written |
 * | 16–39 | epoch, sequence, sender (floats) |
 * | 40–71 | the frame's header (multicast/frame.ts); its kind is 1 or one of those below |
 */
export const guardBytes = 16;
export const headBytes = guardBytes + entryHeadBytes + frameHeaderBytes;

export const recordKind = {
  data: frameKind.data,
  /** The epoch ends at this version; the payload is the version up to which what lies beyond is cut (two floats). */
  end: 16,
  /** The log was closed: nothing of what comes before can have been torn. */
  seal: 17,
  /** Closes a batch of a log that is signed (signing.ts). */
  signature: 18,
  /** Up to this version samples are missing; the payload is the source time of the latest of them (a float), and a float that says nothing. */
  gap: 19,
} as const;

const kinds: ReadonlySet<number> = new Set(Object.values(recordKind));

export function isRecordKind(kind: number): boolean {
  return kinds.has(kind);
}

/** Bytes of a record whose payload has `payload` bytes. */
export function recordBytes(payload: number): number {
  return guardBytes + entryBytes(payload);
}

/** Where a record lies, as one number; two places of one log never have the same. */
export function placeSeed(logId: number, segment: number, offset: number): number {
  const log = ((logId % 0x100000000) ^ (logId / 0x100000000)) >>> 0;
  return (log ^ Math.imul(segment, 0x9e3779b1) ^ offset) >>> 0;
}

/** The sum over a record's head as it lies at `at`, for the place that `seed` says. */
export function headSum(memory: RegionMemory, at: number, seed: number): number {
  return crc32c(memory.bytes, memory.u32, at + 4, headBytes - 4, seed);
}

/** The sum over the payload of the record at `at`, and the zeros that pad it. */
export function payloadSum(memory: RegionMemory, at: number): number {
  const padded = (memory.u32[(at + 40) >>> 2]! + 7) & ~7;
  return crc32c(memory.bytes, memory.u32, at + headBytes, padded);
}

/** A record where it lies; reused from one to the next, and valid until then. */
export class LogRecord {
  memory: RegionMemory;
  at = 0;
  /** Where it lies on disk. */
  segment = 0;
  offset = 0;

  constructor(memory: RegionMemory) {
    this.memory = memory;
  }

  get headCrc(): number {
    return this.#word(0);
  }
  get payloadCrc(): number {
    return this.#word(1);
  }
  get previous(): number {
    return this.#word(2);
  }
  get batchStart(): number {
    return this.#word(3);
  }
  get epoch(): number {
    return this.memory.f64[(this.at + 16) >>> 3]!;
  }
  get sequence(): number {
    return this.memory.f64[(this.at + 24) >>> 3]!;
  }
  /** The member that wrote the sample. */
  get sender(): number {
    return this.memory.f64[(this.at + 32) >>> 3]!;
  }
  /** Bytes of the payload. */
  get length(): number {
    return this.#word(10);
  }
  get kind(): number {
    return this.#word(11) & 0xff;
  }
  get flags(): number {
    return (this.#word(11) >>> 8) & 0xff;
  }
  /** The number of the writer at its member. */
  get writer(): number {
    return this.#word(11) >>> 16;
  }
  get instanceLow(): number {
    return this.#word(12);
  }
  get instanceHigh(): number {
    return this.#word(13);
  }
  get writerSequence(): number {
    return this.memory.f64[(this.at + 56) >>> 3]!;
  }
  /** Microseconds of the hybrid clock. */
  get sourceTimeUs(): number {
    return this.memory.f64[(this.at + 64) >>> 3]!;
  }
  /** The payload: `length` bytes of `memory` at this offset, a multiple of 8. */
  get payload(): number {
    return this.at + headBytes;
  }
  /** Bytes of the whole record. */
  get bytes(): number {
    return recordBytes(this.length);
  }
  /** As history and delivery know it, where it lies. */
  get entry(): EntryRef {
    return new EntryRef(this.memory, this.at + guardBytes);
  }

  #word(index: number): number {
    return this.memory.u32[(this.at >>> 2) + index]!;
  }
}

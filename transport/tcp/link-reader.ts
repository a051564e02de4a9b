import type { Arrivals } from './arrivals.js';
import { LinkError, frameKind, guardsBytesMax, headerBytes, nameBytesMax, wordsBytesMax } from './wire.js';

/** What a chunk brought, besides what it changed in the replicas. */
export interface Progress {
  /** Guards were applied: there may be something to see. */
  guards: boolean;
  /** The peer leaves in good order. */
  bye: boolean;
}

/** Less of a payload is read together with what follows it, and copied. */
const inPlaceBytesMin = 8 << 10;

/**
 * Applies what arrives on a link, in pieces of any size: payload goes into the replicas as it comes, everything else once it is whole.
 * Nothing is trusted: what could not be from a correct peer is a LinkError, and nothing of that frame is applied.
 */
export class LinkReader {
  readonly #arrivals: Arrivals;
  readonly #heard: (words: string) => void;
  readonly #progress: Progress = { guards: false, bye: false };
  /** What is there of a header, or of a frame that is applied as a whole. */
  #kept = Buffer.alloc(1 << 12);
  #keptBytes = 0;
  #target: Uint8Array | undefined;
  #at = 0;
  #payloadLeft = 0;

  /** @param heard called with what the peer's end of another way says */
  constructor(arrivals: Arrivals, heard: (words: string) => void = () => undefined) {
    this.#arrivals = arrivals;
    this.#heard = heard;
  }

  /**
   * Valid until the next call.
   * @throws LinkError
   */
  push(chunk: Buffer): Progress {
    this.#progress.guards = false;
    this.#progress.bye = false;
    for (let at = 0; at < chunk.length;) {
      if (this.#payloadLeft > 0) at += this.#takePayload(chunk, at);
      else if (this.#keptBytes > 0) at += this.#complete(chunk, at);
      else at += this.#begin(chunk, at);
    }
    return this.#progress;
  }

  /** Where more of a long payload goes, so that it can be read to there; undefined where what comes next has to be looked at first. */
  get room(): Uint8Array | undefined {
    const target = this.#target;
    if (this.#payloadLeft < inPlaceBytesMin || target === undefined || target.length === 0) return undefined;
    return target.subarray(this.#at, this.#at + this.#payloadLeft);
  }

  /** So many bytes of `room` are there. */
  filled(bytes: number): void {
    this.#at += bytes;
    this.#payloadLeft -= bytes;
  }

  #takePayload(chunk: Buffer, at: number): number {
    const bytes = Math.min(chunk.length - at, this.#payloadLeft);
    const target = this.#target!;
    // A region that nobody wants has no bytes.
    if (target.length > 0) target.set(chunk.subarray(at, at + bytes), this.#at);
    this.filled(bytes);
    return bytes;
  }

  /** At the start of a frame; keeps what there is of it where it is not whole. Gives how many bytes that took. */
  #begin(chunk: Buffer, at: number): number {
    const there = chunk.length - at;
    if (there < headerBytes) return this.#keep(chunk, at, there);
    if (chunk.readUInt32LE(at) === frameKind.payload) {
      this.#beginPayload(chunk, at);
      return headerBytes;
    }
    const length = frameLength(chunk, at);
    if (there < length) return this.#keep(chunk, at, there);
    this.#apply(chunk, at, length);
    return length;
  }

  /** Adds to what was kept, no more than is missing: of the header first, of the frame then. */
  #complete(chunk: Buffer, at: number): number {
    const isHeader = this.#keptBytes < headerBytes;
    const wanted = isHeader ? headerBytes : frameLength(this.#kept, 0);
    const bytes = this.#keep(chunk, at, Math.min(chunk.length - at, wanted - this.#keptBytes));
    if (this.#keptBytes < wanted) return bytes;
    const kept = this.#kept;
    if (isHeader && kept.readUInt32LE(0) === frameKind.payload) {
      this.#keptBytes = 0;
      this.#beginPayload(kept, 0);
    } else if (!isHeader || frameLength(kept, 0) === headerBytes) {
      this.#keptBytes = 0;
      this.#apply(kept, 0, wanted);
    }
    return bytes;
  }

  #keep(chunk: Buffer, at: number, bytes: number): number {
    const needed = this.#keptBytes + bytes;
    if (needed > this.#kept.length) {
      const larger = Buffer.alloc(Math.max(needed, this.#kept.length * 2));
      this.#kept.copy(larger, 0, 0, this.#keptBytes);
      this.#kept = larger;
    }
    chunk.copy(this.#kept, this.#keptBytes, at, at + bytes);
    this.#keptBytes = needed;
    return bytes;
  }

  #beginPayload(from: Buffer, at: number): void {
    const start = from.readUInt32LE(at + 8);
    const length = from.readUInt32LE(at + 12);
    this.#target = this.#arrivals.target(from.readUInt32LE(at + 4), start, length);
    this.#at = start;
    this.#payloadLeft = length;
  }

  #apply(from: Buffer, at: number, length: number): void {
    const region = from.readUInt32LE(at + 4);
    switch (from.readUInt32LE(at)) {
      case frameKind.announce:
        this.#arrivals.announce(
          region,
          from.toString('latin1', at + headerBytes, at + length),
          from.readUInt32LE(at + 8),
        );
        break;
      case frameKind.guards:
        this.#applyGuards(from, at + headerBytes, at + length);
        this.#progress.guards = true;
        break;
      case frameKind.seal:
        this.#arrivals.seal(region);
        break;
      case frameKind.release:
        this.#arrivals.release(region);
        break;
      case frameKind.bye:
        this.#progress.bye = true;
        break;
      case frameKind.words:
        this.#heard(from.toString('latin1', at + headerBytes, at + length));
    }
  }

  /** Looks at all of them first: they are applied together, or not at all. */
  #applyGuards(from: Buffer, begin: number, end: number): void {
    for (const isRehearsal of [true, false]) {
      for (let at = begin; at < end;) {
        const body = at + headerBytes;
        const length = body <= end ? from.readUInt32LE(at + 12) : 0;
        if (body + length > end) throw new LinkError('it put guards that do not fit their frame');
        const start = from.readUInt32LE(at + 8);
        const target = this.#arrivals.target(from.readUInt32LE(at + 4), start, length);
        if (!isRehearsal && target.length > 0) copy(from, body, length, target, start);
        at = body + length;
      }
    }
  }
}

/** Of bodies; frames of other kinds have none. */
const lengthsMax: Readonly<Record<number, number>> = {
  [frameKind.guards]: guardsBytesMax,
  [frameKind.announce]: nameBytesMax,
  [frameKind.words]: wordsBytesMax,
};

/** The length of the frame, header included. */
function frameLength(from: Buffer, at: number): number {
  const kind = from.readUInt32LE(at);
  const length = from.readUInt32LE(at + 12);
  const lengthMax = lengthsMax[kind] ?? 0;
  if (kind < frameKind.announce || kind > frameKind.words)
    throw new LinkError(`it sent a frame of kind ${kind}`);
  if (length > lengthMax) throw new LinkError(`it sent a frame of kind ${kind} with ${length} bytes`);
  return headerBytes + length;
}

/** Most guards are a counter or a few, for which a call costs more than the copy. */
function copy(from: Buffer, at: number, length: number, target: Uint8Array, start: number): void {
  if (length > 64) target.set(from.subarray(at, at + length), start);
  else for (let i = 0; i < length; i++) target[start + i] = from[at + i]!;
}

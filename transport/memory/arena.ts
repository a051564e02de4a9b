import type { RegionMemory } from '../transport.js';
import { regionMemory } from '../transport.js';
import {
  addressOf,
  attachShared,
  blankOut,
  createFile,
  createShared,
  findFile,
  mapOver,
  reserveAddresses,
} from './system.js';

const PAGE_BYTES = 4096;
/** Addresses that the engine is told of at a time. */
const CHUNK_BYTES = 256 * 1024 * 1024;
/** What is larger has a chunk of its own. */
const SHARED_BYTES_MAX = CHUNK_BYTES / 8;

/** A file in memory, and how to give that memory back. */
export interface Segment {
  readonly memory: RegionMemory;
  /** Nobody looks at it any more: a view that somebody has kept all the same reads zeros from now on. Idempotent. */
  giveBack(): void;
}

/** How a member's segments come into its memory. */
export interface Segments {
  /** Makes a file of zeros. @throws TransportError BE_NO_MEMORY */
  create(path: string, byteLength: number): Segment;
  /** Maps the file at `path` read-only, or gives undefined where there is none yet. @throws TransportError BE_SYSTEM */
  attach(path: string, byteLength: number): Segment | undefined;
}

/**
 * Where one member's segments are mapped. The engine takes what is mapped anew for memory that only collecting garbage brings back, and so collects
 * it all whenever topics have changed a few times. So addresses are reserved, and made a buffer, many at a time, and segments are mapped over a part.
 *
 * Addresses stay valid as long as their buffer. A segment's are another's only once the garbage collector has taken the four views of it, so who
 * kept one sees zeros, and never what is another's.
 */
export class Arena implements Segments {
  readonly #chunks: Chunk[] = [];

  create(path: string, byteLength: number): Segment {
    return createFile(path, byteLength, (fd) => this.#map(fd, path, byteLength, true));
  }

  attach(path: string, byteLength: number): Segment | undefined {
    return findFile(path, byteLength, (fd) => this.#map(fd, path, byteLength, false));
  }

  #map(fd: number, path: string, byteLength: number, isOwn: boolean): Segment {
    const pagesBytes = Math.ceil(byteLength / PAGE_BYTES) * PAGE_BYTES;
    const { chunk, start } = this.#take(pagesBytes);
    try {
      mapOver(chunk.address + BigInt(start), fd, path, byteLength, isOwn);
    } catch (error) {
      chunk.give(start, pagesBytes);
      throw error;
    }
    const memory = regionMemory(chunk.buffer, start, byteLength);
    const place = new Place(chunk, start, pagesBytes, isOwn);
    for (const view of [memory.bytes, memory.view, memory.u32, memory.f64]) collected.register(view, place);
    return { memory, giveBack: () => place.blank() };
  }

  #take(byteLength: number): { chunk: Chunk; start: number } {
    if (byteLength > SHARED_BYTES_MAX) {
      const chunk = new Chunk(byteLength);
      return { chunk, start: chunk.take(byteLength) };
    }
    for (const chunk of this.#chunks) {
      const start = chunk.take(byteLength);
      if (start >= 0) return { chunk, start };
    }
    const chunk = new Chunk(CHUNK_BYTES);
    this.#chunks.push(chunk);
    return { chunk, start: chunk.take(byteLength) };
  }
}

/** Each segment is a buffer of its own, and given back by the garbage collector alone: for whom what was released is still to be read. */
export const apart: Segments = {
  create: (path, byteLength) => whole(createShared(path, byteLength)),
  attach(path, byteLength) {
    const buffer = attachShared(path, byteLength);
    return buffer && whole(buffer);
  },
};

function whole(buffer: ArrayBuffer): Segment {
  return { memory: regionMemory(buffer), giveBack: () => undefined };
}

/** Addresses in a row, and which of them are free. */
class Chunk {
  readonly buffer: ArrayBuffer;
  readonly address: bigint;
  /** In order, with something taken between each two. */
  readonly #free: { start: number; end: number }[];

  constructor(byteLength: number) {
    this.buffer = reserveAddresses(byteLength);
    this.address = addressOf(this.buffer);
    this.#free = [{ start: 0, end: byteLength }];
  }

  /** Where so many bytes begin that are free; -1 where so many are not, in a row. */
  take(byteLength: number): number {
    const index = this.#free.findIndex(({ start, end }) => end - start >= byteLength);
    if (index < 0) return -1;
    const found = this.#free[index]!;
    const { start } = found;
    found.start += byteLength;
    if (found.start === found.end) this.#free.splice(index, 1);
    return start;
  }

  give(start: number, byteLength: number): void {
    const end = start + byteLength;
    const next = this.#free.findIndex((other) => other.start >= end);
    const index = next < 0 ? this.#free.length : next;
    this.#free.splice(index, 0, { start, end });
    this.#join(index);
    if (index > 0) this.#join(index - 1);
  }

  #join(index: number): void {
    const one = this.#free[index]!;
    const next = this.#free[index + 1];
    if (next === undefined || next.start !== one.end) return;
    one.end = next.end;
    this.#free.splice(index + 1, 1);
  }
}

/** A segment's part of a chunk. It keeps the chunk's addresses valid, since it is kept itself until all views of it are collected. */
class Place {
  readonly #chunk: Chunk;
  readonly #start: number;
  readonly #byteLength: number;
  readonly #isOwn: boolean;
  #isBlank = false;
  #views = VIEWS;

  constructor(chunk: Chunk, start: number, byteLength: number, isOwn: boolean) {
    this.#chunk = chunk;
    this.#start = start;
    this.#byteLength = byteLength;
    this.#isOwn = isOwn;
  }

  blank(): void {
    const address = this.#chunk.address + BigInt(this.#start);
    this.#isBlank ||= blankOut(address, this.#byteLength, this.#isOwn);
  }

  viewIsCollected(): void {
    if (--this.#views > 0) return;
    this.blank();
    if (this.#isBlank) this.#chunk.give(this.#start, this.#byteLength);
  }
}

/** Of a region's memory. */
const VIEWS = 4;
const collected = new FinalizationRegistry<Place>((place) => place.viewIsCollected());

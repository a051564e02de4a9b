import type { RegionMemory } from '../../transport/transport.js';
import { FrameHeader, frameBytes, frameKind, headerBytes } from './frame.js';

/** A frame that lies in a ring. */
export interface Frame {
  readonly kind: number;
  /** Of the header, in the region. */
  readonly offset: number;
  readonly length: number;
  readonly turns: number;
  readonly header: FrameHeader;
  /** The position where the next one begins. */
  readonly end: number;
}

/** A ring, for whoever goes through it outside of the way of messages: where it begins in its region, and how long it is. */
export interface Ring {
  readonly memory: RegionMemory;
  readonly start: number;
  readonly bytes: number;
}

/** The frames of `ring` from position `from` to `to`, pads left out; up to the first, if any, that no correct member has written. */
export function* framesOf({ memory, start, bytes }: Ring, from: number, to: number): Generator<Frame> {
  const { u32, f64 } = memory;
  for (let position = from; position < to;) {
    const inRing = position % bytes;
    const offset = start + inRing;
    const length = u32[offset >>> 2]!;
    const kind = u32[(offset >>> 2) + 1]! & 0xff;
    const nulls = kind === frameKind.nulls;
    const size = kind === frameKind.pad ? length : nulls ? headerBytes : frameBytes(length);
    if (!kinds.has(kind) || size === 0 || inRing + size > bytes) return;
    position += size;
    if (kind === frameKind.pad) continue;
    const header = FrameHeader.at(u32, f64, offset);
    yield { kind, offset, length: nulls ? 0 : length, turns: nulls ? length : 1, header, end: position };
  }
}

const kinds = new Set<number>(Object.values(frameKind));

import { FrameError, JsonFrameReader, encodeJsonFrame } from '../json-frames.js';
import type { MemberId } from '../transport.js';

/** What members say to each other on a member's socket. */
export type DoorFrame =
  | { readonly kind: 'watch'; readonly from: MemberId } // stay connected, so that I see you die
  | { readonly kind: 'greet'; readonly from: MemberId; readonly greeting: string }
  | { readonly kind: 'closed' } // no strangers here
  | { readonly kind: 'heard' } // I run, and will ask my protocol
  | { readonly kind: 'please' } // do: I am still there, and ask nobody else
  | { readonly kind: 'welcome'; readonly welcome: string }
  | { readonly kind: 'refused'; readonly refused: string };

export { FRAME_BYTES_MAX, FrameError } from '../json-frames.js';

/** @throws FrameError where the frame would be too long */
export function encodeFrame(frame: DoorFrame): Buffer {
  return encodeJsonFrame(frame);
}

/** Takes frames out of what a socket delivers, in pieces of any size. */
export class FrameReader {
  readonly #frames = new JsonFrameReader();

  /**
   * @returns the frames that are complete now
   * @throws FrameError for anything that is no frame of this version and byte order; the reader is then of no more use
   */
  push(chunk: Buffer): DoorFrame[] {
    this.#frames.push(chunk);
    const found: DoorFrame[] = [];
    for (let value = this.#frames.next(); value !== undefined; value = this.#frames.next()) {
      const frame = checkFrame(value);
      if (frame === undefined) throw new FrameError('a frame is of no known kind, or lacks a field');
      found.push(frame);
    }
    return found;
  }
}

/** Built anew from the fields that are known, whatever else the other side sent. */
function checkFrame(value: unknown): DoorFrame | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { kind, from, greeting, welcome, refused } = value as Record<string, unknown>;
  const isMember = Number.isSafeInteger(from) && (from as number) > 0;
  switch (kind) {
    case 'closed':
    case 'heard':
    case 'please':
      return { kind };
    case 'watch':
      return isMember ? { kind, from: from as MemberId } : undefined;
    case 'greet':
      return isMember && typeof greeting === 'string'
        ? { kind, from: from as MemberId, greeting }
        : undefined;
    case 'welcome':
      return typeof welcome === 'string' ? { kind, welcome } : undefined;
    case 'refused':
      return typeof refused === 'string' ? { kind, refused } : undefined;
    default:
      return undefined;
  }
}

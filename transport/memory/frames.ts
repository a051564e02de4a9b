import type { MemberId } from '../transport.js';

/**
 * What members say to each other on a member's socket: an 8-byte header, then JSON.
 *
 * | bytes | |
 * | --- | --- |
 * | 0–1 | `BE` |
 * | 2 | major version of the protocol |
 * | 3 | byte order of the sender: 1 little, 2 big |
 * | 4–7 | length of the JSON in bytes, little-endian |
 */
export type DoorFrame =
  | { readonly kind: 'watch'; readonly from: MemberId } // stay connected, so that I see you die
  | { readonly kind: 'greet'; readonly from: MemberId; readonly greeting: string }
  | { readonly kind: 'closed' } // no strangers here
  | { readonly kind: 'heard' } // I run, and will ask my protocol
  | { readonly kind: 'please' } // do: I am still there, and ask nobody else
  | { readonly kind: 'welcome'; readonly welcome: string }
  | { readonly kind: 'refused'; readonly refused: string };

export const PROTOCOL_MAJOR = 1;
export const FRAME_BYTES_MAX = 16 * 1024 * 1024;

const HEADER_BYTES = 8;
const LITTLE = 1;
const BIG = 2;
const OWN_ORDER = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1 ? LITTLE : BIG;

/** The bytes were no frame that we understand; `message` says why, in words for the other side. */
export class FrameError extends Error {
  override readonly name = 'FrameError';
}

/** @throws FrameError where the frame would be too long */
export function encodeFrame(frame: DoorFrame): Buffer {
  const json = Buffer.from(JSON.stringify(frame));
  if (json.length > FRAME_BYTES_MAX) {
    throw new FrameError(`a frame of ${json.length} bytes is over the limit of ${FRAME_BYTES_MAX}`);
  }
  const header = Buffer.from([0x42, 0x45, PROTOCOL_MAJOR, OWN_ORDER, 0, 0, 0, 0]);
  header.writeUInt32LE(json.length, 4);
  return Buffer.concat([header, json]);
}

/** Takes frames out of what a socket delivers, in pieces of any size. */
export class FrameReader {
  #chunks: Buffer[] = [];
  #gathered = 0;
  #needed = HEADER_BYTES;

  /**
   * @returns the frames that are complete now
   * @throws FrameError for anything that is no frame of this version and byte order; the reader is then of no more use
   */
  push(chunk: Buffer): DoorFrame[] {
    const frames: DoorFrame[] = [];
    this.#chunks.push(chunk);
    this.#gathered += chunk.length;
    while (this.#gathered >= this.#needed) {
      // Joined only when there is enough: a frame in many pieces is copied once.
      const bytes = this.#chunks.length === 1 ? this.#chunks[0]! : Buffer.concat(this.#chunks);
      this.#chunks = [bytes];
      this.#needed = HEADER_BYTES + checkHeader(bytes);
      if (bytes.length < this.#needed) break;
      frames.push(parseFrame(bytes.toString('utf8', HEADER_BYTES, this.#needed)));
      const rest = bytes.subarray(this.#needed);
      this.#chunks = [rest];
      this.#gathered = rest.length;
      this.#needed = HEADER_BYTES;
    }
    return frames;
  }
}

function checkHeader(bytes: Buffer): number {
  if (bytes[0] !== 0x42 || bytes[1] !== 0x45) throw new FrameError('this is not the protocol of Bowecho');
  const [major, order] = [bytes[2]!, bytes[3]!];
  if (major !== PROTOCOL_MAJOR || order !== OWN_ORDER) {
    throw new FrameError(
      `one side speaks version ${PROTOCOL_MAJOR} in ${orderName(OWN_ORDER)} byte order, ` +
        `the other version ${major} in ${orderName(order)} byte order: run the same major version in all members`,
    );
  }
  const length = bytes.readUInt32LE(4);
  if (length > FRAME_BYTES_MAX) {
    throw new FrameError(`a frame of ${length} bytes is over the limit of ${FRAME_BYTES_MAX}`);
  }
  return length;
}

function orderName(order: number): string {
  return order === LITTLE ? 'little-endian' : order === BIG ? 'big-endian' : 'unknown';
}

function parseFrame(json: string): DoorFrame {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    throw new FrameError('a frame holds no JSON');
  }
  const frame = checkFrame(value);
  if (frame === undefined) throw new FrameError('a frame is of no known kind, or lacks a field');
  return frame;
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

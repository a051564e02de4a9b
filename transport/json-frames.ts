/**
 * What members say to each other before they share memory: an 8-byte header, then JSON.
 *
 * | bytes | |
 * | --- | --- |
 * | 0–1 | `BE` |
 * | 2 | major version of the protocol |
 * | 3 | byte order of the sender: 1 little, 2 big |
 * | 4–7 | length of the JSON in bytes, little-endian |
 */
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
export function encodeJsonFrame(value: object): Buffer {
  const json = Buffer.from(JSON.stringify(value));
  if (json.length > FRAME_BYTES_MAX) {
    throw new FrameError(`a frame of ${json.length} bytes is over the limit of ${FRAME_BYTES_MAX}`);
  }
  const header = Buffer.from([0x42, 0x45, PROTOCOL_MAJOR, OWN_ORDER, 0, 0, 0, 0]);
  header.writeUInt32LE(json.length, 4);
  return Buffer.concat([header, json]);
}

/** Takes frames out of what a socket delivers, in pieces of any size. */
export class JsonFrameReader {
  /** The longest frame that is taken; may be raised once the other side is known. */
  bytesMax: number;
  #chunks: Buffer[] = [];
  #gathered = 0;
  #needed = HEADER_BYTES;

  constructor(bytesMax: number = FRAME_BYTES_MAX) {
    this.bytesMax = bytesMax;
  }

  push(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#gathered += chunk.length;
  }

  /**
   * The next frame, as parsed, or undefined while it is not complete.
   * @throws FrameError for anything that is no frame of this version and byte order; the reader is then of no more use
   */
  next(): unknown {
    while (this.#gathered >= this.#needed) {
      const bytes = this.#joined();
      this.#needed = HEADER_BYTES + checkHeader(bytes, this.bytesMax);
      if (bytes.length < this.#needed) break;
      const json = bytes.toString('utf8', HEADER_BYTES, this.#needed);
      this.#keep(bytes.subarray(this.#needed));
      return parse(json);
    }
    return undefined;
  }

  /** What came after the last frame. */
  rest(): Buffer {
    const bytes = this.#joined();
    this.#keep(Buffer.alloc(0));
    return bytes;
  }

  /** Joined only when there is enough: a frame in many pieces is copied once. */
  #joined(): Buffer {
    if (this.#chunks.length !== 1) this.#chunks = [Buffer.concat(this.#chunks)];
    return this.#chunks[0]!;
  }

  #keep(bytes: Buffer): void {
    this.#chunks = [bytes];
    this.#gathered = bytes.length;
    this.#needed = HEADER_BYTES;
  }
}

function checkHeader(bytes: Buffer, bytesMax: number): number {
  if (bytes[0] !== 0x42 || bytes[1] !== 0x45) throw new FrameError('this is not the protocol of Bowecho');
  const [major, order] = [bytes[2]!, bytes[3]!];
  if (major !== PROTOCOL_MAJOR || order !== OWN_ORDER) {
    throw new FrameError(
      `one side speaks version ${PROTOCOL_MAJOR} in ${orderName(OWN_ORDER)} byte order, ` +
        `the other version ${major} in ${orderName(order)} byte order: run the same major version in all members`,
    );
  }
  const length = bytes.readUInt32LE(4);
  if (length > bytesMax) throw new FrameError(`a frame of ${length} bytes is over the limit of ${bytesMax}`);
  return length;
}

function orderName(order: number): string {
  return order === LITTLE ? 'little-endian' : order === BIG ? 'big-endian' : 'unknown';
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    throw new FrameError('a frame holds no JSON');
  }
}

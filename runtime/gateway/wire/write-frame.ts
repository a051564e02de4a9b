import { closeCodes, malformed, samplesPerFrameMax, WireError } from './protocol.js';

/**
 * Samples from a client's writer: a header of 8 bytes, then one sample after another, everything little-endian.
 *
 * | bytes of the frame's header | what |
 * | --- | --- |
 * | 0 | 2: written samples |
 * | 1 | 0 |
 * | 2–3 | number of samples, at least 1 |
 * | 4–7 | id of the writer |
 *
 * | bytes of a sample | what |
 * | --- | --- |
 * | 0–3 | length of the payload |
 * | 4–5 | flags: 1 = keyed, the key's hash follows |
 * | 6–7 | 0 |
 * | 8–23 | where keyed: the key's 16-byte hash |
 * | then | payload, in protobuf |
 */
export const writeFrameKind = 2;
export const writeFrameHeaderBytes = 8;
export const writeHeaderBytes = 8;
export const keyHashBytes = 16;
const keyedFlag = 1;

/** A sample to be sent. */
export interface WrittenSample {
  readonly payload: Uint8Array;
  readonly keyHash: Uint8Array | undefined;
}

/** A sample in a frame: its payload is `length` bytes from `offset`, its key's hash 16 bytes from `keyOffset`, or -1. */
export interface FramedWrite {
  readonly keyOffset: number;
  readonly offset: number;
  readonly length: number;
}

export interface WriteFrame {
  readonly id: number;
  readonly writes: readonly FramedWrite[];
}

/** Bytes that a sample takes in a frame, and in its writer's window. */
export function writtenBytes(sample: WrittenSample): number {
  return writeHeaderBytes + (sample.keyHash === undefined ? 0 : keyHashBytes) + sample.payload.length;
}

/** A frame of 1 to 65,535 samples. */
export function encodeWriteFrame(id: number, samples: readonly WrittenSample[]): Uint8Array<ArrayBuffer> {
  if (samples.length < 1 || samples.length > samplesPerFrameMax)
    throw new RangeError(`${samples.length} samples in a frame`);
  const length = samples.reduce((sum, sample) => sum + writtenBytes(sample), writeFrameHeaderBytes);
  const bytes = new Uint8Array(length);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, writeFrameKind);
  view.setUint16(2, samples.length, true);
  view.setUint32(4, id, true);
  let offset = writeFrameHeaderBytes;
  for (const { payload, keyHash } of samples) {
    view.setUint32(offset, payload.length, true);
    view.setUint16(offset + 4, keyHash === undefined ? 0 : keyedFlag, true);
    offset += writeHeaderBytes;
    if (keyHash !== undefined) {
      bytes.set(keyHash, offset);
      offset += keyHashBytes;
    }
    bytes.set(payload, offset);
    offset += payload.length;
  }
  return bytes;
}

/**
 * The samples of a frame, in their order. The whole frame is checked before anything of it is given.
 * @throws WireError
 */
export function decodeWriteFrame(view: DataView, payloadMax: number): WriteFrame {
  if (view.byteLength < writeFrameHeaderBytes)
    throw malformed('a frame of written samples ends within its header');
  if (view.getUint8(0) !== writeFrameKind || view.getUint8(1) !== 0)
    throw malformed('a binary frame is of no known kind');
  const count = view.getUint16(2, true);
  if (count === 0) throw malformed('a frame of written samples has none');
  const writes: FramedWrite[] = [];
  let offset = writeFrameHeaderBytes;
  for (let i = 0; i < count; i++) {
    const write = decodeWrite(view, offset, payloadMax);
    writes.push(write);
    offset = write.offset + write.length;
  }
  if (offset !== view.byteLength) throw malformed('a frame of written samples is longer than what is in it');
  return { id: view.getUint32(4, true), writes };
}

function decodeWrite(view: DataView, start: number, payloadMax: number): FramedWrite {
  if (start + writeHeaderBytes > view.byteLength)
    throw malformed("a frame of written samples ends within a sample's header");
  const length = view.getUint32(start, true);
  if (length > payloadMax)
    throw new WireError(
      closeCodes.tooLarge,
      `a sample of ${length} bytes: at most ${payloadMax} are allowed`,
    );
  const flags = view.getUint16(start + 4, true);
  if ((flags & ~keyedFlag) !== 0 || view.getUint16(start + 6, true) !== 0)
    throw malformed('a sample has flags that are not known');
  const keyed = (flags & keyedFlag) !== 0;
  const offset = start + writeHeaderBytes + (keyed ? keyHashBytes : 0);
  if (offset + length > view.byteLength) throw malformed('a frame of written samples ends within a sample');
  return { keyOffset: keyed ? start + writeHeaderBytes : -1, offset, length };
}

import { malformed } from './protocol.js';

/**
 * Samples from the gateway: a header of 16 bytes, then one sample after another, everything little-endian.
 *
 * | bytes of the frame's header | what |
 * | --- | --- |
 * | 0 | 1: samples |
 * | 1 | 0 |
 * | 2–3 | number of samples, at least 1 |
 * | 4–7 | stream |
 * | 8–15 | how many samples the gateway's reader had seen up to the last one here, a float |
 *
 * | bytes of a sample | what |
 * | --- | --- |
 * | 0–3 | length of the payload |
 * | 4–5 | flags: 1 = the payload is in the fixed in-place layout instead of protobuf |
 * | 6–7 | number of the writer at its member |
 * | 8–15 | member, a float (a safe integer, as the floats below) |
 * | 16–23, 24–31 | version: epoch and sequence, floats |
 * | 32–39 | the writer's sequence, a float |
 * | 40–47 | source time in microseconds since the epoch, a float |
 * | 48–51, 52–55 | instance: 64 bits in two halves, the low one first; 0 for a type without key |
 * | from 56 | payload |
 *
 * The frame does not name its client, so one frame can be built once and sent to all of them.
 */
export const sampleFrameKind = 1;
export const sampleFrameHeaderBytes = 16;
export const sampleHeaderBytes = 56;
export const sampleFlags = { inPlace: 1 } as const;

/** Where a sample stands in its topic's order. */
export interface FrameVersion {
  readonly epoch: number;
  readonly sequence: number;
}

/** What a frame says of a sample beside its payload. */
export interface SampleHeader extends FrameVersion {
  readonly member: number;
  readonly writer: number;
  readonly writerSequence: number;
  readonly sourceTimeUs: number;
  readonly instanceLow: number;
  readonly instanceHigh: number;
}

/** A sample in a frame: its payload is `length` bytes from `offset`. */
export interface FramedSample extends SampleHeader {
  readonly inPlace: boolean;
  readonly offset: number;
  readonly length: number;
}

export interface SampleFrame {
  readonly stream: number;
  readonly index: number;
  readonly samples: readonly FramedSample[];
}

export function putSampleFrameHeader(view: DataView, stream: number, count: number, index: number): void {
  view.setUint8(0, sampleFrameKind);
  view.setUint8(1, 0);
  view.setUint16(2, count, true);
  view.setUint32(4, stream, true);
  view.setFloat64(8, index, true);
}

export function putSampleHeader(
  view: DataView,
  offset: number,
  sample: SampleHeader,
  inPlace: boolean,
  length: number,
): void {
  view.setUint32(offset, length, true);
  view.setUint16(offset + 4, inPlace ? sampleFlags.inPlace : 0, true);
  view.setUint16(offset + 6, sample.writer, true);
  view.setFloat64(offset + 8, sample.member, true);
  view.setFloat64(offset + 16, sample.epoch, true);
  view.setFloat64(offset + 24, sample.sequence, true);
  view.setFloat64(offset + 32, sample.writerSequence, true);
  view.setFloat64(offset + 40, sample.sourceTimeUs, true);
  view.setUint32(offset + 48, sample.instanceLow, true);
  view.setUint32(offset + 52, sample.instanceHigh, true);
}

/**
 * The samples of a frame, in their order. The whole frame is checked before anything of it is given.
 * @throws WireError
 */
export function decodeSampleFrame(view: DataView): SampleFrame {
  if (view.byteLength < sampleFrameHeaderBytes) throw malformed('a frame of samples ends within its header');
  if (view.getUint8(0) !== sampleFrameKind || view.getUint8(1) !== 0)
    throw malformed('a binary frame is of no known kind');
  const count = view.getUint16(2, true);
  if (count === 0) throw malformed('a frame of samples has none');
  const samples: FramedSample[] = [];
  let offset = sampleFrameHeaderBytes;
  for (let i = 0; i < count; i++) {
    const sample = decodeSample(view, offset);
    samples.push(sample);
    offset = sample.offset + sample.length;
  }
  if (offset !== view.byteLength) throw malformed('a frame of samples is longer than what is in it');
  return { stream: view.getUint32(4, true), index: safe(view, 8), samples };
}

function decodeSample(view: DataView, offset: number): FramedSample {
  if (offset + sampleHeaderBytes > view.byteLength)
    throw malformed("a frame of samples ends within a sample's header");
  const length = view.getUint32(offset, true);
  if (offset + sampleHeaderBytes + length > view.byteLength)
    throw malformed('a frame of samples ends within a payload');
  const flags = view.getUint16(offset + 4, true);
  if ((flags & ~sampleFlags.inPlace) !== 0) throw malformed('a sample has flags that are not known');
  return {
    epoch: safe(view, offset + 16),
    sequence: safe(view, offset + 24),
    member: safe(view, offset + 8),
    writer: view.getUint16(offset + 6, true),
    writerSequence: safe(view, offset + 32),
    sourceTimeUs: safe(view, offset + 40),
    instanceLow: view.getUint32(offset + 48, true),
    instanceHigh: view.getUint32(offset + 52, true),
    inPlace: (flags & sampleFlags.inPlace) !== 0,
    offset: offset + sampleHeaderBytes,
    length,
  };
}

function safe(view: DataView, offset: number): number {
  const value = view.getFloat64(offset, true);
  if (!Number.isSafeInteger(value) || value < 0)
    throw malformed('a number in a frame is no safe integer from 0');
  return value;
}

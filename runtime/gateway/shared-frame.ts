import {
  decodeSampleFrame,
  type FrameVersion,
  putSampleFrameHeader,
  sampleFrameHeaderBytes,
  sampleHeaderBytes,
} from './wire/index.js';

/** The numbers by which a topic's samples travel: as they come, and conflated while the client is slow. */
export interface Streams {
  readonly plain: number;
  readonly conflated: number;
}

/** One sample, in memory of its own, as it stands in a frame. */
export interface SampleRecord {
  readonly bytes: Uint8Array;
  readonly instance: bigint;
  readonly version: FrameVersion;
  /** Samples of the topic that the gateway had seen up to this one. */
  readonly index: number;
}

/** A stretch of a topic's samples that the clients are not sent: too large. */
export interface LostSamples {
  readonly from: FrameVersion;
  readonly to: FrameVersion;
  readonly count: number;
  readonly index: number;
}

/** A frame of samples, built once and sent to all clients. */
export class SharedFrame implements LostSamples {
  readonly count: number;
  readonly index: number;
  readonly from: FrameVersion;
  readonly to: FrameVersion;
  readonly #streams: Streams;
  readonly #plain: Uint8Array;
  #conflated: Uint8Array | undefined;
  #records: readonly SampleRecord[] | undefined;

  constructor(
    bytes: Uint8Array,
    streams: Streams,
    count: number,
    index: number,
    from: FrameVersion,
    to: FrameVersion,
  ) {
    this.#plain = bytes;
    this.#streams = streams;
    this.count = count;
    this.index = index;
    this.from = from;
    this.to = to;
  }

  get byteLength(): number {
    return this.#plain.length;
  }

  /** The frame's bytes for one of the topic's streams: they differ in a number only. */
  bytesFor(stream: number): Uint8Array {
    if (stream === this.#streams.plain) return this.#plain;
    if (this.#conflated === undefined) {
      this.#conflated = this.#plain.slice();
      putSampleFrameHeader(viewOf(this.#conflated), this.#streams.conflated, this.count, this.index);
    }
    return this.#conflated;
  }

  /** The samples one by one, each in memory of its own: keeping one does not keep the frame. Made once, for all slow clients. */
  get records(): readonly SampleRecord[] {
    this.#records ??= decodeSampleFrame(viewOf(this.#plain)).samples.map((sample, i) => ({
      bytes: this.#plain.slice(sample.offset - sampleHeaderBytes, sample.offset + sample.length),
      instance: (BigInt(sample.instanceHigh) << 32n) | BigInt(sample.instanceLow),
      version: { epoch: sample.epoch, sequence: sample.sequence },
      index: this.index - (this.count - 1 - i),
    }));
    return this.#records;
  }
}

/** A frame for one client, of samples that waited for it. */
export function frameOfRecords(stream: number, records: readonly SampleRecord[]): Uint8Array {
  const length = records.reduce((sum, { bytes }) => sum + bytes.length, sampleFrameHeaderBytes);
  const frame = new Uint8Array(length);
  putSampleFrameHeader(viewOf(frame), stream, records.length, records.at(-1)!.index);
  let offset = sampleFrameHeaderBytes;
  for (const { bytes } of records) {
    frame.set(bytes, offset);
    offset += bytes.length;
  }
  return frame;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

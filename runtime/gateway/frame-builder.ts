import { SharedFrame, type Streams } from './shared-frame.js';
import {
  type FrameVersion,
  putSampleFrameHeader,
  putSampleHeader,
  sampleFrameHeaderBytes,
  type SampleHeader,
  sampleHeaderBytes,
  samplesPerFrameMax,
} from './wire/index.js';

/** A frame ends before it grows beyond this, unless one sample does. */
const frameBytesMax = 256 << 10;

/** Gathers a topic's samples into frames: each is copied once out of the ring. */
export class FrameBuilder {
  readonly #streams: Streams;
  #bytes = new Uint8Array(4096);
  #view = new DataView(this.#bytes.buffer);
  #end = sampleFrameHeaderBytes;
  #count = 0;
  #from: FrameVersion | undefined;
  #to: FrameVersion | undefined;

  constructor(streams: Streams) {
    this.#streams = streams;
  }

  /** Whether another sample of `length` bytes goes into the present frame. */
  hasRoom(length: number): boolean {
    if (this.#count === 0) return true;
    return this.#count < samplesPerFrameMax && this.#end + sampleHeaderBytes + length <= frameBytesMax;
  }

  /** Appends the sample whose payload is `length` bytes from `offset` of `source`. */
  append(header: SampleHeader, inPlace: boolean, source: Uint8Array, offset: number, length: number): void {
    const payload = this.#end + sampleHeaderBytes;
    if (payload + length > this.#bytes.length) this.#grow(payload + length);
    putSampleHeader(this.#view, this.#end, header, inPlace, length);
    this.#bytes.set(source.subarray(offset, offset + length), payload);
    this.#end = payload + length;
    this.#count++;
    this.#to = { epoch: header.epoch, sequence: header.sequence };
    this.#from ??= this.#to;
  }

  #grow(byteLength: number): void {
    const grown = new Uint8Array(Math.max(byteLength, this.#bytes.length * 2));
    grown.set(this.#bytes.subarray(0, this.#end));
    this.#bytes = grown;
    this.#view = new DataView(grown.buffer);
  }

  /** The frame of what was appended, of which the last was the gateway's sample number `index`; undefined where nothing was. */
  finish(index: number): SharedFrame | undefined {
    if (this.#count === 0) return undefined;
    putSampleFrameHeader(this.#view, this.#streams.plain, this.#count, index);
    const frame = new SharedFrame(
      this.#bytes.slice(0, this.#end),
      this.#streams,
      this.#count,
      index,
      this.#from!,
      this.#to!,
    );
    if (this.#bytes.length > frameBytesMax) {
      this.#bytes = new Uint8Array(4096);
      this.#view = new DataView(this.#bytes.buffer);
    }
    this.#end = sampleFrameHeaderBytes;
    this.#count = 0;
    this.#from = this.#to = undefined;
    return frame;
  }
}

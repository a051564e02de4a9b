import type { Lane } from './region.js';
import { FrameWriter, frameKind, headerBytes } from './wire.js';

/** Payload of at least so many bytes is written from where it lies; less is copied into the batch, which is faster. */
const inPlaceBytesMin = 32 << 10;
/** No single piece is longer, so that a slow link has at most this much of it in other buffers. */
const pieceBytesMax = 1 << 20;

/** All that has gathered for one peer, as pieces to be written one after the other. The pieces are valid until the next one is made. */
export class Batch {
  readonly pieces: Uint8Array[] = [];
  readonly #frames = new FrameWriter();
  #cut = 0;

  /** Frames that were made by now. */
  get frameCount(): number {
    return this.#frames.count;
  }

  /**
   * Takes what `lanes` have to say, then `words`, and with `puts` what was put as well: all that was put so far, and nothing later, though payload may
   * come to hold that.
   */
  make(lanes: readonly Lane[], puts: boolean, words: readonly string[] = []): void {
    this.#begin();
    for (let i = 0; i < lanes.length; i++) this.#announce(lanes[i]!);
    for (let i = 0; i < words.length; i++) this.#say(words[i]!);
    if (puts) {
      for (let i = 0; i < lanes.length; i++) this.#payload(lanes[i]!);
      this.#guards(lanes);
    }
    for (let i = 0; i < lanes.length; i++) this.#end(lanes[i]!);
    this.#cutHere();
  }

  makeBye(): void {
    this.#begin();
    this.#frames.header(frameKind.bye, 0, 0, 0);
    this.#cutHere();
  }

  #begin(): void {
    this.pieces.length = 0;
    this.#frames.reset();
    this.#cut = 0;
  }

  /** A region that came to an end before the peer heard of it is of no interest to it. */
  #announce(lane: Lane): void {
    const { region } = lane;
    if (lane.told !== 'nothing') return;
    if (region.state !== 'open' && !lane.wanted) {
      lane.told = 'released';
      lane.payload.clear();
      lane.guards.clear();
      return;
    }
    lane.told = 'announced';
    this.#frames.header(frameKind.announce, region.number, region.bytes.length, region.name.length);
    this.#frames.text(region.name);
  }

  #say(words: string): void {
    this.#frames.header(frameKind.words, 0, 0, words.length);
    this.#frames.text(words);
  }

  #payload({ region, payload }: Lane): void {
    for (let i = 0; i < payload.count; i++) {
      const start = payload.starts[i]!;
      const end = payload.ends[i]!;
      this.#frames.header(frameKind.payload, region.number, start, end - start);
      if (end - start < inPlaceBytesMin) this.#frames.bytes(region.bytes, start, end);
      else this.#inPlace(region.bytes, start, end);
    }
    payload.clear();
  }

  #inPlace(bytes: Uint8Array, start: number, end: number): void {
    this.#cutHere();
    for (let at = start; at < end; at += pieceBytesMax)
      this.pieces.push(bytes.subarray(at, Math.min(at + pieceBytesMax, end)));
  }

  #guards(lanes: readonly Lane[]): void {
    const frames = this.#frames;
    const start = frames.length;
    for (let i = 0; i < lanes.length; i++) {
      const { region, guards } = lanes[i]!;
      for (let r = 0; r < guards.count; r++) {
        if (frames.length === start) frames.header(frameKind.guards, 0, 0, 0);
        const from = guards.starts[r]!;
        const to = guards.ends[r]!;
        frames.header(frameKind.guards, region.number, from, to - from);
        frames.bytes(region.bytes, from, to);
      }
      guards.clear();
    }
    if (frames.length > start) frames.setLength(start, frames.length - start - headerBytes);
  }

  #end(lane: Lane): void {
    const { region } = lane;
    if (lane.hasPuts) return;
    if (lane.told === 'announced' && region.state !== 'open') {
      lane.told = 'sealed';
      this.#frames.header(frameKind.seal, region.number, 0, 0);
    }
    if (lane.told === 'sealed' && region.state === 'released') {
      lane.told = 'released';
      this.#frames.header(frameKind.release, region.number, 0, 0);
    }
  }

  /** What was written into frames since the last cut becomes a piece; it is not changed any more, wherever the writer goes on. */
  #cutHere(): void {
    const { length } = this.#frames;
    if (length > this.#cut) this.pieces.push(this.#frames.slice(this.#cut, length));
    this.#cut = length;
  }
}

import { putOctets } from '../../codegen/support/index.js';
import { cacheLineBytes, touchLines } from '../harness/touch.js';
import type { RingSegment } from './ring-segment.js';
import { counter, headerBytes, kind } from './ring-segment.js';

/** Who is in the group. Ranks 0 to senders - 1 send; `receivers` are the ranks that deliver. */
export interface RingGroup {
  readonly senders: number;
  readonly receivers: readonly number[];
  readonly ringBytes: number;
  readonly payloadBytes: number;
}

/** Up to here, storing words one by one beats the fixed cost of TypedArray.set. */
const storedByWordBytesMax = 64;

/**
 * One member of the bare limit for ordered multicast: round-robin total order, delivery when every receiver has it,
 * room set by the slowest receiver. Nothing else: no views, caches, instances or QoS.
 */
export class RingMember {
  /** Real messages delivered so far. */
  delivered = 0;
  /** Sequences delivered so far: messages and nulls. */
  next = 0;
  /** Turns written so far. */
  turns = 0;
  /** Of the order of what was delivered: equal at all members, or the order was not total. */
  hash = 0;
  /** Sum of the words that were touched, kept so that the reads are not optimized away. */
  touched = 0;

  readonly #group: RingGroup;
  readonly #segments: readonly RingSegment[];
  readonly #mine: RingSegment;
  readonly #me: number;
  readonly #payload: Uint8Array;
  readonly #payloadWords: Int32Array;
  readonly #frameBytes: number;
  /** Positions count bytes for ever; offsets are the same modulo the ring. */
  #writePosition = 0;
  #writeOffset = 0;
  #writeLimit: number;
  readonly #readPositions: Float64Array;
  readonly #readOffsets: Int32Array;
  readonly #nullTurnsLeft: Float64Array;
  #sender = 0;

  constructor(group: RingGroup, segments: readonly RingSegment[], me: number) {
    this.#group = group;
    this.#segments = segments;
    this.#mine = segments[me]!;
    this.#me = me;
    const paddedBytes = Math.ceil(group.payloadBytes / 8) * 8;
    this.#payloadWords = new Int32Array(paddedBytes / 4).fill(me + 1);
    this.#payload = new Uint8Array(this.#payloadWords.buffer);
    this.#frameBytes = headerBytes + paddedBytes;
    if (this.#frameBytes > group.ringBytes / 2) throw new RangeError('The ring is smaller than two frames.');
    this.#writeLimit = group.ringBytes;
    this.#readPositions = new Float64Array(group.senders);
    this.#readOffsets = new Int32Array(group.senders);
    this.#nullTurnsLeft = new Float64Array(group.senders);
  }

  /** Writes one message in place, or nothing where there is no room. */
  write(sourceTime: number): boolean {
    const offset = this.#claim(this.#frameBytes);
    if (offset < 0) return false;
    this.#storeHeader(offset, this.#group.payloadBytes, kind.data, 1, sourceTime);
    const at = offset + headerBytes;
    const source = this.#payloadWords;
    if (source.length * 4 <= storedByWordBytesMax) {
      const words = this.#mine.words;
      for (let i = 0, to = at >> 2; i < source.length; i++, to++) words[to] = source[i]!;
    } else putOctets(this.#mine.bytes, this.#payload, at);
    this.turns += 1;
    return true;
  }

  /** Fills turns with nulls: one header for the whole run. */
  writeNulls(turns: number): boolean {
    const offset = this.#claim(headerBytes);
    if (offset < 0) return false;
    this.#storeHeader(offset, 0, kind.nulls, turns, 0);
    this.turns += turns;
    return true;
  }

  /** Makes what was written since the last call visible: the guard, after the bytes. */
  publish(): void {
    this.#mine.counters[counter.sent] = this.turns;
  }

  /** Sees what the senders have put and tells the others how far it reaches without a gap. True if that grew. */
  receive(): boolean {
    const { senders } = this.#group;
    const segments = this.#segments;
    let contiguous = Infinity;
    for (let s = 0; s < senders; s++) {
      const reach = segments[s]!.counters[counter.sent]! * senders + s;
      if (reach < contiguous) contiguous = reach;
    }
    const mine = this.#mine.counters;
    if (contiguous === mine[counter.received]) return false;
    mine[counter.received] = contiguous;
    return true;
  }

  /** Delivers what is stable, in sequence order, at most so many frames; gives how many it delivered. */
  deliver(framesMax: number): number {
    const segments = this.#segments;
    const { senders, receivers, ringBytes } = this.#group;
    let stable = Infinity;
    for (let r = 0; r < receivers.length; r++) {
      const received = segments[receivers[r]!]!.counters[counter.received]!;
      if (received < stable) stable = received;
    }
    if (this.next >= stable) return 0;
    const readOffsets = this.#readOffsets;
    const readPositions = this.#readPositions;
    const nullTurnsLeft = this.#nullTurnsLeft;
    let { next, hash, touched } = this;
    let sender = this.#sender;
    let frames = 0;
    let messages = 0;
    while (next < stable && frames < framesMax) {
      if (nullTurnsLeft[sender]! > 0) nullTurnsLeft[sender]! -= 1;
      else {
        const { words, floats } = segments[sender]!;
        let offset = readOffsets[sender]!;
        if (words[(offset >> 2) + 1] === kind.wrap) {
          readPositions[sender]! += ringBytes - offset;
          offset = 0;
        }
        const first = offset >> 2;
        const length = words[first]!;
        const end = offset + headerBytes + ((length + 7) & ~7);
        if (words[first + 1] === kind.data) {
          touched = (touched + touchLines(words, first, end >> 2, cacheLineBytes / 4)) | 0;
          touched = (touched + words[(end >> 2) - 1]!) | 0;
          hash = Math.imul(hash ^ (floats[(offset >> 3) + 2]! * 8 + sender), 0x01000193);
          messages += 1;
        } else nullTurnsLeft[sender] = words[first + 3]! - 1;
        readPositions[sender]! += end - offset;
        readOffsets[sender] = end === ringBytes ? 0 : end;
        frames += 1;
      }
      next += 1;
      if (++sender === senders) sender = 0;
    }
    this.next = next;
    this.hash = hash;
    this.touched = touched;
    this.#sender = sender;
    this.delivered += messages;
    const mine = this.#mine.counters;
    for (let s = 0; s < senders; s++) mine[counter.consumed + s] = readPositions[s]!;
    return messages;
  }

  /** The offset of a free run of bytes, or -1. A frame never straddles the end of the ring. */
  #claim(frameBytes: number): number {
    const { ringBytes } = this.#group;
    const offset = this.#writeOffset;
    const tailBytes = ringBytes - offset;
    const neededBytes = tailBytes < frameBytes ? tailBytes + frameBytes : frameBytes;
    if (this.#writePosition + neededBytes > this.#writeLimit) {
      this.#writeLimit = this.#slowestConsumed() + ringBytes;
      if (this.#writePosition + neededBytes > this.#writeLimit) return -1;
    }
    this.#writePosition += neededBytes;
    if (neededBytes === frameBytes) {
      this.#writeOffset = frameBytes === tailBytes ? 0 : offset + frameBytes;
      return offset;
    }
    this.#mine.words[(offset >> 2) + 1] = kind.wrap;
    this.#writeOffset = frameBytes;
    return 0;
  }

  #slowestConsumed(): number {
    let slowest = Infinity;
    for (const rank of this.#group.receivers) {
      slowest = Math.min(slowest, this.#segments[rank]!.counters[counter.consumed + this.#me]!);
    }
    return slowest;
  }

  #storeHeader(offset: number, length: number, frameKind: number, turns: number, sourceTime: number): void {
    const { words, floats } = this.#mine;
    const first = offset >> 2;
    words[first] = length;
    words[first + 1] = frameKind;
    words[first + 2] = 0;
    words[first + 3] = turns;
    const float = offset >> 3;
    floats[float + 2] = this.turns;
    floats[float + 3] = sourceTime;
  }
}

import type { MemberId } from '../transport.js';

/** The shortest and the longest time that something takes from one member to another, in microseconds. */
export interface DelayRange {
  readonly min: number;
  readonly max: number;
}

/** What travels from one member to another. */
export type Frame =
  | { readonly kind: 'announce'; readonly name: string; readonly byteLength: number }
  | {
      readonly kind: 'put';
      readonly name: string;
      readonly start: number;
      readonly bytes: Uint8Array;
      /** The link is cut once it has arrived. */
      readonly cuts?: boolean;
    }
  | { readonly kind: 'seal'; readonly name: string; readonly released: boolean }
  | { readonly kind: 'wake' }
  | { readonly kind: 'death' };

interface UnderWay {
  readonly dueUs: number;
  readonly frame: Frame;
}

/**
 * One direction between two members: first in, first out. The link as a whole has one place on the timeline, that of its
 * first frame, so whatever is cut, paused or delayed, the order within the pair holds.
 */
export class Link {
  readonly source: MemberId;
  readonly target: MemberId;
  delayUs: DelayRange;
  cut = false;
  /** The next put is to be cut in its midst, or its first half is under way. */
  tears = false;
  /** The timeline holds a happening for the first frame. */
  planned = false;
  #frames: UnderWay[] = [];
  #head = 0;

  constructor(source: MemberId, target: MemberId, delayUs: DelayRange) {
    this.source = source;
    this.target = target;
    this.delayUs = delayUs;
  }

  get length(): number {
    return this.#frames.length - this.#head;
  }

  get firstDueUs(): number {
    return this.#frames[this.#head]?.dueUs ?? Infinity;
  }

  get last(): Frame | undefined {
    return this.length === 0 ? undefined : this.#frames[this.#frames.length - 1]!.frame;
  }

  push(frame: Frame, dueUs: number): void {
    this.#frames.push({ frame, dueUs });
  }

  shift(): Frame | undefined {
    const first = this.#frames[this.#head];
    if (first === undefined) return undefined;
    this.#head++;
    if (this.#head > 64 && this.#head * 2 > this.#frames.length) {
      this.#frames = this.#frames.slice(this.#head);
      this.#head = 0;
    }
    return first.frame;
  }

  /** Loses everything but the first `count` frames; gives the first that was lost. */
  keep(count: number): Frame | undefined {
    const lost = this.#frames[this.#head + count];
    this.#frames.length = Math.min(this.#frames.length, this.#head + count);
    return lost?.frame;
  }
}

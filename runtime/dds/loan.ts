import type { InPlaceView, TopicType } from '../../codegen/support/index.js';
import type { MemberId, RegionMemory } from '../../transport/transport.js';
import { frameFlags } from '../multicast/frame.js';
import { readInfo, type SampleInfo } from './sample-info.js';

/**
 * A sample in the memory where it arrived, lent to a handler until it returns. The object is reused: what is to be kept must be
 * copied (`decode` does).
 */
export class Loan<T, V extends InPlaceView = InPlaceView> {
  readonly #type: TopicType<T, V>;
  readonly #view: V | undefined;
  #ring!: RegionMemory;
  #header = 0;
  #sender = 0;
  #sequence = 0;
  #epoch = 0;
  /** The memory that holds the encoded sample: `length` bytes from `offset`. Read-only: a store into it ends the process. */
  memory!: RegionMemory;
  offset = 0;
  length = 0;

  constructor(type: TopicType<T, V>) {
    this.#type = type;
    this.#view = type.inPlace?.createView();
  }

  set(
    memory: RegionMemory,
    offset: number,
    length: number,
    ring: RegionMemory,
    header: number,
    sender: MemberId,
    sequence: number,
    epoch: number,
  ): void {
    this.memory = memory;
    this.offset = offset;
    this.length = length;
    this.#ring = ring;
    this.#header = header;
    this.#sender = sender;
    this.#sequence = sequence;
    this.#epoch = epoch;
  }

  get inPlace(): boolean {
    return ((this.#ring.u32[(this.#header >>> 2) + 1]! >>> 8) & frameFlags.inPlace) !== 0;
  }

  /** An accessor over the sample in place; only where it came in the fixed layout (`inPlace`). */
  get view(): V {
    if (this.#view === undefined || !this.inPlace) {
      throw new TypeError(`this sample of ${this.#type.name} is not in the in-place layout: use decode()`);
    }
    this.#view.attach(this.memory, this.offset);
    return this.#view;
  }

  /** An owned copy of the data. */
  decode(): T {
    const codec = this.inPlace ? this.#type.inPlace! : this.#type.protobuf;
    return codec.decode(this.memory, this.offset, this.length);
  }

  /** What is known of the sample beside its data; a new object at each call. */
  get info(): SampleInfo {
    return readInfo(this.#ring, this.#header, this.#sender, this.#sequence, this.#epoch, 0);
  }
}

import type { InPlaceView, Memory, TopicType } from '../../codegen/support/index.js';
import type { Delivery } from '../multicast/delivery.js';
import type { HybridClock } from './clock.js';
import { codecOf, representationOf } from './representation.js';
import { readInfo, type SampleInfo } from './sample-info.js';

/** Memory that can also be read as 32-bit words and 64-bit floats. */
export interface LoanMemory extends Memory {
  readonly u32: Uint32Array;
  readonly f64: Float64Array;
}

/**
 * A sample in the memory where it arrived, lent to a handler until it returns. The object is reused for the next sample of the same
 * member: what is to be kept must be copied (`decode` does).
 */
export class Loan<T, V extends InPlaceView = InPlaceView> {
  readonly #type: TopicType<T, V>;
  readonly #clock: HybridClock;
  readonly #view: V | undefined;
  readonly #message: Delivery;

  constructor(type: TopicType<T, V>, clock: HybridClock, message: Delivery) {
    this.#type = type;
    this.#clock = clock;
    this.#message = message;
    this.#view = type.inPlace?.createView();
  }

  /** The memory that holds the encoded sample: a part of a larger buffer (`byteOffset`). Read-only: a store into it ends the process. */
  get memory(): LoanMemory {
    return this.#message.memory;
  }

  /** Where the encoded sample begins, in bytes. A multiple of 8. */
  get offset(): number {
    return this.#message.offset;
  }

  /** Bytes of the encoded sample. */
  get length(): number {
    return this.#message.length;
  }

  get inPlace(): boolean {
    return representationOf(this.#message) === 'inPlace';
  }

  /** An accessor over the sample in place; only where it came in the fixed layout (`inPlace`). */
  get view(): V {
    if (this.#view === undefined || !this.inPlace) {
      throw new TypeError(`this sample of ${this.#type.name} is not in the in-place layout: use decode()`);
    }
    this.#view.attach(this.#message.memory, this.#message.offset);
    return this.#view;
  }

  /** An owned copy of the data. */
  decode(): T {
    const { memory, offset, length } = this.#message;
    return codecOf(this.#type, this.#message).decode(memory, offset, length);
  }

  /** What is known of the sample beside its data; a new object at each call. */
  get info(): SampleInfo {
    return readInfo(this.#message, this.#clock);
  }
}

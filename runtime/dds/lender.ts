import type { InPlaceView, TopicType } from '../../codegen/support/index.js';
import type { Outbox } from '../multicast/outbox.js';
import type { Framer, OpenFrame } from './framer.js';
import { Scratch } from './scratch.js';
import type { Borrower, TopicHub } from './topic-hub.js';

/**
 * One writer's loans: a frame of the ring that the application fills in place. Where the ring is needed for something else before it is
 * published, what was filled so far is moved aside, and copied back at the end.
 */
export class Lender<T, V extends InPlaceView> implements Borrower {
  readonly #hub: TopicHub;
  readonly #framer: Framer<T>;
  readonly #codec: NonNullable<TopicType<T, V>['inPlace']>;
  readonly #view: V;
  readonly #aside = new Scratch();
  /** Where it is filled, or that it was moved aside. */
  #loan: OpenFrame | 'aside' | undefined;
  /** Whose frame it is. */
  #outbox: Outbox | undefined;

  constructor(hub: TopicHub, framer: Framer<T>, codec: NonNullable<TopicType<T, V>['inPlace']>) {
    this.#hub = hub;
    this.#framer = framer;
    this.#codec = codec;
    this.#view = codec.createView();
  }

  get isOut(): boolean {
    return this.#loan !== undefined;
  }

  /** Undefined where there is no room now. */
  lend(): V | undefined {
    if (this.#hub.loaned) this.#hub.unloan();
    const { outbox } = this.#hub;
    if (outbox === undefined) return undefined;
    const frame = this.#framer.openFrame(outbox, this.#codec.byteLength);
    if (frame === undefined) return undefined;
    this.#view.attach(frame.memory, frame.offset);
    this.#loan = frame;
    this.#outbox = outbox;
    this.#hub.lendTo(this);
    return this.#view;
  }

  /** Sends what was filled in; false where it was moved aside and there is no room now. */
  publish(): boolean {
    const loan = this.#loan!;
    if (loan === 'aside') {
      const sample = this.#codec.decode(this.#aside.memory, 0, this.#codec.byteLength);
      if (!this.#framer.send(this.#framer.encode(sample))) return false;
    } else {
      this.#framer.commitFilled(this.#outbox!, loan, this.#codec.byteLength);
    }
    this.#loan = undefined;
    this.#hub.unloan();
    return true;
  }

  moveOut(): void {
    const loan = this.#loan;
    if (loan === undefined || loan === 'aside') return;
    const { byteLength } = this.#codec;
    const { memory, offset } = loan;
    this.#aside.reserve(byteLength);
    this.#aside.memory.bytes.set(memory.bytes.subarray(offset, offset + byteLength));
    this.#view.attach(this.#aside.memory, 0);
    this.#loan = 'aside';
  }
}

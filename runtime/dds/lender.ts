import type { InPlaceView, TopicType } from '../../codegen/support/index.js';
import type { Outbox } from '../multicast/outbox.js';
import type { Framer } from './framer.js';
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
  /** The outbox in which it is filled, or that it was moved aside. */
  #loan: Outbox | 'aside' | undefined;

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
    if (outbox === undefined || !outbox.open(this.#codec.byteLength)) return undefined;
    this.#view.attach(outbox.ring.memory, outbox.ring.payloadStart);
    this.#loan = outbox;
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
      this.#framer.commitFilled(loan, this.#codec.byteLength);
    }
    this.#loan = undefined;
    this.#hub.unloan();
    return true;
  }

  moveOut(): void {
    const loan = this.#loan;
    if (loan === undefined || loan === 'aside') return;
    const { byteLength } = this.#codec;
    const { memory, payloadStart } = loan.ring;
    this.#aside.reserve(byteLength);
    this.#aside.memory.bytes.set(memory.bytes.subarray(payloadStart, payloadStart + byteLength));
    this.#view.attach(this.#aside.memory, 0);
    this.#loan = 'aside';
  }
}

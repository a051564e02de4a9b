import type { MemberId } from '../../transport/transport.js';
import type { ExchangeEpoch } from './exchange-rows.js';
import type { HistoryWriter } from './topic-store.js';

/** One epoch of a topic that keeps history. */
export interface HistoryEpoch extends ExchangeEpoch {
  readonly writers: readonly HistoryWriter[];
  /** An epoch before, of which only the failed know where it ended: once that is known, those who were in it deliver the rest. Undefined where there is none. */
  readonly unsettled?: number | undefined;
}

/** Where an epoch begins, in the topic's order. */
export interface Boundary {
  readonly kind: 'boundary';
  readonly epoch: number;
  readonly writers: readonly HistoryWriter[];
  /** Somebody lacks what is kept by then, and may ask for it. */
  readonly isNeeded: boolean;
  /** This member does. */
  readonly isLacking: boolean;
}

/**
 * Who lacks what at the beginning of each epoch: who begins to hold the topic there; and, where it becomes known where an epoch ended, whoever came while it was not.
 * Those who were in that epoch have delivered the rest of it by then, and keep it.
 */
export class Boundaries {
  readonly #self: MemberId;
  #begun = false;
  /** As of the newest epoch. */
  #unsettled: number | undefined;
  /** This member came while an epoch was unsettled: it will not deliver the rest of that. */
  lacksRest = false;

  constructor(self: MemberId) {
    this.#self = self;
  }

  next({ epoch, holders, writers, unsettled }: HistoryEpoch): Boundary {
    const others = holders.filter(({ member }) => member !== this.#self);
    const settled = unsettled === undefined ? this.#unsettled : undefined;
    this.#unsettled = unsettled;
    const isMissed = (since: number) => settled !== undefined && since > settled;
    const isNeeded = others.some(({ since }) => since === epoch || isMissed(since));
    const isLacking = this.#begun
      ? this.lacksRest && unsettled === undefined
      : others.some(({ since }) => since < epoch);
    this.lacksRest = unsettled !== undefined && (this.lacksRest || isLacking);
    this.#begun = true;
    return { kind: 'boundary', epoch, writers, isNeeded, isLacking };
  }
}

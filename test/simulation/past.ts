import type { MemberId } from '../../transport/transport.js';
import type { LogRecord } from './disk.js';
import type { EpochRecord, History } from './history.js';
import * as oracles from './past-oracles.js';

/**
 * What members have called settled of persistent topics.
 *
 * @throws Violation from every method
 */
export class Past {
  readonly #history: History;
  readonly #claims = new Map<string, oracles.Claim>();

  constructor(history: History) {
    this.#history = history;
  }

  /** A member calls `name` settled, in an epoch of which it knows so many sequences to be committed. */
  claimed(name: string, epoch: number, claim: oracles.Claim, committed: number): void {
    if (claim.settledUs <= (this.#claims.get(name)?.settledUs ?? 0)) return;
    oracles.settledIsComplete(this.#history.epoch(name, epoch)!, claim, committed);
    this.#claims.set(name, claim);
  }

  /** The first log has taken a message. */
  logged(topic: EpochRecord, record: LogRecord): void {
    const claim = this.#claims.get(topic.topic);
    if (claim !== undefined) oracles.settledIsFinal(topic, claim, record);
  }

  /**
   * An epoch ends that nobody survives who has what was delivered in it: what its senders had not freed is sent again, as it was; or it begins
   * anew, without anyone who was in it. What was called settled, only the failed know.
   */
  forget(name: string): void {
    this.#claims.delete(name);
  }

  /** `name` begins an epoch; of the members of the one before, so many are in it. */
  epochBegan(name: string, members: readonly MemberId[], before: readonly MemberId[]): void {
    if (!before.some((member) => members.includes(member))) this.forget(name);
  }
}

import type { MemberProcess } from './team.js';

/**
 * Lets feeds run at full speed while the demo knows how far they are: each may be a window ahead of what the slower one is known to
 * have sent. What is known is thus true within a window, whatever the machine's scheduler does.
 */
export class Pacing {
  readonly planned: number;
  readonly #windowSamples: number;
  readonly #sent = new Map<MemberProcess, number>();
  readonly #passed: { fraction: number; resolve: () => void }[] = [];
  readonly #open: boolean;

  /** With `open`, feeds may go as far as they like. */
  constructor(feeds: ReadonlyMap<MemberProcess, number>, open: boolean) {
    this.planned = [...feeds.values()].reduce((sum, count) => sum + count, 0);
    this.#windowSamples = Math.ceil(this.planned / 20);
    this.#open = open;
    for (const feed of feeds.keys()) {
      this.#sent.set(feed, 0);
      feed.onWord((word) => {
        if (word.kind === 'sent' || word.kind === 'written') this.#heard(feed, word.count);
      });
    }
    this.grant();
  }

  get sent(): number {
    return [...this.#sent.values()].reduce((sum, count) => sum + count, 0);
  }

  /** Undefined for members that are no feeds. */
  sentBy(feed: MemberProcess): number | undefined {
    return this.#sent.get(feed);
  }

  /** The fraction of all planned samples that are known to be sent. */
  get fraction(): number {
    return this.sent / this.planned;
  }

  /** Resolves as soon as this fraction is known to be sent. */
  whenSent(fraction: number): Promise<void> {
    return new Promise((resolve) => this.#passed.push({ fraction, resolve }));
  }

  #heard(feed: MemberProcess, count: number): void {
    this.#sent.set(feed, count);
    for (const { fraction, resolve } of this.#passed) if (this.fraction >= fraction) resolve();
    this.grant();
  }

  /** Those that have died hold nobody back. */
  grant(): void {
    const living = [...this.#sent].filter(([feed]) => feed.alive);
    const upTo = this.#open
      ? Number.MAX_SAFE_INTEGER
      : Math.min(...living.map(([, count]) => count)) + this.#windowSamples;
    for (const [feed] of living) feed.order({ kind: 'grant', upTo });
  }
}

import type { Refusal } from '../host.js';

const words: { readonly [Kind in Refusal]: string } = {
  crowd: 'too many connections at once had not said who they are; some were ended',
  late: 'a connection took too long to say what it wants',
  garbage: 'a connection did not speak this protocol',
  certificate: 'a connection had no certificate or secret of this domain',
  secret: "a connection did not know this domain's secret",
  domain: 'a connection looked for another domain',
  member: 'a connection claimed to be a member that it is not',
  heart: 'a heartbeat came of nobody who is linked',
  link: 'a peer sent what no correct member sends',
};

/** Counts what was turned away, and tells the first of each kind as a process warning: a flood of strangers is not to flood the log too. */
export class Refusals {
  readonly #counts = new Map<Refusal, number>();

  /** Of each kind that there was. */
  get counts(): Partial<Record<Refusal, number>> {
    return Object.fromEntries(this.#counts);
  }

  count(refusal: Refusal): number {
    return this.#counts.get(refusal) ?? 0;
  }

  add(refusal: Refusal, from: string | undefined, detail?: string): void {
    const before = this.count(refusal);
    this.#counts.set(refusal, before + 1);
    if (before > 0 || refusal === 'heart') return;
    process.emitWarning(
      `${words[refusal]} (from ${from ?? 'an unknown address'}${detail === undefined ? '' : `: ${detail}`}). More of this kind are counted, and not told`,
      { type: 'BowechoWarning', code: 'BE_TURNED_AWAY' },
    );
  }
}

import { Applied } from '../../runtime/dds/applied.js';
import type { Version } from '../../runtime/dds/sample-info.js';
import type { LogRecord, SimulatedDisk } from './disk.js';
import { type StateAt, statesAreAlike } from './past-oracles.js';

type Command = Pick<LogRecord, 'epoch' | 'sequence' | 'hash'>;

/** A replicated state as a disk has it. */
export interface KeptState extends Version {
  readonly hash: number;
}

/** Commands between two snapshots. */
const snapshotEvery = 7;

/** What any member, in any life of a domain, had as its replicated state at each version. */
export class States {
  readonly #known = new Map<string, StateAt>();

  /** @throws Violation */
  came(topic: string, state: StateAt): void {
    const at = `${topic} ${state.epoch}.${state.sequence}`;
    const known = this.#known.get(at);
    if (known === undefined) this.#known.set(at, state);
    else statesAreAlike(topic, known, state);
  }

  /** Versions at which some member had a state. */
  get count(): number {
    return this.#known.size;
  }
}

/**
 * The replicated state of a topic at one replica, as `Replicated` makes it: from the snapshot of its disk on by what the log has, and then by what is delivered. A
 * state is the sum of all commands in their order.
 */
export class SimulatedState {
  readonly #disk: SimulatedDisk;
  readonly #topic: string;
  readonly #came: (state: Omit<StateAt, 'member'>) => void;
  readonly #applied = new Applied();
  #hash = 0x811c9dc5;
  #sinceSnapshot = 0;

  /** `records`: of the log, up to what is delivered. */
  constructor(
    disk: SimulatedDisk,
    topic: string,
    records: Iterable<Command>,
    came: (state: Omit<StateAt, 'member'>) => void,
  ) {
    this.#disk = disk;
    this.#topic = topic;
    this.#came = came;
    const kept = disk.states.get(topic);
    if (kept !== undefined) {
      this.#applied.version = kept;
      this.#hash = kept.hash;
    }
    for (const record of records) this.apply(record);
  }

  apply(command: Command): void {
    if (!this.#applied.takes(command)) return;
    const { epoch, sequence, hash } = command;
    for (const word of [epoch, sequence, hash]) this.#hash = Math.imul(this.#hash ^ word, 0x01000193) >>> 0;
    this.#came({ epoch, sequence, hash: this.#hash });
    if (++this.#sinceSnapshot % snapshotEvery === 0)
      this.#disk.states.set(this.#topic, { epoch, sequence, hash: this.#hash });
  }
}

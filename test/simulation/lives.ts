import { trimEnd } from '../../runtime/multicast/walk.js';
import { SeededRandom } from '../../transport/simulated/random.js';
import { type CommittedSample, type End, Restarting } from './restarting.js';
import type { RunOptions } from './run-seed.js';
import type { Scenario } from './scenario.js';
import { States } from './states.js';
import { Tally } from './tally.js';
import { World } from './world.js';

/** The lives of a domain: after the death of all it begins again from their disks, in a world of its own. */
export class Lives {
  readonly tally = new Tally();
  readonly #states = new States();
  /** The present one. */
  world: World;
  readonly #options: RunOptions;
  readonly #random: SeededRandom;
  /** What was committed in the lives before, by topic. */
  readonly #committed = new Map<string, CommittedSample[]>();
  /** Where its epochs ended in them. */
  readonly #ended = new Map<string, End[]>();
  #eventsBefore = 0;
  #viewChangesBefore = 0;

  constructor(scenario: Scenario, options: RunOptions) {
    this.#options = options;
    this.#random = new SeededRandom(scenario.seed * 29 + 3);
    this.world = new World(scenario, options.without ?? new Set(), options.trace, {
      tally: this.tally,
      states: this.#states,
    });
  }

  get events(): number {
    return this.#eventsBefore + this.world.network.happened;
  }

  get viewChanges(): number {
    return this.#viewChangesBefore + this.world.history.views.size - 1;
  }

  /** All are dead: begins the next life. @throws Violation */
  goOn(): void {
    const { world } = this;
    const { scenario, crashesMax } = world.scenario.next!;
    this.#eventsBefore += world.network.happened;
    this.#viewChangesBefore += world.history.views.size - 1;
    this.#remember();
    const restarting = new Restarting(world.disks, {
      singleHost: scenario.singleHost && scenario.mode === 'aliased',
      random: this.#random,
      others: new SeededRandom(scenario.seed * 31 + world.life),
      lived: { committed: this.#committed, ended: this.#ended },
      tally: this.tally,
      crashesMax,
    });
    const inheritance = restarting.run(world.life);
    // Nobody has kept anything: it is another domain, that numbers its epochs anew.
    if (inheritance.record === undefined) this.#ended.clear();
    else
      for (const { topic, epoch, lastSequence } of inheritance.record.ended)
        add(this.#ended, topic, { epoch, sequence: lastSequence! });
    // Disturbances are left out by their place in the first life.
    this.world = new World(scenario, new Set(), this.#options.trace, {
      tally: this.tally,
      inheritance,
      states: this.#states,
    });
  }

  #remember(): void {
    for (const epoch of this.world.history.epochs.values()) {
      if (epoch.persistent === undefined) continue;
      const { topic, senders, turnsCommitted, logged } = epoch;
      const told = logged.filter(
        ({ sequence }) => Math.floor(sequence / senders.length) < turnsCommitted[sequence % senders.length]!,
      );
      const committed = [...(epoch.persistent === 'commit' ? epoch.order[0]! : []), ...told];
      for (const { sequence, hash } of committed)
        add(this.#committed, topic, { epoch: epoch.epoch, sequence, hash });
      // Where only the failed know the end, it is that of the log that goes on.
      if (epoch.ended.size > 0 && !epoch.loses)
        add(this.#ended, topic, { epoch: epoch.epoch, sequence: trimEnd(epoch.trim!) - 1 });
    }
  }
}

function add<T>(lists: Map<string, T[]>, topic: string, item: T): void {
  const list = lists.get(topic);
  if (list === undefined) lists.set(topic, [item]);
  else list.push(item);
}

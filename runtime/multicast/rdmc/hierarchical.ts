import { BinomialPipeline } from './binomial-pipeline.js';
import { none, Schedule } from './schedule.js';

/** The blocks in the order in which a rack's first member gets them, and the step of its schedule within the rack at which it can begin to send them on without ever waiting. */
interface Arrivals {
  readonly order: readonly number[];
  readonly start: number;
}

/**
 * For racks whose members are near to each other and share one uplink: a binomial pipeline among the first members of the racks, and one within each rack,
 * so that each block comes into a rack once. In even steps blocks go between racks, in odd ones within them: the first member of a rack has to send everything twice.
 */
export class Hierarchical extends Schedule {
  readonly #rack: readonly number[];
  readonly #leaders: readonly number[];
  readonly #between: Schedule | undefined;
  readonly #within: Schedule;
  readonly #arrivals: Arrivals;

  /** `racks` has, for each member, the number of its rack. */
  constructor(racks: readonly number[], blocks: number, member: number) {
    const groups = groupsOf(racks);
    const leaders = groups.map((group) => group[0]!);
    const arrivals = groups.map((_, place) => arrivalsAt(place, groups.length, blocks));
    super(stepsOf(groups, arrivals, blocks), racks.length, blocks, member);
    const place = groups.findIndex((group) => group.includes(member));
    this.#rack = groups[place]!;
    this.#leaders = leaders;
    this.#arrivals = arrivals[place]!;
    this.#within = new BinomialPipeline(this.#rack.length, blocks, this.#rack.indexOf(member));
    if (leaders[place] === member) this.#between = new BinomialPipeline(leaders.length, blocks, place);
  }

  protected plan(step: number): void {
    if (step % 2 === 0) this.#planBetween();
    else if (step >> 1 >= this.#arrivals.start) this.#planWithin();
  }

  #planBetween(): void {
    const between = this.#between;
    if (!between?.advance()) return;
    if (between.sendTo !== none) this.sends(this.#leaders[between.sendTo]!, between.sendBlock);
    if (between.receiveFrom !== none)
      this.receives(this.#leaders[between.receiveFrom]!, between.receiveBlock);
  }

  #planWithin(): void {
    const within = this.#within;
    if (!within.advance()) return;
    const { order } = this.#arrivals;
    if (within.sendTo !== none) this.sends(this.#rack[within.sendTo]!, order[within.sendBlock]!);
    if (within.receiveFrom !== none)
      this.receives(this.#rack[within.receiveFrom]!, order[within.receiveBlock]!);
  }
}

/** The members of each rack, the root's rack first. */
function groupsOf(racks: readonly number[]): number[][] {
  const groups = new Map<number, number[]>();
  racks.forEach((rack, member) => {
    const group = groups.get(rack);
    if (group) group.push(member);
    else groups.set(rack, [member]);
  });
  return [...groups.values()];
}

function arrivalsAt(place: number, racks: number, blocks: number): Arrivals {
  if (place === 0) return { order: Array.from({ length: blocks }, (_, block) => block), start: 0 };
  const order: number[] = [];
  let start = 0;
  const schedule = new BinomialPipeline(racks, blocks, place);
  while (schedule.advance()) {
    if (schedule.receiveBlock === none) continue;
    start = Math.max(start, schedule.step - order.length);
    order.push(schedule.receiveBlock);
  }
  return { order, start };
}

function stepsOf(groups: readonly number[][], arrivals: readonly Arrivals[], blocks: number): number {
  let pairs = new BinomialPipeline(groups.length, blocks, 0).steps;
  groups.forEach((group, place) => {
    const within = new BinomialPipeline(group.length, blocks, 0).steps;
    if (within > 0) pairs = Math.max(pairs, arrivals[place]!.start + within);
  });
  return 2 * pairs;
}

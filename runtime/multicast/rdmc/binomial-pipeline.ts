import { Corner } from './corner.js';
import { none, Schedule } from './schedule.js';

/**
 * The binomial pipeline: each block doubles its holders in each step, and the next follows one step behind. With n = 2^l members, l + k − 1 steps: all links are busy all the time but for the first l steps. Other numbers of members have
 * twins (`Corner`), and take l + k steps, with l = ⌊log2 n⌋.
 */
export class BinomialPipeline extends Schedule {
  readonly #corner: Corner;
  /** The corners that mine is linked to, by direction. */
  readonly #neighbours: Corner[] = [];

  constructor(members: number, blocks: number, member: number) {
    const dimensions = 31 - Math.clz32(members);
    const corners = 1 << dimensions;
    const pipelined = dimensions + blocks - 1;
    super(members === 1 ? 0 : members === corners ? pipelined : pipelined + 1, members, blocks, member);
    const corner = (index: number): Corner => {
      const twin = index > 0 && corners + index - 1 < members ? corners + index - 1 : none;
      return new Corner(index, twin, dimensions, blocks);
    };
    const mine = member < corners ? member : member - corners + 1;
    this.#corner = corner(mine);
    for (let d = 0; d < dimensions; d++) this.#neighbours.push(corner(mine ^ (1 << d)));
  }

  protected plan(step: number): void {
    this.#corner.plan(step);
    for (let d = 0; d < this.#neighbours.length; d++) this.#neighbours[d]!.plan(step);
    this.#planAcross(this.#neighbours[step % this.#neighbours.length]!);
    if (this.#corner.twin !== none) this.#planWithin();
  }

  #planAcross(across: Corner): void {
    const { sent, received, giver, taker } = this.#corner;
    if (this.member === giver && sent !== none) this.sends(across.taker, sent);
    if (this.member === taker && received !== none) this.receives(across.giver, received);
  }

  #planWithin(): void {
    const { taker, giver, passed, returned } = this.#corner;
    if (passed !== none)
      if (this.member === taker) this.sends(giver, passed);
      else this.receives(taker, passed);
    if (returned !== none)
      if (this.member === giver) this.sends(taker, returned);
      else this.receives(giver, returned);
  }
}

/** Nobody, or nothing, in the fields of a schedule. */
export const none = -1;

/**
 * Who sends which block of a large message to whom, in which step, as one member sees it [3]. Members have numbers from 0 in the group; 0 is the root, which has
 * all blocks at the beginning. For any number of members and blocks, each other member gets each block once, nobody sends a block before it has it, and nobody
 * sends, or receives, more than one block in a step. Steps only order what a member does: nobody waits for a step to be over elsewhere.
 */
export abstract class Schedule {
  /** To whom I send in this step, and which block; `none` where I do not. */
  sendTo = none;
  sendBlock = none;
  /** From whom I receive in this step, and which block; `none` where I do not. */
  receiveFrom = none;
  receiveBlock = none;
  /** The step that the fields above tell of; `none` before the first. */
  step = none;

  /** Steps until all members have all blocks. */
  readonly steps: number;
  protected readonly members: number;
  protected readonly blocks: number;
  protected readonly member: number;

  constructor(steps: number, members: number, blocks: number, member: number) {
    this.steps = steps;
    this.members = members;
    this.blocks = blocks;
    this.member = member;
  }

  /** Goes to the next step. False when there is none. */
  advance(): boolean {
    if (this.step + 1 >= this.steps) return false;
    this.step++;
    this.sendTo = this.sendBlock = this.receiveFrom = this.receiveBlock = none;
    this.plan(this.step);
    return true;
  }

  /** Fills the fields for `step`. Called once for each step, in their order. */
  protected abstract plan(step: number): void;

  protected sends(to: number, block: number): void {
    this.sendTo = to;
    this.sendBlock = block;
  }

  protected receives(from: number, block: number): void {
    this.receiveFrom = from;
    this.receiveBlock = block;
  }
}

/** Dimensions of the smallest cube with `members` corners, or more: ⌈log2⌉. */
export function dimensionsFor(members: number): number {
  return members <= 1 ? 0 : 32 - Math.clz32(members - 1);
}

import { Schedule, dimensionsFor } from './schedule.js';

/** The root sends the whole message to one member after the other: k (n − 1) steps. */
export class Sequential extends Schedule {
  constructor(members: number, blocks: number, member: number) {
    super(blocks * (members - 1), members, blocks, member);
  }

  protected plan(step: number): void {
    const receiver = 1 + Math.floor(step / this.blocks);
    if (this.member === 0) this.sends(receiver, step % this.blocks);
    else if (this.member === receiver) this.receives(0, step % this.blocks);
  }
}

/** Each member passes each block on to the next: k + n − 2 steps. */
export class Chain extends Schedule {
  constructor(members: number, blocks: number, member: number) {
    super(members === 1 ? 0 : blocks + members - 2, members, blocks, member);
  }

  protected plan(step: number): void {
    const sent = step - this.member;
    if (this.member < this.members - 1 && sent >= 0 && sent < this.blocks) this.sends(this.member + 1, sent);
    const received = sent + 1;
    if (this.member > 0 && received >= 0 && received < this.blocks) this.receives(this.member - 1, received);
  }
}

/** Whoever has the whole message sends it to one who has not, so that the holders double: k ⌈log2 n⌉ steps. */
export class BinomialTree extends Schedule {
  constructor(members: number, blocks: number, member: number) {
    super(blocks * dimensionsFor(members), members, blocks, member);
  }

  protected plan(step: number): void {
    const holders = 1 << Math.floor(step / this.blocks);
    const block = step % this.blocks;
    if (this.member < holders) {
      if (this.member + holders < this.members) this.sends(this.member + holders, block);
    } else if (this.member < 2 * holders) this.receives(this.member - holders, block);
  }
}

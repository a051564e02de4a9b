import { type Group, type Plan, scheduleOf } from './plan.js';
import { none, type Schedule } from './schedule.js';

/** What names a message among its sender's in whatever epoch it is announced. */
export interface Origin {
  /** In which it was announced first; or the one before, where it went as a whole in that. Before this one: it is sent again. */
  readonly originEpoch: number;
  /** Of the sender's turns there. */
  readonly originTurn: number;
}

/** What a sender says of a large message that is to spread. */
export interface Announcement extends Plan, Origin {
  /** Which of the sender's turns it is. */
  readonly turn: number;
  /** Where it lies: in which of the sender's regions for large messages, and where there. */
  readonly index: number;
  readonly offset: number;
  readonly length: number;
}

/** What one member sends of one message, or what it receives: block by block, in the order of the schedule. */
class Course {
  /** To whom, or from whom, the next block goes; `none` where there is no more. */
  peer = none;
  block = none;
  /** Of all steps of the sender's messages. */
  step = none;
  readonly #schedule: Schedule;
  readonly #firstStep: number;
  readonly #sends: boolean;

  constructor(schedule: Schedule, firstStep: number, sends: boolean) {
    this.#schedule = schedule;
    this.#firstStep = firstStep;
    this.#sends = sends;
    this.next();
  }

  next(): void {
    const schedule = this.#schedule;
    this.peer = none;
    while (this.peer === none && schedule.advance())
      this.peer = this.#sends ? schedule.sendTo : schedule.receiveFrom;
    this.block = this.#sends ? schedule.sendBlock : schedule.receiveBlock;
    this.step = this.#firstStep + schedule.step;
  }
}

/** One large message on its way through a group, as one member sees it. */
export class Transfer {
  /** Among the messages that its sender lets spread in this epoch. */
  readonly number: number;
  readonly announced: Announcement;
  readonly blocks: number;
  /** What I send may come later than what I receive, or sooner. */
  readonly sends: Course;
  readonly receives: Course;
  /** Steps are counted on from each of the sender's messages to the next: those of the next one begin here. */
  readonly endStep: number;
  /** By block: 1 where it is here, 2 where it was from the beginning, since the epoch before brought it. */
  readonly held: Uint8Array;

  /** Of the group I am number `member`; number 0 is the sender, and has all of it. */
  constructor(number: number, announced: Announcement, firstStep: number, group: Group, member: number) {
    const { kind, length, blockBytes } = announced;
    this.number = number;
    this.announced = announced;
    this.blocks = Math.ceil(length / blockBytes);
    const schedule = () => scheduleOf(kind, group, this.blocks, member);
    this.sends = new Course(schedule(), firstStep, true);
    this.receives = new Course(schedule(), firstStep, false);
    this.endStep = firstStep + schedule().steps;
    this.held = new Uint8Array(this.blocks);
    if (member === 0) this.held.fill(1);
  }

  /** Where a block lies in the region. */
  startOf(block: number): number {
    return this.announced.offset + block * this.announced.blockBytes;
  }

  endOf(block: number): number {
    const { offset, length, blockBytes } = this.announced;
    return offset + Math.min((block + 1) * blockBytes, length);
  }

  /** The same message, in another epoch. */
  isSameAs({ announced }: Transfer): boolean {
    const { originEpoch, originTurn, length, blockBytes } = this.announced;
    return (
      announced.originEpoch === originEpoch &&
      announced.originTurn === originTurn &&
      announced.length === length &&
      announced.blockBytes === blockBytes
    );
  }

  /** All of it is here. */
  get isComplete(): boolean {
    return this.receives.peer === none;
  }

  get isDone(): boolean {
    return this.isComplete && this.sends.peer === none;
  }
}

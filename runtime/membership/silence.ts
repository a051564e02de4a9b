import type { MemberId, Transport } from '../../transport/transport.js';
import type { Board } from '../table/board.js';

/** How many times the limit a member may be silent whose process is known to run. */
const patience = 10;

interface Pulse {
  beat: number;
  atUs: number;
  progress: number;
  progressAtUs: number;
}

/**
 * Finds members whose heartbeat stands still, or whose event loop does for much longer. Sparing: whoever was itself not scheduled for a while refreshes all that it knows before
 * it judges anyone (protocol.md, section 5).
 */
export class Silence {
  readonly #transport: Transport;
  readonly #board: Board;
  readonly #limitUs: number;
  readonly #pulses = new Map<MemberId, Pulse>();
  #lookedAtUs = 0;

  readonly #progressLimitUs: number;

  constructor(transport: Transport, board: Board, limitUs: number, progressLimitUs: number) {
    this.#progressLimitUs = progressLimitUs;
    this.#transport = transport;
    this.#board = board;
    this.#limitUs = limitUs;
  }

  /** The clock of a member runs from the first look at it. */
  forget(member: MemberId): void {
    this.#pulses.delete(member);
  }

  /** Looks at all `members`; gives those that have been silent for too long. */
  look(members: readonly MemberId[], nowUs: number): MemberId[] {
    const sleptThrough = nowUs - this.#lookedAtUs > this.#limitUs;
    this.#lookedAtUs = nowUs;
    const silent: MemberId[] = [];
    for (const member of members) {
      const beat = this.#board.lifeOf(member) ?? 0;
      const progress = this.#board.progressOf(member);
      let pulse = this.#pulses.get(member);
      if (pulse === undefined) {
        pulse = { beat, atUs: nowUs, progress, progressAtUs: nowUs };
        this.#pulses.set(member, pulse);
      }
      if (pulse.beat !== beat || sleptThrough) Object.assign(pulse, { beat, atUs: nowUs });
      if (pulse.progress !== progress || sleptThrough)
        Object.assign(pulse, { progress, progressAtUs: nowUs });
      const isBlocked = nowUs - pulse.progressAtUs > this.#progressLimitUs;
      if (isBlocked || this.#isTooLong(member, nowUs - pulse.atUs)) silent.push(member);
    }
    return silent;
  }

  /** A process that is there, and not stopped, is slow rather than dead: its host is overloaded, and it is given more time. */
  #isTooLong(member: MemberId, silentUs: number): boolean {
    if (silentUs <= this.#limitUs) return false;
    return silentUs > this.#limitUs * patience || this.#transport.isStarved?.(member) !== true;
  }
}

import type { MemberId, Transport } from '../../transport/transport.js';
import type { Board } from '../table/board.js';

/** How many times the limit a member may be silent whose process is known to run, or that is judged by one who is late itself. */
const patience = 10;
const latePatience = 3;
/** A look counts as so much of the limit at most, however late it comes; one that comes later than `lateShare` judges nobody at once. */
const lookShare = 0.5;
const lateShare = 0.75;
/** The limit is reached a little early, since the looks are: two of them make it. */
const dueShare = 0.95;
/** The limit adapts to gaps between beats: so many times the usual one, but never beyond so many times the limit that was asked for. */
const gapsMin = 2;
const stretchMax = 1.5;
/** Weight of a new gap in the usual one. */
const gapWeight = 1 / 8;

interface Pulse {
  beat: number;
  /** For how long the beat has stood still, as far as I was there to see it. */
  silentUs: number;
  /** The usual time between two beats. */
  gapUs: number;
  progress: number;
  blockedUs: number;
}

/**
 * Finds members whose heartbeat stands still, or whose event loop does for much longer. Sparing (protocol.md, section 5): time in which this
 * member was not scheduled itself does not count, and what came meanwhile is looked at before anyone is judged; and members whose
 * beats usually come late are given more time.
 */
export class Silence {
  readonly #transport: Transport;
  readonly #board: Board;
  readonly #limitUs: number;
  readonly #progressLimitUs: number;
  readonly #pulses = new Map<MemberId, Pulse>();
  #lookedAtUs = -Infinity;

  constructor(transport: Transport, board: Board, limitUs: number, progressLimitUs: number) {
    this.#transport = transport;
    this.#board = board;
    this.#limitUs = limitUs;
    this.#progressLimitUs = progressLimitUs;
  }

  /** The clock of a member runs from the first look at it. */
  forget(member: MemberId): void {
    this.#pulses.delete(member);
  }

  /** Looks at all `members`; gives those that have been silent, or blocked, for too long. */
  look(members: readonly MemberId[], nowUs: number): [MemberId, 'silent' | 'blocked'][] {
    const sinceUs = nowUs - this.#lookedAtUs;
    const countedUs = Math.min(sinceUs, this.#limitUs * lookShare);
    const late = sinceUs > this.#limitUs * lateShare;
    this.#lookedAtUs = nowUs;
    const found: [MemberId, 'silent' | 'blocked'][] = [];
    for (const member of members) {
      const pulse = this.#take(member, countedUs);
      if (this.#isTooLong(member, pulse, late)) found.push([member, 'silent']);
      else if (pulse.blockedUs > this.#progressLimitUs) found.push([member, 'blocked']);
    }
    return found;
  }

  #take(member: MemberId, countedUs: number): Pulse {
    const beat = this.#board.lifeOf(member) ?? 0;
    const progress = this.#board.progressOf(member);
    const pulse = this.#pulses.get(member);
    if (pulse === undefined) {
      const first = { beat, silentUs: 0, gapUs: 0, progress, blockedUs: 0 };
      this.#pulses.set(member, first);
      return first;
    }
    pulse.silentUs += countedUs;
    pulse.blockedUs += countedUs;
    if (pulse.beat !== beat) {
      pulse.gapUs += (pulse.silentUs - pulse.gapUs) * gapWeight;
      pulse.beat = beat;
      pulse.silentUs = 0;
    }
    if (pulse.progress !== progress) {
      pulse.progress = progress;
      pulse.blockedUs = 0;
    }
    return pulse;
  }

  /** A process that is there, and not stopped, is slow rather than dead: its host is overloaded, and it is given more time. */
  #isTooLong(member: MemberId, { silentUs, gapUs }: Pulse, late: boolean): boolean {
    const limitUs = Math.min(Math.max(this.#limitUs, gapUs * gapsMin), this.#limitUs * stretchMax);
    if (silentUs < limitUs * (late ? latePatience : dueShare)) return false;
    return silentUs >= limitUs * patience || this.#transport.isStarved?.(member) !== true;
  }
}

import type { Stream } from './history.js';

/** A sample, and the turn that it took in its sender's epoch. */
interface Sent {
  readonly stream: Stream;
  readonly number: number;
  turn: number;
}

/** What a member has written to one topic and no trim has kept yet: which turns it took, in which epoch. */
export class Unkept {
  #sent: Sent[] = [];

  wrote(stream: Stream, number: number, turn: number): void {
    this.#sent.push({ stream, number, turn });
  }

  /** The epoch is over, and its trim keeps `turns` of the member's; what follows is sent again in the next. */
  epochEnded(epoch: number, turns: number): void {
    for (const { stream, number, turn } of this.#sent) if (turn < turns) stream.keptIn.set(epoch, number);
    this.#sent = this.#sent.filter(({ turn }) => turn >= turns);
  }

  /** More is known to be kept of an epoch whose end only the failed knew. */
  epochSettled(epoch: number): void {
    this.#sent = this.#sent.filter(({ stream, number }) => number > (stream.keptIn.get(epoch) ?? 0));
  }

  /** The member sends in the next epoch, too: what was left takes its first turns, from `firstTurn` on. */
  sentAgain(firstTurn: number): void {
    this.#sent.forEach((sent, i) => (sent.turn = firstTurn + i));
  }

  /** It does not. */
  dropped(): void {
    this.#sent = [];
  }
}

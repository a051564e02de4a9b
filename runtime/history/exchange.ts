import type { Region, Transport } from '../../transport/transport.js';
import { channelBytes, GivingEnd, type PortionSink, type PortionSource, TakingEnd } from './channel.js';
import { HistoryError } from './errors.js';
import {
  answers,
  answerTo,
  columns,
  type ExchangeEpoch,
  ExchangeRows,
  type Need,
  states,
} from './exchange-rows.js';

/** What a member that needs something can give itself, and what that is worth to it in others. */
export interface Holding {
  /** It has all that came before this epoch; 0: nothing. */
  readonly has: number;
  /** Whoever has all that came before this epoch is as good as one that is whole. */
  readonly suffices: number;
}

const hasNothing: Holding = { has: 0, suffices: Infinity };

/** What is given to one who asked for it. */
interface Serving {
  readonly request: number;
  readonly end: GivingEnd;
}

/** What an exchange needs of what it serves. */
export interface ExchangeUser<Got> {
  /** What the rows and channels are called. */
  readonly name: string;
  /** Of what this member has; undefined where it cannot give that. */
  sourceOf(need: Need): PortionSource | undefined;
  /** Where the answer to this member's need goes, from its beginning. */
  sink(): PortionSink<Got>;
  /** What was needed has come. */
  received(got: Got): void;
  /** Nobody is left who might give it: `wasAsked` says whether anyone could not. Where this is no function, somebody is waited for. */
  lost?(error: HistoryError, wasAsked: boolean): void;
  /** Something was put that the others are to look at. */
  mark(): void;
}

/**
 * Hands the history of one topic from members that have it to those that do not, within one epoch: protocol.md, section 8. The one that
 * needs it chooses its source, takes portion by portion, and turns to the next source where one cannot give it. A source that dies ends
 * the epoch; in the next one it begins anew with another.
 */
export class Exchange<Got> {
  readonly #transport: Transport;
  readonly #epoch: ExchangeEpoch;
  readonly #user: ExchangeUser<Got>;
  readonly #rows: ExchangeRows;
  readonly #serving: (Serving | undefined)[] = [];
  /** The epoch before which something is needed, and whom it was not to be had from. */
  #needs = 0;
  #requests = 0;
  #suffices = Infinity;
  readonly #failed = new Set<number>();
  #corrupt: HistoryError | undefined;
  #from = -1;
  #channel: TakingEnd | undefined;
  #sink: PortionSink<Got> | undefined;

  /** @throws TransportError BE_NO_MEMORY */
  constructor(transport: Transport, epoch: ExchangeEpoch, user: ExchangeUser<Got>) {
    this.#transport = transport;
    this.#epoch = epoch;
    this.#user = user;
    this.#rows = new ExchangeRows(transport, epoch, user.name, () => user.mark());
  }

  /** Says that this member has all of it; or what is left of it, where it is `lossy`. */
  showWhole(lossy: boolean): void {
    this.#needs = 0;
    this.#rows.put(columns.state, lossy ? states.lossy : states.whole);
  }

  /** Says what this member needs, and what it has. It may need something else afterwards, or instead. */
  showNeed(need: Need, { has, suffices }: Holding = hasNothing): void {
    const { before } = need;
    if (this.#requests > 0) this.#askAnew();
    this.#requests++;
    this.#needs = before;
    this.#suffices = suffices;
    if (has > 0) this.#rows.put(columns.has, has);
    this.#rows.putNeed(need);
    this.#rows.put(columns.needs, before);
    this.#rows.put(columns.state, states.needing);
  }

  /** Whoever was asked before is not any more; what is said from now on is another request. */
  #askAnew(): void {
    this.needsNothing();
    this.#corrupt = undefined;
    this.#rows.put(columns.request, this.#requests);
    this.#rows.put(columns.afterEpoch, 0);
    this.#rows.put(columns.afterSequence, 0);
  }

  /** Whether every holder is known to need nothing: nothing is left to do in this epoch. */
  get settled(): boolean {
    return this.#epoch.holders.every((_, holder) => this.#rows.cell(holder, columns.state) >= states.whole);
  }

  /** Whether it is known what everyone has, and nobody needs the history with which `epoch` began, or an older one, which it may need after that. */
  needless(epoch: number): boolean {
    return this.#epoch.holders.every((_, holder) => {
      const state = this.#rows.cell(holder, columns.state);
      return (
        state >= states.whole || (state === states.needing && this.#rows.cell(holder, columns.needs) > epoch)
      );
    });
  }

  /** This member needs nothing of others any more. */
  needsNothing(): void {
    this.#needs = 0;
    this.#failed.clear();
    this.#leaveChannel();
    if (this.#from >= 0) this.#rows.put(columns.source, 0);
    this.#from = -1;
  }

  /** Something is needed, and was not had yet. */
  get needsSome(): boolean {
    return this.#needs > 0;
  }

  /** Goes as far as it can now; true where more is to be done that nobody will tell of. */
  step(): boolean {
    let more = false;
    this.#epoch.holders.forEach((_, holder) => {
      if (holder !== this.#rows.me && this.#serve(holder)) more = true;
    });
    return this.#needs > 0 ? this.#take() || more : more;
  }

  // ---- giving ----

  #serve(holder: number): boolean {
    const request = this.#rows.cell(holder, columns.request);
    const serving = this.#serving[holder];
    const isAsked = this.#isAsked(holder);
    if (serving !== undefined && (!isAsked || serving.request !== request)) this.#leave(holder);
    if (!isAsked) return false;
    if (this.#rows.cell(this.#rows.me, columns.answers + holder) === answerTo(request, answers.refused))
      return false;
    this.#serving[holder] ??= this.#begin(holder, request);
    return this.#serving[holder] !== undefined && this.#fill(holder, this.#serving[holder]);
  }

  #isAsked(holder: number): boolean {
    return (
      this.#rows.cell(holder, columns.source) === this.#transport.self &&
      this.#rows.cell(holder, columns.state) === states.needing
    );
  }

  #leave(holder: number): void {
    this.#serving[holder]?.end.release();
    this.#serving[holder] = undefined;
  }

  #begin(holder: number, request: number): Serving | undefined {
    const need = this.#rows.needOf(holder);
    // Whoever asks for something else by now will be looked at again.
    if (!this.#isAsked(holder) || this.#rows.cell(holder, columns.request) !== request) return undefined;
    const source = this.#user.sourceOf(need);
    const region = source && this.#allocateChannel(holder, request);
    if (region === undefined) {
      source?.release();
      this.#rows.put(columns.answers + holder, answerTo(request, answers.refused));
      return undefined;
    }
    this.#rows.put(columns.answers + holder, answerTo(request, answers.serving));
    return { request, end: new GivingEnd(region, source!) };
  }

  /** Where there is no memory for it, somebody else may have some. */
  #allocateChannel(holder: number, request: number): Region | undefined {
    const { member } = this.#epoch.holders[holder]!;
    try {
      return this.#transport.allocate(this.#rows.channelOf(holder, request), channelBytes, [member]);
    } catch {
      return undefined;
    }
  }

  #fill(holder: number, { request, end }: Serving): boolean {
    const count = end.fill(this.#rows.cell(holder, columns.taken));
    if (count > 0) this.#user.mark();
    if (end.source.failed) {
      this.#leave(holder);
      this.#rows.put(columns.answers + holder, answerTo(request, answers.refused));
    }
    return GivingEnd.isMost(count);
  }

  // ---- taking ----

  #take(): boolean {
    if (this.#from < 0 && !this.#choose()) return false;
    const answer = this.#rows.cell(this.#from, columns.answers + this.#rows.me);
    if (answer === answerTo(this.#requests - 1, answers.refused)) return this.#abandon();
    if (answer !== answerTo(this.#requests - 1, answers.serving)) return false;
    try {
      return this.#copy();
    } catch (error) {
      this.#corrupt = this.#blame(error);
      return this.#abandon();
    }
  }

  /** Turns to the first who has it; where nobody is left who might, to the first who has some of it. Without one, it is lost. */
  #choose(): boolean {
    let hope = this.#user.lost === undefined;
    let lossy = -1;
    for (let holder = 0; holder < this.#epoch.holders.length; holder++) {
      const { since } = this.#epoch.holders[holder]!;
      if (holder === this.#rows.me || this.#failed.has(holder) || since > this.#needs) continue;
      const state = this.#rows.cell(holder, columns.state);
      const has = state === states.needing ? this.#rows.cell(holder, columns.has) : 0;
      if (state === states.whole || has >= this.#suffices) {
        this.#ask(holder);
        return true;
      }
      // Who needs the same, or later history cannot help; who needs older will have it all.
      if (state === states.needing && this.#rows.cell(holder, columns.needs) >= this.#needs) continue;
      if (state !== states.lossy) hope = true;
      else if (lossy < 0) lossy = holder;
    }
    if (hope) return false;
    if (lossy >= 0) this.#ask(lossy);
    else this.#giveUp();
    return lossy >= 0;
  }

  #ask(holder: number): void {
    this.#from = holder;
    this.#sink = this.#user.sink();
    this.#rows.put(columns.taken, 0);
    this.#rows.put(columns.source, this.#epoch.holders[holder]!.member);
  }

  /** Looks for another source at once. */
  #abandon(): boolean {
    this.#failed.add(this.#from);
    this.#leaveChannel();
    this.#from = -1;
    return true;
  }

  #leaveChannel(): void {
    this.#channel?.release();
    this.#channel = undefined;
  }

  /** @throws HistoryError BE_HISTORY_CORRUPT; whatever the transport throws for memory of another length */
  #copy(): boolean {
    const { member } = this.#epoch.holders[this.#from]!;
    if (this.#channel === undefined) {
      const name = this.#rows.channelOf(this.#rows.me, this.#requests - 1);
      const replica = this.#transport.attach(member, name, channelBytes);
      if (replica === undefined) return false;
      this.#channel = new TakingEnd(replica);
    }
    if (this.#channel.take(this.#sink!) > 0) this.#rows.put(columns.taken, this.#channel.taken);
    if (!this.#sink!.complete) return false;
    const got = this.#sink!.finish();
    this.#leaveChannel();
    this.#needs = 0;
    this.#user.received(got);
    // Who is not done with it yet does not need its source any more.
    if (this.#rows.cell(this.#rows.me, columns.state) === states.needing) this.#rows.put(columns.source, 0);
    return false;
  }

  #giveUp(): void {
    this.#user.lost!(
      this.#corrupt ??
        new HistoryError('BE_HISTORY_LOST', 'every member that held it is gone, or could not give it'),
      this.#failed.size > 0,
    );
  }

  #blame(error: unknown): HistoryError {
    const { member } = this.#epoch.holders[this.#from]!;
    const what = error instanceof Error ? error.message : String(error);
    return new HistoryError('BE_HISTORY_CORRUPT', `member ${member} gave ${what}`, { cause: error });
  }

  release(): void {
    this.#rows.release();
    for (const serving of this.#serving) serving?.end.release();
    this.#leaveChannel();
  }
}

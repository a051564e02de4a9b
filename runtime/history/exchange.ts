import type { MemberId, Region, Replica, Transport } from '../../transport/transport.js';
import { channelBytes, GivingEnd, type PortionSink, type PortionSource, TakingEnd } from './channel.js';
import { HistoryError } from './errors.js';

/** A member that holds a topic's history, and the view since which it has. */
export interface Holder {
  readonly member: MemberId;
  readonly since: number;
}

/** Who may need history of whom, in one epoch of a topic. */
export interface ExchangeEpoch {
  readonly slot: number;
  readonly epoch: number;
  /** In rank order. */
  readonly holders: readonly Holder[];
}

/** What a member needs: what came before the epoch `before`, and after a version (−1 and −1: from the first on). */
export interface Need {
  readonly before: number;
  readonly afterEpoch: number;
  readonly afterSequence: number;
}

/** What a member that needs something can give itself, and what that is worth to it in others. */
export interface Holding {
  /** It has all that came before this epoch; 0: nothing. */
  readonly has: number;
  /** Whoever has all that came before this epoch is as good as one that is whole. */
  readonly suffices: number;
}

/** Columns of a holder's row. `after…` are one more than what they say, and 0 where there is nothing; those from `answers` on are by holder. */
const columns = {
  state: 0,
  needs: 1,
  source: 2,
  taken: 3,
  afterEpoch: 4,
  afterSequence: 5,
  has: 6,
  answers: 7,
} as const;
/** `whole`: nothing is needed any more; `lossy`: nor here, but some of it could not be had. */
const states = { needing: 1, whole: 2, lossy: 3 } as const;
const answers = { serving: 1, refused: 2 } as const;
const hasNothing: Holding = { has: 0, suffices: Infinity };

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
  /** Nobody is left who might give it; where this is no function, somebody is waited for. */
  lost?(error: HistoryError): void;
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
  readonly #me: number;
  readonly #rowBytes: number;
  readonly #region: Region;
  readonly #rows: (Replica | undefined)[];
  readonly #channels: (GivingEnd | undefined)[] = [];
  /** The epoch before which something is needed, and whom it was not to be had from. */
  #needs = 0;
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
    const { holders } = epoch;
    this.#me = holders.findIndex(({ member }) => member === transport.self);
    this.#rowBytes = (columns.answers + holders.length) * 8;
    const peers = holders.map(({ member }) => member).filter((member) => member !== transport.self);
    this.#region = transport.allocate(this.#rowName, this.#rowBytes, peers);
    this.#rows = holders.map(() => undefined);
  }

  get #rowName(): string {
    return `${this.#user.name}${this.#epoch.slot}.${this.#epoch.epoch}`;
  }

  /** Says that this member has all of it; or what is left of it, where it is `lossy`. */
  showWhole(lossy: boolean): void {
    this.#needs = 0;
    this.#put(columns.state, lossy ? states.lossy : states.whole);
  }

  /** Says what this member needs, and what it has. */
  showNeed({ before, afterEpoch, afterSequence }: Need, { has, suffices }: Holding = hasNothing): void {
    this.#needs = before;
    this.#suffices = suffices;
    if (has > 0) this.#put(columns.has, has);
    if (afterEpoch >= 0) {
      this.#put(columns.afterEpoch, afterEpoch + 1);
      this.#put(columns.afterSequence, afterSequence + 1);
    }
    this.#put(columns.needs, before);
    this.#put(columns.state, states.needing);
  }

  #put(column: number, value: number): void {
    this.#region.memory.f64[column] = value;
    this.#region.put(column * 8, (column + 1) * 8);
    this.#user.mark();
  }

  #cell(holder: number, column: number): number {
    if (holder === this.#me) return this.#region.memory.f64[column]!;
    const { member } = this.#epoch.holders[holder]!;
    this.#rows[holder] ??= this.#transport.attach(member, this.#rowName, this.#rowBytes);
    return this.#rows[holder]?.memory.f64[column] ?? 0;
  }

  /** Whether every holder is known to need nothing: nothing is left to do in this epoch. */
  get settled(): boolean {
    return this.#epoch.holders.every((_, holder) => this.#cell(holder, columns.state) >= states.whole);
  }

  /** Whether it is known what everyone has, and nobody needs the history with which `epoch` began. */
  needless(epoch: number): boolean {
    return this.#epoch.holders.every((_, holder) => {
      const state = this.#cell(holder, columns.state);
      return (
        state >= states.whole || (state === states.needing && this.#cell(holder, columns.needs) !== epoch)
      );
    });
  }

  /** Goes as far as it can now; true where more is to be done that nobody will tell of. */
  step(): boolean {
    let more = false;
    this.#epoch.holders.forEach((_, holder) => {
      if (holder !== this.#me && this.#serve(holder)) more = true;
    });
    return this.#needs > 0 ? this.#take() || more : more;
  }

  // ---- giving ----

  #serve(holder: number): boolean {
    const isAsked =
      this.#cell(holder, columns.source) === this.#transport.self &&
      this.#cell(holder, columns.state) === states.needing;
    if (!isAsked) {
      this.#channels[holder]?.release();
      this.#channels[holder] = undefined;
      return false;
    }
    if (this.#cell(this.#me, columns.answers + holder) === answers.refused) return false;
    const channel = (this.#channels[holder] ??= this.#openChannel(holder));
    return channel !== undefined && this.#fill(holder, channel);
  }

  #openChannel(holder: number): GivingEnd | undefined {
    const need: Need = {
      before: this.#cell(holder, columns.needs),
      afterEpoch: this.#cell(holder, columns.afterEpoch) - 1,
      afterSequence: this.#cell(holder, columns.afterSequence) - 1,
    };
    const source = this.#user.sourceOf(need);
    const region = source && this.#allocateChannel(holder);
    if (region === undefined) {
      source?.release();
      this.#put(columns.answers + holder, answers.refused);
      return undefined;
    }
    this.#put(columns.answers + holder, answers.serving);
    return new GivingEnd(region, source!);
  }

  /** Where there is no memory for it, somebody else may have some. */
  #allocateChannel(holder: number): Region | undefined {
    const { member } = this.#epoch.holders[holder]!;
    try {
      return this.#transport.allocate(`${this.#rowName}.to${holder}`, channelBytes, [member]);
    } catch {
      return undefined;
    }
  }

  #fill(holder: number, channel: GivingEnd): boolean {
    const count = channel.fill(this.#cell(holder, columns.taken));
    if (count > 0) this.#user.mark();
    if (channel.source.failed) {
      channel.release();
      this.#channels[holder] = undefined;
      this.#put(columns.answers + holder, answers.refused);
    }
    return GivingEnd.isMost(count);
  }

  // ---- taking ----

  #take(): boolean {
    if (this.#from < 0 && !this.#choose()) return false;
    const answer = this.#cell(this.#from, columns.answers + this.#me);
    if (answer === answers.refused) return this.#abandon();
    if (answer !== answers.serving) return false;
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
      if (holder === this.#me || this.#failed.has(holder) || since > this.#needs) continue;
      const state = this.#cell(holder, columns.state);
      const has = state === states.needing ? this.#cell(holder, columns.has) : 0;
      if (state === states.whole || has >= this.#suffices) {
        this.#ask(holder);
        return true;
      }
      // Who needs the same, or later history cannot help; who needs older will have it all.
      if (state === states.needing && this.#cell(holder, columns.needs) >= this.#needs) continue;
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
    this.#put(columns.taken, 0);
    this.#put(columns.source, this.#epoch.holders[holder]!.member);
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
      const replica = this.#transport.attach(member, `${this.#rowName}.to${this.#me}`, channelBytes);
      if (replica === undefined) return false;
      this.#channel = new TakingEnd(replica);
    }
    if (this.#channel.take(this.#sink!) > 0) this.#put(columns.taken, this.#channel.taken);
    if (!this.#sink!.complete) return false;
    const got = this.#sink!.finish();
    this.#leaveChannel();
    this.#needs = 0;
    this.#user.received(got);
    // Who is not done with it yet does not need its source any more.
    if (this.#cell(this.#me, columns.state) === states.needing) this.#put(columns.source, 0);
    return false;
  }

  #giveUp(): void {
    this.#user.lost!(
      this.#corrupt ??
        new HistoryError('BE_HISTORY_LOST', 'every member that held it is gone, or could not give it'),
    );
  }

  #blame(error: unknown): HistoryError {
    const { member } = this.#epoch.holders[this.#from]!;
    const what = error instanceof Error ? error.message : String(error);
    return new HistoryError('BE_HISTORY_CORRUPT', `member ${member} gave ${what}`, { cause: error });
  }

  release(): void {
    this.#region.release();
    for (const channel of this.#channels) channel?.release();
    for (const row of this.#rows) row?.release();
    this.#leaveChannel();
  }
}

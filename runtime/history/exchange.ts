import type { MemberId, Region, Replica, Transport } from '../../transport/transport.js';
import { HistoryError } from './errors.js';
import { SnapshotSink, SnapshotSource, sumOf } from './stream.js';
import type { HistoryWriter, Snapshot } from './topic-store.js';

/** A member that holds a topic's history, and the view since which it has. */
export interface Holder {
  readonly member: MemberId;
  readonly since: number;
}

/** One epoch of a topic that keeps history. */
export interface HistoryEpoch {
  readonly slot: number;
  readonly epoch: number;
  /** In rank order. */
  readonly holders: readonly Holder[];
  readonly writers: readonly HistoryWriter[];
}

/** Columns of a holder's row; those from `answers` on are by holder. */
const columns = { state: 0, needs: 1, source: 2, taken: 3, answers: 4 } as const;
/** `whole`: nothing is needed any more; `lossy`: nor here, but some of it could not be had. */
const states = { needing: 1, whole: 2, lossy: 3 } as const;
const answers = { serving: 1, refused: 2 } as const;

/** A channel: what was written (one counter), then slots of length, sum and bytes. */
const portionBytes = 64 * 1024;
const slots = 4;
const slotBytes = portionBytes + 64;
const channelBytes = 64 + slots * slotBytes;

/** Portions that one evaluation copies: a topic's messages wait no longer than for these. */
const portionsMax = 8;

interface Channel {
  readonly region: Region;
  readonly source: SnapshotSource;
  written: number;
}

/** What an exchange needs of the topic that it serves. */
export interface ExchangeUser {
  /** The snapshot with which `epoch` began, while it is kept. */
  snapshotOf(epoch: number): Snapshot | undefined;
  /** The snapshot that was needed has come, or cannot come any more. */
  received(snapshot: Snapshot): void;
  lost(error: HistoryError): void;
  /** Something was put that the others are to look at. */
  mark(): void;
}

/**
 * Hands the history of one topic from members that have it to those that do not, within one epoch: protocol.md, section 8. The one that
 * needs it chooses its source, takes portion by portion, and turns to the next source where one cannot give it. A source that dies ends
 * the epoch; in the next one it begins anew with another.
 */
export class Exchange {
  readonly #transport: Transport;
  readonly #epoch: HistoryEpoch;
  readonly #user: ExchangeUser;
  readonly #me: number;
  readonly #rowBytes: number;
  readonly #region: Region;
  readonly #rows: (Replica | undefined)[];
  readonly #channels: (Channel | undefined)[] = [];
  /** Of what is needed: since which epoch, who kept it then, and whom it was not to be had from. */
  #needs = 0;
  #writers: readonly HistoryWriter[] = [];
  readonly #failed = new Set<number>();
  #corrupt: HistoryError | undefined;
  #from = -1;
  #replica: Replica | undefined;
  #sink: SnapshotSink | undefined;
  #taken = 0;

  /** @throws TransportError BE_NO_MEMORY */
  constructor(transport: Transport, epoch: HistoryEpoch, user: ExchangeUser) {
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
    return `history${this.#epoch.slot}.${this.#epoch.epoch}`;
  }

  /** Says that this member has the whole history; or what is left of it, where it is `lossy`. */
  showWhole(lossy: boolean): void {
    this.#needs = 0;
    this.#put(columns.state, lossy ? states.lossy : states.whole);
  }

  /** Says that this member needs the history with which the epoch `needs` began, when `writers` kept it. */
  showNeed(needs: number, writers: readonly HistoryWriter[]): void {
    this.#needs = needs;
    this.#writers = writers;
    this.#put(columns.needs, needs);
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
      this.#channels[holder]?.region.release();
      this.#channels[holder] = undefined;
      return false;
    }
    if (this.#cell(this.#me, columns.answers + holder) === answers.refused) return false;
    const channel = (this.#channels[holder] ??= this.#openChannel(holder));
    return channel !== undefined && this.#fill(holder, channel);
  }

  #openChannel(holder: number): Channel | undefined {
    const epoch = this.#cell(holder, columns.needs);
    const snapshot = this.#needs === 0 ? this.#user.snapshotOf(epoch) : undefined;
    const region = snapshot && this.#allocateChannel(holder);
    if (region === undefined) {
      this.#put(columns.answers + holder, answers.refused);
      return undefined;
    }
    this.#put(columns.answers + holder, answers.serving);
    return { region, source: new SnapshotSource(epoch, snapshot!), written: 0 };
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

  #fill(holder: number, channel: Channel): boolean {
    const taken = this.#cell(holder, columns.taken);
    const { region, source } = channel;
    const { bytes, f64 } = region.memory;
    let count = 0;
    while (!source.done && channel.written < taken + slots && count < portionsMax) {
      const start = 64 + (channel.written % slots) * slotBytes;
      const target = bytes.subarray(start + 64, start + 64 + portionBytes);
      const length = source.read(target);
      f64[start >>> 3] = length;
      f64[(start >>> 3) + 1] = sumOf(target.subarray(0, length));
      region.put(start, start + 64 + length);
      channel.written++;
      f64[0] = channel.written;
      region.put(0, 8);
      count++;
    }
    if (count > 0) this.#user.mark();
    return count === portionsMax;
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
    let hope = false;
    let lossy = -1;
    for (let holder = 0; holder < this.#epoch.holders.length; holder++) {
      const { since } = this.#epoch.holders[holder]!;
      if (holder === this.#me || this.#failed.has(holder) || since > this.#needs) continue;
      const state = this.#cell(holder, columns.state);
      // Who needs the same, or later history cannot help; who needs older will have it all.
      if (state === states.needing && this.#cell(holder, columns.needs) >= this.#needs) continue;
      if (state === states.whole) {
        this.#ask(holder);
        return true;
      }
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
    this.#taken = 0;
    this.#sink = new SnapshotSink(this.#needs, this.#writers);
    this.#put(columns.taken, 0);
    this.#put(columns.source, this.#epoch.holders[holder]!.member);
  }

  /** Looks for another source at once. */
  #abandon(): boolean {
    this.#failed.add(this.#from);
    this.#replica?.release();
    this.#replica = undefined;
    this.#from = -1;
    return true;
  }

  /** @throws HistoryError BE_HISTORY_CORRUPT; whatever the transport throws for memory of another length */
  #copy(): boolean {
    const { member } = this.#epoch.holders[this.#from]!;
    this.#replica ??= this.#transport.attach(member, `${this.#rowName}.to${this.#me}`, channelBytes);
    if (this.#replica === undefined) return false;
    const { bytes, f64 } = this.#replica.memory;
    const before = this.#taken;
    const written = f64[0]!;
    if (!Number.isSafeInteger(written) || written < before || written > before + slots)
      throw new HistoryError('BE_HISTORY_CORRUPT', `${written} portions, of which ${before} were taken`);
    while (this.#taken < written) {
      const start = 64 + (this.#taken % slots) * slotBytes;
      this.#copyPortion(bytes, start, f64[start >>> 3]!, f64[(start >>> 3) + 1]!);
      this.#taken++;
    }
    if (this.#taken > before) this.#put(columns.taken, this.#taken);
    if (!this.#sink!.complete) return false;
    this.#complete(this.#sink!.finish());
    return false;
  }

  #copyPortion(bytes: Uint8Array, start: number, length: number, sum: number): void {
    if (!Number.isSafeInteger(length) || length <= 0 || length > portionBytes || length % 8 !== 0)
      throw new HistoryError('BE_HISTORY_CORRUPT', `a portion of ${length} bytes`);
    const portion = bytes.subarray(start + 64, start + 64 + length);
    if (sumOf(portion) !== sum) throw new HistoryError('BE_HISTORY_CORRUPT', 'a portion whose sum is wrong');
    this.#sink!.write(portion);
  }

  #complete(snapshot: Snapshot): void {
    this.#replica?.release();
    this.#replica = undefined;
    this.#user.received(snapshot);
    this.showWhole(snapshot.lossy);
  }

  #giveUp(): void {
    this.#user.lost(
      this.#corrupt ??
        new HistoryError('BE_HISTORY_LOST', 'every member that held it is gone, or could not give it'),
    );
    this.showWhole(true);
  }

  #blame(error: unknown): HistoryError {
    const { member } = this.#epoch.holders[this.#from]!;
    const what = error instanceof Error ? error.message : String(error);
    return new HistoryError('BE_HISTORY_CORRUPT', `member ${member} gave ${what}`, { cause: error });
  }

  release(): void {
    this.#region.release();
    for (const channel of this.#channels) channel?.region.release();
    for (const row of this.#rows) row?.release();
    this.#replica?.release();
  }
}

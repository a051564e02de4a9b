import type { MemberId, Transport } from '../../transport/transport.js';
import type { Board } from '../table/board.js';
import type { Predicates } from '../table/poller.js';
import { Commit } from './commit.js';
import { Inbox } from './inbox.js';
import type { LogicalClock } from './logical-clock.js';
import { Outbox } from './outbox.js';
import { Relay } from './relay.js';
import type { Pace } from './rdmc/pace.js';
import type { Kept } from './rdmc/spread.js';
import { least, trimEnds, trimLoses } from './row.js';
import { Settling } from './settling.js';
import { type Corruption, type SubgroupLayout, SubgroupMemory } from './subgroup-memory.js';
import { SubgroupWatch } from './subgroup-watch.js';
import type { TopicLog } from './topic-log.js';
import { type Sink, trimEnd } from './walk.js';

/** Membership's slot: it waits for what ends an epoch. */
const domainSlot = 0;

/** The layer above, as a subgroup sees it. */
export interface SubgroupUser extends Sink {
  /** Where this member is a replica of a persistent topic: what keeps it. */
  readonly log?: TopicLog | undefined;
  /**
   * Somebody waits for room, or for stability: `evaluated` is to be called whenever either may have come. So many turns are owed to the
   * others, and become nulls where nothing is written now. True where somebody has got what it waited for, and may have more to write once the
   * application has its turn.
   */
  readonly waiting: boolean;
  evaluated(turnsOwed: number): boolean;
  /** A frame of my ring is open and being filled in place: `unloan` is to be called before anything else goes into the ring. */
  readonly loaned: boolean;
  unloan(): void;
  /** The epoch is over; `kept` of my turns were delivered, and what follows is sent again in the next. */
  epochEnded(kept: number): void;
}

/**
 * One subgroup in one epoch at one member: the steady state of protocol.md, section 3. A view change that touches it stops it, wedges
 * it, agrees on a trim, delivers up to that, and leaves the rest to the next epoch.
 */
export class Subgroup implements Predicates {
  readonly layout: SubgroupLayout;
  /** Where I am a sender and somebody receives. */
  readonly outbox: Outbox | undefined;
  readonly #memory: SubgroupMemory;
  readonly #board: Board;
  readonly #user: SubgroupUser;
  readonly #clock: LogicalClock;
  /** Of a persistent topic. */
  readonly #settling: Settling | undefined;
  readonly #watch: SubgroupWatch;
  #inbox: Inbox | undefined;
  /** Of a persistent topic, once there is an inbox. */
  #commit: Commit | undefined;
  /** Of a raw topic on memory that is not aliased, once the epoch ends. */
  #relay: Relay | undefined;
  /** By sender: what is here of large messages that are sent again, since the epoch before ended without them. */
  #kept: ReadonlyMap<MemberId, readonly Kept[]> = new Map();
  #stopped = false;
  #wedged = false;
  /** Turns are owed that become nulls at the next look, unless they are taken. */
  #holdsNulls = false;

  /** @throws TransportError BE_NO_MEMORY */
  constructor(
    transport: Transport,
    board: Board,
    layout: SubgroupLayout,
    user: SubgroupUser,
    clock: LogicalClock,
    pace: Pace,
  ) {
    this.layout = layout;
    this.#board = board;
    this.#user = user;
    this.#clock = clock;
    this.#memory = new SubgroupMemory(transport, layout);
    if (this.#memory.hasRing(transport.self)) this.outbox = new Outbox(this.#memory, clock, pace);
    if (layout.persistent !== undefined) this.#settling = new Settling(this.#memory, clock);
    this.#watch = new SubgroupWatch(this.#memory, this.outbox);
  }

  get members(): readonly MemberId[] {
    return this.#memory.members;
  }

  /** Attaches the others' memory; true once all of it is there. Nothing moves before. */
  attach(): boolean {
    if (this.#memory.attached) return true;
    if (!this.#memory.attach()) return false;
    this.#beginReceiving();
    if (this.outbox !== undefined) this.outbox.ring.writable = !this.#stopped;
    return true;
  }

  #beginReceiving(): void {
    if (this.#memory.receives)
      this.#inbox ??= new Inbox(this.#memory, this.#user, this.#clock, this.outbox, this.#kept);
    if (this.layout.persistent !== undefined)
      this.#commit ??= new Commit(this.#memory, this.#user.log, this.outbox, this.#inbox?.large ?? []);
  }

  /** What is here of the large messages with which `before` did not end need not come again. To be called before anything is attached. */
  keepFrom(before: Subgroup, trim: readonly number[]): void {
    this.#kept = before.#inbox?.keep(trim) ?? before.#kept;
  }

  /** Everyone has attached: my memory needs no name any more. */
  seal(): void {
    this.#memory.region.seal();
  }

  /** Whether a write can go on: not before the others are there, nor from the moment a view change stops the subgroup. */
  get open(): boolean {
    return this.#memory.attached && !this.#stopped;
  }

  /** How many of my turns every receiver has; all of them where nobody receives. */
  stableTurns(): number {
    if (this.outbox === undefined) return Infinity;
    if (!this.#memory.attached) return 0;
    const { senderRows, receiverRows, columns, mySender, layout } = this.#memory;
    if (this.#memory.keepsNothing) return 0;
    if (!layout.ordered) return least(receiverRows, columns.numReceived + mySender);
    return turnsWithin(least(receiverRows, columns.received), mySender, senderRows.length);
  }

  /** How many of my turns every replica has on its disk. */
  committedTurns(): number {
    if (this.#commit === undefined || !this.#memory.attached || this.#memory.keepsNothing) return 0;
    return turnsWithin(this.#commit.committed, this.#memory.mySender, this.layout.senders.length);
  }

  /** Sequences of the epoch that every replica has on its disk: what is delivered, too, unless the topic delivers what is stable. */
  get committed(): number {
    return this.#memory.attached ? (this.#commit?.committed ?? 0) : 0;
  }

  /** Sequences of the epoch that were delivered here. */
  get delivered(): number {
    return this.#memory.row[this.#memory.columns.delivered]!;
  }

  /**
   * The time up to which the past of this persistent topic is settled here, as far as this epoch knows: all that is not later is committed, and
   * nothing that is not later will ever come. 0 where it knows nothing.
   */
  settle(): number {
    const settling = this.#settling;
    if (settling === undefined) return 0;
    return this.open ? settling.look(this.committed) : settling.settledUs;
  }

  /** Asks all members to say how far they are, so that `settle` comes to `timeUs`, which is not ahead of this member's clock. */
  askToSettle(timeUs: number): void {
    if (this.open && this.#settling?.ask(timeUs) === true) this.#publish();
  }

  // ---- who waits for whom ----

  /** The receivers that have consumed least of `sender`'s ring: those that hold its writes back. */
  slowestReceivers(sender: MemberId): { members: MemberId[]; consumed: number } | undefined {
    const s = this.layout.senders.indexOf(sender);
    if (s < 0 || !this.open || this.layout.receivers.length === 0) return undefined;
    const { receiverRows, columns } = this.#memory;
    const column = columns.consumed + s;
    const consumed = least(receiverRows, column);
    const members = this.layout.receivers.filter((_, r) => receiverRows[r]![column] === consumed);
    return { members, consumed };
  }

  /** Says that what I receive waits for a handler, and the handler for room in `sender`'s ring of the topic in `slot`; 0: no more. */
  showWait(slot: number, sender: MemberId): void {
    const { row, columns } = this.#memory;
    if (row[columns.waitsOn] === slot && row[columns.waitsFor] === sender) return;
    row[columns.waitsFor] = sender;
    row[columns.waitsOn] = slot;
    this.#memory.putRow();
  }

  waitShownBy(member: MemberId): { slot: number; sender: MemberId } | undefined {
    const row = this.#memory.rowOf(member);
    const slot = row?.[this.#memory.columns.waitsOn] ?? 0;
    return row === undefined || slot === 0
      ? undefined
      : { slot, sender: row[this.#memory.columns.waitsFor]! };
  }

  evaluate(): boolean {
    if (!this.open || this.#memory.corruption !== undefined) return false;
    if (this.#user.loaned) this.#user.unloan();
    const { outbox } = this;
    const inbox = this.#inbox;
    if (this.#spread()) this.#board.mark(this.layout.slot);
    let moved = outbox !== undefined && outbox.push();
    if (inbox !== undefined && inbox.receive()) moved = true;
    if (outbox !== undefined && this.layout.ordered && this.#takeTurns(outbox)) {
      outbox.push();
      inbox?.receive();
      moved = true;
    }
    if (this.#settling?.show(moved) === true) moved = true;
    if (moved) this.#publish();
    let more = this.#holdsNulls;
    if (inbox !== undefined) {
      if (this.#commit !== undefined) more = this.#persist(this.#commit) || more;
      if (inbox.deliver(this.#deliverable())) {
        this.#publish();
        // A handler may have stopped us, by closing what it reads.
        more = this.open && (more || inbox.more(this.#deliverable()));
      }
      more ||= inbox.awaitsRegion;
    }
    if (this.#user.waiting) this.#user.evaluated(0);
    return more;
  }

  /** Room, or that all receivers have what I sent. */
  get expects(): boolean {
    const { outbox } = this;
    if (!this.open) return false;
    return this.#user.waiting || (outbox !== undefined && this.stableTurns() < outbox.ring.turns);
  }

  /**
   * Takes the turns that I owe: with what waits to be written where there is any, and nulls for the rest. Where somebody has written all it had, and may
   * go on at once, the rest has time until the next look: some of the turns were taken, so nobody waits for ever.
   */
  #takeTurns(outbox: Outbox): boolean {
    this.#holdsNulls = false;
    const owed = outbox.turnsOwed();
    if (owed === 0) return false;
    const mayGoOn = this.#user.waiting && this.#user.evaluated(owed);
    const rest = outbox.turnsOwed();
    this.#holdsNulls = mayGoOn && rest > 0 && rest < owed;
    return rest === 0 || this.#holdsNulls || outbox.sendNulls(rest) || rest < owed;
  }

  /** Blocks of large messages go on their way; true where any did. */
  #spread(): boolean {
    const sent = this.outbox?.spread?.work() === true;
    return this.#inbox?.spread() === true || sent;
  }

  #publish(): void {
    this.#memory.putRow();
    this.#board.mark(this.layout.slot);
  }

  /** Sequences that every receiver has received. */
  #stable(): number {
    return least(this.#memory.receiverRows, this.#memory.columns.received);
  }

  /** Sequences that may be delivered. */
  #deliverable(): number {
    const stable = this.#stable();
    return this.#commit === undefined ? stable : this.#commit.limit(stable);
  }

  /** Hands to the log what is stable, and shows what is durable; true where more could be handed to it now. */
  #persist(commit: Commit): boolean {
    const stable = this.#stable();
    commit.record(stable);
    if (commit.show()) this.#publish();
    return commit.more(stable);
  }

  // ---- the end of the epoch (protocol.md, section 6) ----

  /** Nothing more is received, delivered or written from now on. */
  stop(): void {
    this.#stopped = true;
    if (this.outbox !== undefined) this.outbox.ring.writable = false;
  }

  freeze(member: MemberId): void {
    this.#memory.freeze(member);
  }

  /** Puts to `member`, who is suspected, end here. */
  drop(member: MemberId): void {
    this.#memory.drop(member);
  }

  /** Looks through the others' rows; gives what no correct member could have written, where it was seen now or before. */
  findCorruption(): Corruption | undefined {
    this.#watch.look();
    const { corruption, frozen } = this.#memory;
    return corruption === undefined || frozen.has(corruption.member) ? undefined : corruption;
  }

  /** Pushes what is unsent, receives a last time, and says so: from now on these columns are final. */
  wedge(): void {
    if (this.#wedged) return;
    this.stop();
    this.#wedged = true;
    if (this.#memory.attached) {
      this.outbox?.push();
      this.#inbox?.receive();
    }
    this.#memory.putRow();
    this.#memory.row[this.#memory.columns.wedged] = 1;
    this.#memory.putRow();
    this.#board.mark(domainSlot);
  }

  isWedged(member: MemberId): boolean {
    return this.#memory.rowOf(member)?.[this.#memory.columns.wedged] === 1;
  }

  /**
   * Goes on until every receiver among `survivors`, who are wedged, can deliver what any of them has received; true once all can. On aliased
   * memory the bytes are there for all, and ordered topics end with what all have.
   */
  share(survivors: readonly MemberId[]): boolean {
    if (this.layout.ordered || this.#memory.transport.aliased) return true;
    this.#beginReceiving();
    this.#relay ??= new Relay(this.#memory, this.#inbox, this.outbox?.spread, () =>
      this.#board.mark(domainSlot),
    );
    return this.#relay.share(survivors);
  }

  /** The trim that `member`'s row shows, or undefined while it shows none. */
  trimOf(member: MemberId): number[] | undefined {
    const row = this.#memory.rowOf(member);
    const { trimReady, trim } = this.#memory.columns;
    if (row === undefined || !(row[trimReady]! > 0)) return undefined;
    return Array.from(row.subarray(trim, trim + this.layout.senders.length));
  }

  /** Whether the trim in `member`'s row says that only the failed know what else is committed. */
  trimLosesAt(member: MemberId): boolean {
    return this.#memory.rowOf(member)?.[this.#memory.columns.trimReady] === trimLoses;
  }

  /**
   * The trim as the wedged rows of `survivors` have it: for ordered subgroups what every surviving receiver received, for raw ones
   * what any of them did.
   */
  computeTrim(survivors: readonly MemberId[]): number[] {
    const { columns, keepsNothing } = this.#memory;
    if (keepsNothing) return this.layout.senders.map(() => 0);
    if (this.layout.persistent === 'commit' && this.losesReplicas(survivors))
      return this.#committedTrim(survivors);
    const rows = this.#survivingReceivers(survivors);
    return this.layout.senders.map((_, s) => {
      const received = rows.map((row) => row[columns.numReceived + s]!);
      if (received.length === 0) return 0;
      return this.layout.ordered ? Math.min(...received) : Math.max(...received);
    });
  }

  /** Whether no replica is left that has all of the topic: then only what somebody has delivered is sure to be committed. */
  losesReplicas(survivors: readonly MemberId[]): boolean {
    const { persistent, whole } = this.layout;
    return persistent !== undefined && whole.length > 0 && !whole.some((id) => survivors.includes(id));
  }

  #survivingReceivers(survivors: readonly MemberId[]): Float64Array[] {
    return this.layout.receivers
      .filter((receiver) => survivors.includes(receiver))
      .map((receiver) => this.#memory.rowOf(receiver)!);
  }

  /** The turns that some survivor has delivered, since they were committed. */
  #committedTrim(survivors: readonly MemberId[]): number[] {
    const rows = this.#survivingReceivers(survivors);
    const { senders } = this.layout;
    const { delivered } = this.#memory.columns;
    const committed = rows.length === 0 ? 0 : Math.max(...rows.map((row) => row[delivered]!));
    return senders.map((_, s) => turnsWithin(committed, s, senders.length));
  }

  /**
   * Whether a correct leader can have computed `trim`: what every surviving receiver received is no more than I did, and no less than
   * was delivered here; a raw trim is no less than I received, and no more than I can deliver.
   */
  isPossible(trim: readonly number[]): boolean {
    const { columns, row, receives, mySender, keepsNothing } = this.#memory;
    const { ordered, senders } = this.layout;
    return trim.every((turns, s) => {
      if (!Number.isSafeInteger(turns) || turns < 0) return false;
      if (s === mySender && turns > (this.outbox?.ring.turns ?? 0)) return false;
      if (keepsNothing) return turns === 0;
      if (!receives) return true;
      const received = row[columns.numReceived + s]!;
      if (!ordered) return turns >= received && turns <= (this.#relay?.held(s) ?? Infinity);
      return turns <= received && turns * senders.length + s >= row[columns.delivered]!;
    });
  }

  /** Puts the trim, then the flag: written once. `loses`: only the failed know what else is committed. */
  publishTrim(trim: readonly number[], loses: boolean): void {
    const { row, columns } = this.#memory;
    if (row[columns.trimReady]! > 0) return;
    trim.forEach((turns, s) => (row[columns.trim + s] = turns));
    this.#memory.putRow();
    row[columns.trimReady] = loses ? trimLoses : trimEnds;
    this.#memory.putRow();
    this.#board.mark(domainSlot);
  }

  /**
   * Of a persistent topic: hands to the log what the agreed trim brings, and shows what is durable. Called again and again, until
   * `hasPersisted` says so of every replica that is left.
   */
  persistUpTo(trim: readonly number[]): void {
    this.#beginReceiving();
    if (this.#commit?.recordUpTo(trim) !== true) return;
    this.#memory.putRow();
    this.#board.mark(domainSlot);
  }

  /** Whether `member` has all that `trim` keeps on its disk, or is no replica. */
  hasPersisted(member: MemberId, trim: readonly number[]): boolean {
    if (!this.layout.replicas.includes(member)) return true;
    // Of a failed one: as it was frozen.
    return (this.#memory.rowOf(member)?.[this.#memory.columns.persisted] ?? 0) >= trimEnd(trim);
  }

  /** Delivers what the agreed trim brings, and nothing after it. Where it `loses`, the epoch does not end there for a log: only the failed know. */
  deliverUpTo(trim: readonly number[], loses: boolean): void {
    this.#beginReceiving();
    if (loses && this.layout.persistent === 'commit') this.#inbox?.deliverInOrder(trimEnd(trim));
    else this.#inbox?.deliverUpTo(trim);
    if (!loses) this.#commit?.end(trim);
    this.#memory.putRow();
    this.#user.epochEnded(this.trimmedTurns(trim));
  }

  /** One of those who alone knew where the epoch ends is back, and says so: delivers what follows the trim up to there. */
  deliverRest(lastSequence: number): void {
    const { row, columns } = this.#memory;
    // No log has more than every receiver has received.
    this.#inbox?.deliverInOrder(Math.min(lastSequence + 1, row[columns.received]!));
  }

  /** Of my turns, how many an epoch keeps that has gone on behind its trim, up to there. */
  turnsUpTo(trim: readonly number[], lastSequence: number): number {
    const { mySender } = this.#memory;
    return mySender < 0 ? 0 : Math.max(trim[mySender]!, turnsWithin(lastSequence + 1, mySender, trim.length));
  }

  /** Of my turns, how many the trim keeps. */
  trimmedTurns(trim: readonly number[]): number {
    return this.#memory.mySender < 0 ? 0 : trim[this.#memory.mySender]!;
  }

  /** Gives the epoch's memory back. Views of it that somebody still holds stay valid. */
  release(): void {
    this.stop();
    this.#inbox?.release();
    this.#relay?.release();
    this.outbox?.release();
    this.#memory.release();
  }
}

/** Of the sequences below `sequences`, how many turns of sender `s` there are. */
function turnsWithin(sequences: number, s: number, senders: number): number {
  return Math.max(0, Math.floor((sequences - s - 1) / senders) + 1);
}

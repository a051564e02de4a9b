import type { MemberId, Transport } from '../../transport/transport.js';
import { CatchUp } from '../durability/replica/catch-up.js';
import { LogAsker } from '../durability/replica/log-asker.js';
import { LogDesk } from '../durability/replica/log-desk.js';
import type { ReadableLog } from '../durability/replica/replica-disk.js';
import type { ReplicaLog } from '../durability/replica/replica-log.js';
import { isAfter } from '../durability/log/catalog.js';
import { type LateReader, TopicHistory } from '../history/topic-history.js';
import { pastOf, wholeClaim } from '../membership/topic-past.js';
import type { Membership } from '../membership/membership.js';
import type { Topic, View } from '../membership/view.js';
import type { Delivery } from '../multicast/delivery.js';
import type { Outbox } from '../multicast/outbox.js';
import type { RingWriter } from '../multicast/ring.js';
import type { Subgroup, SubgroupUser } from '../multicast/subgroup.js';
import type { Board } from '../table/board.js';
import type { Poller } from '../table/poller.js';
import type { HybridClock } from './clock.js';
import type { EventLoop } from './event-loop.js';
import { historyEpoch } from './history-epoch.js';
import { Lifespans } from './lifespans.js';
import { retentionOf } from './log-retention.js';
import { Committed } from './committed.js';
import { BowechoError } from './errors.js';
import { epochBytes } from './memory-room.js';
import { type LoggedReader, Replay, type ReplayTopic } from './replay.js';
import type { Version } from './sample-info.js';
import { Settled } from './settled.js';
import { TurnWaiters } from './turn-waiters.js';

/** The parts of a participant that its topics, writers and readers work with. */
export interface Engine {
  readonly self: MemberId;
  readonly transport: Transport;
  readonly board: Board;
  readonly membership: Membership;
  readonly poller: Poller;
  readonly loop: EventLoop;
  readonly clock: HybridClock;
  /** Of the memory that all members on this host share. */
  freeBytes(): number;
}

/** A reader, as its topic sees it. */
export interface Acceptor {
  accept(message: Delivery): void;
  /** The next message is the first of a new epoch. */
  epochBegan(): void;
  /** Nothing more can be taken now, and somebody is consuming: the topic waits. */
  readonly holding: boolean;
}

/** A writer that waits for room: `retry` gives true once it waits no more. */
export interface Waiter {
  retry(): boolean;
}

/** A writer that fills a frame of the ring in place. */
export interface Borrower {
  /** Moves what was filled so far out of the ring. */
  moveOut(): void;
}

/** Somebody who writes whenever there is room. */
export interface Producer {
  /** Writes a run of samples, of `samplesMin` at least where there are so many and there is room. */
  produce(samplesMin: number): 'more' | 'blocked' | 'done';
}

/**
 * One topic at one participant: it joins local readers and writers with the subgroup that serves the topic in the present view, across
 * epochs.
 */
export class TopicHub implements SubgroupUser {
  readonly name: string;
  readonly engine: Engine;
  full = false;
  waiting = false;
  loaned = false;
  /** My ring in the present epoch; `writable` says whether it can be written to. */
  ring: RingWriter | undefined;
  topic: Topic | undefined;
  readonly #lifespans = new Lifespans();
  /** Where this participant is a replica of it. */
  log: ReplicaLog | undefined;
  #catchUp: CatchUp | undefined;
  #desk: LogDesk | undefined;
  /** Where it is none. */
  #asker: LogAsker | undefined;
  /** Readers that get what the log has, and those of them for whom the topic waits. */
  readonly #replays = new Map<Acceptor, Replay>();
  readonly #held = new Set<Replay>();
  #ended: Error | undefined;
  /** The epoch in which the domain was told that the log is whole. */
  #claimedIn = -1;
  subgroup: Subgroup | undefined;
  #ringBytesMax = 0;
  #readers: readonly Acceptor[] = [];
  /** The only reader, where nothing is kept for late ones. */
  #only: Acceptor | undefined;
  readonly #roomWaiters: Waiter[] = [];
  readonly #producers: Producer[] = [];
  readonly #stableWaiters = new TurnWaiters();
  readonly #commitWaiters = new TurnWaiters();
  /** How far the topic is committed, where it is persistent. */
  readonly commits = new Committed(() => this.watch());
  /** How far its past is settled, where it is persistent. */
  readonly settled: Settled;
  #growRequested = -1;
  #borrower: Borrower | undefined;
  #slot = -1;
  /** Where this participant holds what the topic keeps for late readers. */
  #history: TopicHistory | undefined;
  #historyWaits = false;

  constructor(name: string, engine: Engine) {
    this.name = name;
    this.engine = engine;
    this.settled = new Settled(this, engine.clock);
  }

  // ---- delivering ----

  /** `reader` gets what the log has first: from behind `after` on, or as its HISTORY says. Once only. */
  addLoggedReader(reader: LoggedReader & Acceptor, after: Version | undefined): void {
    if (this.#replays.has(reader) || this.#readers.includes(reader)) return;
    this.#replays.set(reader, new Replay(this.#replayTopic(reader), reader, after));
    this.watch();
  }

  #replayTopic(reader: LoggedReader & Acceptor): ReplayTopic {
    const hub = this as TopicHub;
    return {
      get log() {
        return hub.readable!;
      },
      get isWhole() {
        return hub.isWhole;
      },
      get missing() {
        return hub.#missing;
      },
      isDurable: (version) => this.#isDurable(version),
      lifespans: this.#lifespans,
      nowUs: () => {
        this.engine.clock.look();
        return this.engine.clock.lastUs;
      },
      get delivered() {
        const { subgroup } = hub;
        if (subgroup === undefined) return { epoch: -1, sequence: -1 };
        return { epoch: subgroup.layout.epoch, sequence: subgroup.delivered - 1 };
      },
      hold: (replay, held) => {
        if (held) this.#held.add(replay);
        else this.#held.delete(replay);
        this.updateFull();
      },
      caughtUp: () => {
        this.#replays.delete(reader);
        this.addReader(reader);
        reader.historyEnded(0, undefined);
      },
    };
  }

  /** What `reader` takes, or the log, has moved. */
  pokeReplay(reader: Acceptor): void {
    this.#replays.get(reader)?.poke();
  }

  /** False where it was there already. */
  addReader(reader: Acceptor): boolean {
    if (this.#readers.includes(reader)) return false;
    this.#readers = [...this.#readers, reader];
    this.#updateOnly();
    return true;
  }

  removeReader(reader: Acceptor): void {
    this.#replays.get(reader)?.end();
    this.#replays.delete(reader);
    this.#readers = this.#readers.filter((other) => other !== reader);
    this.#updateOnly();
    this.updateFull();
  }

  #updateOnly(): void {
    this.#only = this.#readers.length === 1 && this.#history === undefined ? this.#readers[0] : undefined;
  }

  deliver(message: Delivery): void {
    if (this.#only !== undefined) this.#only.accept(message);
    else this.#deliverToAll(message);
  }

  #deliverToAll(message: Delivery): void {
    const readers = this.#readers;
    if (this.#history !== undefined && !this.#history.pass(message, readers)) return;
    for (let r = 0; r < readers.length; r++) readers[r]!.accept(message);
  }

  /** A reader has begun or ceased to hold the topic back. */
  updateFull(): void {
    const holding = this.#readers.some((reader) => reader.holding);
    const gated = this.#history?.gated === true || this.#held.size > 0;
    if ((this.full && !holding) || gated) this.#wakePoller();
    this.full = holding || gated;
  }

  // ---- history for late readers ----

  /** `reader`, which was just added, asks for what was kept before the present epoch. */
  addLateReader(reader: LateReader): void {
    this.#history?.addReader(reader);
    this.#historyWaits = true;
    this.updateFull();
    this.#updateWaiting();
  }

  /** A new epoch: the topic's history is held, goes on being held, or is held no more. */
  #beginHistory(view: View): void {
    const { engine } = this;
    const epoch = this.topic && historyEpoch(view, this.topic);
    if (epoch === undefined || !epoch.holders.some(({ member }) => member === engine.self)) {
      this.#history?.cease();
      this.#dropHistory();
    } else {
      this.#history ??= new TopicHistory(engine.transport, this.name, (slot) => engine.board.mark(slot));
      this.#history.begin(epoch);
    }
    this.#updateOnly();
    this.updateFull();
    this.#updateWaiting();
  }

  /** Once nobody is left who is to get anything of it, the history is gone. */
  #dropHistory(): void {
    if (this.#history?.over === true || this.#readers.length === 0) this.#history = undefined;
  }

  #stepHistory(history: TopicHistory): void {
    // Whoever has just opened a reader comes first: it is to have begun to consume.
    if (this.#historyWaits) {
      this.#historyWaits = false;
      this.engine.loop.endTurn();
      this.#wakePoller();
      return;
    }
    if (history.step((target) => this.#readers.some((reader) => reader === target))) this.#wakePoller();
    if (history.over) {
      this.#dropHistory();
      this.#updateOnly();
    }
    this.updateFull();
  }

  // ---- the log of a persistent topic ----

  /** This participant keeps the topic in `log`, from the next epoch on in which it is a replica. */
  keepIn(log: ReplicaLog): void {
    if (this.log !== undefined) return;
    const { transport } = this.engine;
    const wake = () => this.#wakePoller();
    this.log = log;
    this.#catchUp = new CatchUp(transport, log, this.#mark, wake);
    this.#desk = new LogDesk(transport, log, this.#mark, wake);
  }

  readonly #mark = (slot: number): void => this.engine.board.mark(slot);

  /** The log to read what was before: this participant's own, or that of a replica; undefined where nobody keeps one. */
  get readable(): ReadableLog | undefined {
    return this.log?.log ?? this.#asker;
  }

  #beginLog({ logs }: View): void {
    const layout = this.subgroup?.layout;
    const origin = logs.find(({ topic }) => topic === this.name);
    if (layout === undefined || origin === undefined) {
      for (const part of [this.#catchUp, this.#desk, this.#asker]) part?.release();
    } else {
      if (this.log === undefined)
        this.#asker ??= new LogAsker(this.engine.transport, this.#mark, () => this.watch());
      this.#catchUp?.begin(layout, origin);
      this.#desk?.begin(layout);
      this.#asker?.begin(layout);
    }
    this.#updateWaiting();
  }

  /** Up to that version, which was delivered, all can be read. */
  #isDurable({ epoch, sequence }: Version): boolean {
    if (this.log === undefined)
      return !isAfter(epoch, sequence, this.committedUpTo.epoch, this.committedUpTo.sequence);
    const { lastEpoch, lastSequence, durableEpoch, durableSequence } = this.log.log;
    return !isAfter(lastEpoch, lastSequence, durableEpoch, durableSequence);
  }

  /** Says to the domain that the log has all of the topic, where that does not know it yet. */
  #claimWhole(): void {
    const { membership, self, loop } = this.engine;
    const epoch = this.subgroup?.layout.epoch;
    if (this.log?.isWhole !== true || epoch === undefined || this.#claimedIn === epoch) return;
    const endpoint = wholeClaim(membership.view, this.name, self);
    if (endpoint === undefined) return;
    this.#claimedIn = epoch;
    membership.request([{ op: 'whole', endpoint }]);
    loop.wake();
  }

  // ---- sending ----

  /** My ring, while it can be written to. */
  get outbox(): Outbox | undefined {
    const { subgroup } = this;
    return subgroup !== undefined && subgroup.open ? subgroup.outbox : undefined;
  }

  /** A writer here lets the ring grow up to so much. */
  allowRing(ringBytesMax: number): void {
    this.#ringBytesMax = Math.max(this.#ringBytesMax, ringBytesMax);
  }

  /** Nobody receives: what is written goes nowhere, at once. */
  get unheard(): boolean {
    const { subgroup } = this;
    return subgroup !== undefined && subgroup.open && subgroup.outbox === undefined;
  }

  lendTo(borrower: Borrower): void {
    this.#borrower = borrower;
    this.loaned = true;
  }

  /** The ring is needed for something else, or the loan is over. */
  unloan(): void {
    this.#borrower?.moveOut();
    this.#borrower = undefined;
    this.loaned = false;
  }

  /** Something was committed to my ring. */
  committed(): void {
    this.#wakePoller();
  }

  #wakePoller(): void {
    if (this.#slot < 0) return;
    this.engine.poller.wake(this.#slot);
    this.engine.loop.wake();
  }

  /** `waiter` is tried again whenever there may be room; a ring that may still grow does. */
  waitForRoom(waiter: Waiter): void {
    this.#roomWaiters.push(waiter);
    this.waiting = true;
    this.#grow();
    this.#wakePoller();
  }

  stopWaiting(waiter: Waiter): void {
    const index = this.#roomWaiters.indexOf(waiter);
    if (index >= 0) this.#roomWaiters.splice(index, 1);
    this.#updateWaiting();
  }

  /** `producer` writes from now on whenever there is room and nobody waits, until it is done. */
  addProducer(producer: Producer): void {
    this.#producers.push(producer);
    this.waiting = true;
    this.#wakePoller();
  }

  removeProducer(producer: Producer): void {
    const index = this.#producers.indexOf(producer);
    if (index >= 0) this.#producers.splice(index, 1);
    this.#updateWaiting();
  }

  /** True where one has written all it had. */
  #produce(turnsOwed: number): boolean {
    let isOneDone = false;
    const producers = this.#producers;
    // From the last one on, since one that is done is taken out.
    for (let p = producers.length - 1; p >= 0; p--) {
      const producer = producers[p];
      if (producer === undefined) continue;
      const outcome = producer.produce(turnsOwed);
      if (outcome === 'blocked') this.#grow();
      if (outcome === 'more') this.#wakePoller();
      if (outcome !== 'done') continue;
      this.removeProducer(producer);
      this.engine.loop.endTurn();
      isOneDone = true;
    }
    return isOneDone;
  }

  #grow(): void {
    const { topic } = this;
    if (topic === undefined || topic.ringBytes >= this.#ringBytesMax || this.#growRequested === topic.epoch)
      return;
    if (this.outbox === undefined) return;
    this.#growRequested = topic.epoch;
    const ringBytes = Math.min(topic.ringBytes * 4, this.#ringBytesMax);
    // A small ring still works; one for which there is no room does not.
    if (epochBytes(this.engine.membership.view, this.name, ringBytes) * 2 > this.engine.freeBytes()) return;
    this.engine.membership.request([{ op: 'grow', topic: this.name, epoch: topic.epoch, ringBytes }]);
    this.engine.loop.wake();
  }

  /** Calls `resolve` once every receiver has all that is in my ring now. */
  whenStable(resolve: () => void): void {
    const turns = this.subgroup?.outbox?.ring.turns ?? 0;
    if (this.subgroup === undefined || this.subgroup.stableTurns() >= turns) {
      resolve();
      return;
    }
    this.#stableWaiters.add(turns, resolve);
    this.waiting = true;
    this.#wakePoller();
  }

  /** Calls `resolve` once every replica has all that is in my ring now on its disk. */
  whenCommitted(resolve: () => void): void {
    const turns = this.subgroup?.outbox?.ring.turns ?? 0;
    if (this.subgroup === undefined || this.subgroup.committedTurns() >= turns) {
      resolve();
      return;
    }
    this.#commitWaiters.add(turns, resolve);
    this.waiting = true;
    this.#wakePoller();
  }

  /** More of the topic is on the disk here. */
  persisted(): void {
    this.#wakePoller();
    for (const replay of [...this.#replays.values()]) replay.poke();
    this.#claimWhole();
    // Where its epoch is at its end, membership waits for that.
    if (this.subgroup?.open === false) this.engine.poller.wake(0);
  }

  /** Somebody waits for what `evaluated` finds. */
  watch(): void {
    this.waiting = true;
    this.#wakePoller();
  }

  /** The log that is read here has the topic from where it begins, as far as that is kept at all. */
  get isWhole(): boolean {
    if (this.log !== undefined) return this.log.isWhole;
    return (this.subgroup?.layout.whole.length ?? 0) > 0;
  }

  /** Why what was before cannot be read here, as long as nobody comes who has it. */
  get #missing(): Error | undefined {
    if ((this.subgroup?.layout.whole.length ?? 0) > 0) return undefined;
    const past = pastOf(this.engine.membership.view, this.name);
    if (past === undefined) return undefined;
    return new BowechoError(
      'BE_PAST_UNKNOWN',
      `readers of topic ${this.name} wait for what was before them: no replica is there that has all of it. It lies in ${past.disks.join(', ')}: start the participant again that has one of these`,
    );
  }

  /** The version up to which everything is committed: of earlier epochs, the last of them too. */
  get committedUpTo(): Version {
    const { subgroup } = this;
    return subgroup === undefined
      ? { epoch: -1, sequence: -1 }
      : { epoch: subgroup.layout.epoch, sequence: subgroup.committed - 1 };
  }

  evaluated(turnsOwed: number): boolean {
    const waited = this.#waiters;
    const waiters = this.#roomWaiters;
    while (waiters.length > 0 && waiters[0]!.retry()) waiters.shift();
    if (this.#stableWaiters.size > 0) this.#stableWaiters.settle(this.subgroup?.stableTurns() ?? 0);
    if (this.#commitWaiters.size > 0) this.#commitWaiters.settle(this.subgroup?.committedTurns() ?? 0);
    let mayGoOn = this.#waiters !== waited;
    if (mayGoOn) this.engine.loop.endTurn();
    if (this.commits.observed && this.subgroup !== undefined) this.commits.look(this.subgroup);
    if (this.settled.watched && this.settled.look()) this.engine.loop.endTurn();
    if (waiters.length === 0 && this.#producers.length > 0) mayGoOn = this.#produce(turnsOwed) || mayGoOn;
    if (this.#history?.active === true) this.#stepHistory(this.#history);
    if (this.#catchUp?.active === true && this.#catchUp.step()) this.#wakePoller();
    if (this.#desk?.active === true && this.#desk.step()) this.#wakePoller();
    if (this.#asker?.active === true && this.#asker.step()) this.#wakePoller();
    if (this.log === undefined) for (const replay of this.#replays.values()) replay.poke();
    this.#updateWaiting();
    return mayGoOn;
  }

  get #waiters(): number {
    return this.#roomWaiters.length + this.#stableWaiters.size + this.#commitWaiters.size;
  }

  #updateWaiting(): void {
    this.waiting =
      this.#waiters + this.#producers.length > 0 ||
      this.#history?.active === true ||
      this.#catchUp?.active === true ||
      this.#desk?.active === true ||
      this.#asker?.active === true ||
      (this.#replays.size > 0 && this.log === undefined) ||
      this.commits.observed ||
      this.settled.watched;
  }

  // ---- views ----

  /** The epoch is over; of my turns, `kept` were delivered, and what follows is sent again in the next. */
  epochEnded(kept: number): void {
    this.#stableWaiters.settle(kept);
    this.#commitWaiters.settle(kept);
    if (this.commits.observed && this.subgroup !== undefined) this.commits.look(this.subgroup);
  }

  /** A view is installed. */
  update(view: View): void {
    this.topic = view.topics.find(({ name }) => name === this.name);
    if (this.topic?.persistent !== undefined) this.#lifespans.follow(view, this.name);
    this.#updateRetention(view);
    const slot = this.topic?.slot ?? -1;
    const subgroup = slot < 0 ? undefined : this.engine.membership.subgroup(slot);
    this.#slot = slot;
    if (subgroup === this.subgroup) return;
    this.subgroup = subgroup;
    for (const reader of this.#readers) reader.epochBegan();
    this.#beginHistory(view);
    this.#beginLog(view);
    this.#claimWhole();
    this.ring = subgroup?.outbox?.ring;
    // What the last epoch did not deliver has been sent again: it is all that the new ring holds.
    const turns = subgroup?.outbox?.ring.turns ?? 0;
    this.#stableWaiters.beginEpoch(turns);
    this.#commitWaiters.beginEpoch(turns);
  }

  /** Where no writer is left, what they asked for still holds. */
  #updateRetention(view: View): void {
    const retention = this.log && retentionOf(view, this.name);
    if (retention !== undefined) this.log?.keep(retention);
  }

  /** The participant is no member any more, for that reason. */
  end(reason: Error): void {
    this.#ended = reason;
    this.commits.end();
    this.settled.end();
    this.#asker?.end(reason);
  }

  /** @throws the reason why the participant is no member any more */
  mustBeOpen(): void {
    if (this.#ended !== undefined) throw this.#ended;
  }

  /** The subgroup can be written to. */
  opened(): void {
    this.settled.opened();
    this.evaluated(0);
    this.#wakePoller();
  }
}

import type { Holding } from '../../history/exchange.js';
import type { Need } from '../../history/exchange-rows.js';
import type { LogOrigin } from '../../membership/log-origins.js';
import { isEndKnown, type TopicPast } from '../../membership/topic-past.js';
import type { Delivery } from '../../multicast/delivery.js';
import type { LogFailure, TopicLog } from '../../multicast/topic-log.js';
import { isAfter } from '../log/catalog.js';
import { type Gap, hasAllAfter } from '../log/gap.js';
import type { Version } from '../log/log-reading.js';
import type { Retention } from '../log/retention.js';
import { answer, completed, run, type Steps } from '../log/steps.js';
import type { ReplicaDisk, ReplicaMark, StoredLog } from './replica-disk.js';

/** So often what was gathered is moved over while more comes; then the topic waits until the rest is. */
const roundsBeforeWait = 3;

/**
 * A replica's log across epochs and restarts (protocol.md, section 8). What it has is always a beginning of the topic's order: while it lacks what was
 * before the epoch in which its member came (back), that comes from another replica, and what is new is gathered in a log beside it. Both count for
 * commit. Once all of it is in the one log, that is marked whole, durably.
 */
export class ReplicaLog implements TopicLog {
  /** Samples, and their bytes, that came from other replicas. */
  samplesTaken = 0;
  bytesTaken = 0;
  readonly #disk: ReplicaDisk;
  readonly #told: () => void;
  #mark: ReplicaMark | undefined;
  /** The lineage is on the disk: nothing is to be kept before. */
  #ready: boolean;
  /** Something was gathered, now or in an earlier run, that is not in the log. */
  #lacking: boolean;
  #epoch = -1;
  /** The epoch from which on what comes is gathered, since something is missing before; −1: the log is whole, or was not begun. */
  #since = -1;
  /** While something is missing: the newest epoch that had ended by then. */
  #ended = -1;
  #beside: StoredLog | undefined;
  #isMoving = false;
  /** Counts how often it was begun to gather: what was under way before is over. */
  #course = 0;
  /** The topic waits until what was gathered is moved over. */
  #waits = false;
  #awaited: { readonly condition: () => boolean; readonly done: () => void } | undefined;
  #failure: LogFailure | undefined;

  /** `moved` is called when more is durable, or can be taken; `this.moved` is to be called whenever the disk's state has moved. */
  constructor(disk: ReplicaDisk, moved: () => void) {
    this.#disk = disk;
    this.#told = moved;
    this.#mark = disk.mark;
    this.#ready = disk.mark !== undefined;
    this.#lacking = disk.lacking;
  }

  /** What is kept in the order of the topic, from the first on. */
  get log(): StoredLog {
    return this.#disk.log;
  }

  /** All of the topic before the present epoch is in the log, and the disk says so. */
  get isWhole(): boolean {
    return this.#since < 0 && this.#epoch >= 0;
  }

  /** Of which topic of which domain it is; undefined before its first epoch. */
  get lineage(): string | undefined {
    return this.#mark?.lineage;
  }

  /**
   * An epoch begins in which this member is a replica; `isWhole`: one that the domain goes by, since its log has all of the topic. Undefined where no replica is:
   * nothing is kept of the epoch, and a restart may know nothing of it.
   */
  begin(epoch: number, { lineage, ended, orphaned }: LogOrigin, isWhole: boolean | undefined): void {
    // Of an epoch whose end only the failed know, what was gathered may be more than there is, or less.
    const goesOn = this.#epoch === ended && !orphaned;
    this.#epoch = epoch;
    if (this.#since >= 0 && goesOn) return;
    // What was gathered is not all that came meanwhile.
    this.#course++;
    this.#since = -1;
    this.#beside = undefined;
    this.#isMoving = this.#waits = false;
    const mark = this.#mark ?? { lineage, wholeBefore: -1, ended: -1 };
    if (isWhole && this.#lacking) {
      this.#lacking = false;
      this.#disk.dropGathered();
    }
    const hasEnded = !this.#lacking && mark.ended === ended;
    if (ended < 0 || isWhole || hasEnded)
      return this.#note(isWhole === undefined ? mark : { ...mark, wholeBefore: epoch });
    this.#lacking = true;
    this.#since = epoch;
    this.#ended = ended;
    const course = this.#course;
    this.#disk.gather(epoch, (log) => {
      if (course === this.#course) this.#beside = log;
      this.moved();
    });
    if (this.#mark === undefined) this.#note(mark);
  }

  /** The newest epoch before which the log has everything: it has a beginning of the topic's order. */
  get #reaches(): number {
    return Math.max(this.#mark?.wholeBefore ?? -1, this.log.lastEpoch);
  }

  #note(mark: ReplicaMark): void {
    this.#mark = mark;
    this.#disk.note(mark, () => {
      this.#ready = true;
      this.moved();
    });
  }

  /** Where a restart has ended an epoch, and this log, on `disk`, goes to its end: says so on the disk, and cuts what lies beyond. */
  settle({ epoch, disks, ended }: TopicPast, disk: string): void {
    if (this.#mark === undefined || this.#lacking || this.#epoch >= 0 || this.#mark.ended >= epoch) return;
    if (ended?.epoch !== epoch || !disks.includes(disk)) return;
    const { lastEpoch, lastSequence } = this.log;
    const isThere = lastEpoch === epoch ? lastSequence >= ended.lastSequence! : ended.lastSequence! < 0;
    if (isThere) this.end(epoch, ended.lastSequence!);
  }

  /** The log is about to be given what it lacks of a topic that rests: calls `done` once the disk says that it lacks something, however far it goes. */
  lack({ epoch }: TopicPast, done: () => void): void {
    this.#lacking = true;
    this.#disk.gather(epoch, done);
  }

  /** The log was given all of a topic that rests: says so on the disk, and then calls `done`. */
  adopt(past: TopicPast, lineage: string, done: () => void): void {
    const { epoch } = past;
    this.#lacking = false;
    this.#mark = { lineage, wholeBefore: epoch, ended: isEndKnown(past) ? epoch : (this.#mark?.ended ?? -1) };
    this.#disk.note(this.#mark, () => {
      this.#ready = true;
      this.#disk.dropGathered();
      done();
    });
  }

  /** Whether the log has all that was committed of a topic that rests: up to its end, or as a replica of its last epoch whose end only the failed know. */
  reachesEndOf(past: TopicPast): boolean {
    const { epoch } = past;
    if (this.#mark === undefined || this.#lacking) return false;
    return this.#mark.ended === epoch || (!isEndKnown(past) && this.#reaches === epoch);
  }

  /** What its member's endpoint says of it where it has all that was committed of a topic that rests. */
  reach(past: TopicPast): { reaches?: number; last?: number } {
    const { epoch } = past;
    if (!this.reachesEndOf(past)) return {};
    return { reaches: epoch, last: this.log.lastEpoch === epoch ? this.log.lastSequence : -1 };
  }

  /** Something of the disk's state has moved. */
  moved(): void {
    const awaited = this.#awaited;
    if (awaited !== undefined && this.failure === undefined && awaited.condition()) {
      this.#awaited = undefined;
      awaited.done();
    }
    this.#told();
  }

  // ---- what is new ----

  get #current(): StoredLog | undefined {
    return this.#since < 0 ? this.log : this.#beside;
  }

  get full(): boolean {
    const log = this.#current;
    return !this.#ready || this.#waits || log === undefined || log.full;
  }

  append(message: Delivery): void {
    this.#current!.append(message);
  }

  get durableEpoch(): number {
    return this.#current?.durableEpoch ?? -1;
  }

  get durableSequence(): number {
    return this.#current?.durableSequence ?? -1;
  }

  end(epoch: number, lastSequence: number): void {
    if (this.#since >= 0) {
      this.#beside?.end(epoch, lastSequence);
      return;
    }
    this.log.end(epoch, lastSequence);
    this.#note({ ...this.#mark!, wholeBefore: Math.max(epoch, this.#mark!.wholeBefore), ended: epoch });
  }

  /** Keeps no more than is said, from the next segment on that is begun. */
  keep(retention: Retention): void {
    this.log.keep(retention);
  }

  get failure(): LogFailure | undefined {
    return this.#failure ?? this.log.failure ?? this.#beside?.failure ?? this.#disk.failure;
  }

  // ---- what was before ----

  /** What another replica is to give; undefined where nothing is missing, or all of it has come. */
  get need(): Need | undefined {
    if (this.#since < 0 || this.#isMoving) return undefined;
    const { lastEpoch, lastSequence } = this.log;
    return { before: this.#ended + 1, afterEpoch: lastEpoch, afterSequence: lastSequence };
  }

  /** What it can give while it lacks something itself: whoever has all of what another one lacks will do. */
  get holding(): Holding {
    const has = Math.max(0, this.#reaches, this.#mark!.ended + 1);
    return { has, suffices: this.#ended + 1 };
  }

  /** What the topic has not is cut: whatever the log has beyond that version. What follows it comes from a log of which `gap` is missing. */
  follow({ epoch, sequence }: Version, gap: Gap | undefined): void {
    const { lastEpoch, lastSequence } = this.log;
    if (isAfter(lastEpoch, lastSequence, epoch, sequence)) this.log.end(epoch, sequence);
    if (gap !== undefined && !hasAllAfter(gap, { epoch, sequence })) this.log.lacks(gap);
  }

  /** The next sample of what is missing. */
  take(message: Delivery): void {
    this.log.append(message);
    this.samplesTaken++;
    this.bytesTaken += message.length;
  }

  /** All that was missing has come: what was gathered meanwhile follows it. */
  taken(): void {
    this.#isMoving = true;
    run(this.#moveOver(), (error) => {
      if (error !== undefined) this.#failure = error as LogFailure;
      this.moved();
    });
  }

  *#moveOver(): Steps<void> {
    const course = this.#course;
    yield* this.#until(() => this.#beside !== undefined);
    const beside = this.#beside;
    if (beside === undefined) return;
    for (let round = 0; round < roundsBeforeWait; round++) yield* this.#moveFrom(beside, course);
    if (this.#course !== course) return;
    this.#waits = true;
    yield* this.#until(() => isDurable(beside));
    yield* this.#moveFrom(beside, course);
    yield* this.#until(() => isDurable(this.log));
    if (this.#course !== course) return;
    const mark = { ...this.#mark!, wholeBefore: this.#epoch };
    yield* completed((done) => this.#disk.note(mark, () => done(undefined)));
    if (this.#course !== course) return;
    this.#mark = mark;
    this.#since = -1;
    this.#beside = undefined;
    this.#isMoving = this.#waits = this.#lacking = false;
    this.#disk.dropGathered();
  }

  *#moveFrom(beside: StoredLog, course: number): Steps<void> {
    const { lastEpoch, lastSequence } = this.log;
    const reader = beside.reading({ from: { epoch: lastEpoch, sequence: lastSequence + 1 } });
    while (this.#course === course && (yield* answer<boolean>((done) => reader.advance(done)))) {
      yield* this.#until(() => !this.log.full);
      if (this.#course === course) this.log.append(reader.entry.asDelivery());
    }
    yield* completed((done) => reader.close(done));
  }

  *#until(condition: () => boolean): Steps<void> {
    while (!condition())
      yield* completed((done) => (this.#awaited = { condition, done: () => done(undefined) }));
  }
}

function isDurable({ lastEpoch, lastSequence, durableEpoch, durableSequence }: StoredLog): boolean {
  return !isAfter(lastEpoch, lastSequence, durableEpoch, durableSequence);
}

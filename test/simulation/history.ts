import type { MemberId } from '../../transport/transport.js';
import type { View } from '../../runtime/membership/view.js';
import type { DeliverAt } from '../../runtime/multicast/subgroup-memory.js';
import { SubgroupColumns } from '../../runtime/multicast/row.js';
import type { LogRecord } from './disk.js';
import * as oracles from './oracles.js';

/** Samples of one writer of one topic at one member, from its opening to its closing. Numbered from 1. */
export interface Stream {
  readonly number: number;
  /** Of its writer at its member, as its frames have it. */
  readonly writerNumber: number;
  readonly writer: MemberId;
  readonly topic: string;
  /** By number - 1: bytes of each sample that was accepted. */
  readonly lengths: number[];
  /** By epoch: the highest number that anyone delivered in it. */
  readonly deliveredIn: Map<number, number>;
  /** By epoch: the highest number that its trim keeps. It went to all who received then, though they may have died before they delivered it. */
  readonly keptIn: Map<number, number>;
  /** By epoch that nobody reads: how many were written before it. They went to all of its readers, since there are none. */
  readonly unreadIn: Map<number, number>;
}

/** The number of the last sample of `stream` of which a reader that begins with epoch `since` has nothing to ask for. */
export function lastBefore(stream: Stream, since: number): number {
  let last = 0;
  for (const done of [stream.deliveredIn, stream.keptIn, stream.unreadIn])
    for (const [epoch, number] of done) if (epoch < since) last = Math.max(last, number);
  return last;
}

/** A sample as a reader got it. */
export interface Delivered {
  readonly member: MemberId;
  readonly topic: string;
  readonly epoch: number;
  /** Place in the round-robin order of the epoch. */
  readonly sequence: number;
  readonly sender: MemberId;
  readonly stream: number;
  readonly number: number;
  readonly length: number;
  /** Of its bytes. */
  readonly hash: number;
  /** The bytes are those that the writer of `stream` gives to its sample `number`. */
  readonly intact: boolean;
  /** Brought by the agreed trim, at the end of the epoch. */
  readonly byTrim: boolean;
}

/** What became of one subgroup in one epoch, all members taken together. */
export interface EpochRecord {
  readonly topic: string;
  readonly epoch: number;
  readonly slot: number;
  readonly ordered: boolean;
  /** Of its members' rows. */
  readonly columns: SubgroupColumns;
  readonly senders: readonly MemberId[];
  readonly receivers: readonly MemberId[];
  readonly replicas: readonly MemberId[];
  /** Those of them that have all of the topic. */
  readonly whole: readonly MemberId[];
  readonly persistent: DeliverAt | undefined;
  /** What the replicas' logs have, by place; each place as it was seen first. */
  readonly logged: LogRecord[];
  /** [sender]: turns of which their writer was told that they are committed. */
  readonly turnsCommitted: number[];
  /** Which replicas have acted on the trim, with how many messages on their disks. */
  readonly logsEnded: Map<MemberId, number>;
  /** Ordered: what was delivered, by place; each place as it was seen first. Raw: the same by sender. */
  readonly order: Delivered[][];
  /** How many each member has delivered, in each list of `order`. */
  readonly counts: Map<MemberId, number[]>;
  /** [sender]: turns up to the latest that anyone delivered. */
  readonly turnsDelivered: number[];
  /** [sender]: turns that were acknowledged to their writer. */
  readonly turnsAcknowledged: number[];
  /** Known to be stable. */
  stable: number;
  trim: readonly number[] | undefined;
  trimmedBy: MemberId | undefined;
  /** Somebody acted on it that suspected every receiver, and it keeps nothing: nobody was left to say what it should keep. */
  keepsNothing: boolean;
  /** The trim keeps only what was delivered by those who are left; what else was committed lies on the disks of the failed. */
  loses: boolean;
  /** It loses, and one of the failed is back: one past the last sequence that the log of that one has. It ends there. */
  logEnd: number | undefined;
  /** The view that says so, and what the trim kept before; `trim` has what the log has beyond it, too. */
  settled: { readonly viewId: number; readonly trim: readonly number[] } | undefined;
  /** Who has acted on the trim, with what it had delivered. */
  readonly ended: Map<MemberId, readonly number[]>;
}

/** What a reader got last from each stream, while it is a receiver without interruption. */
export interface ReaderRecord {
  readonly member: MemberId;
  readonly topic: string;
  /** The epoch from which on it is a receiver. */
  readonly since: number;
  readonly last: Map<number, number>;
}

export interface ViewRecord {
  readonly view: View;
  readonly text: string;
  readonly firstBy: MemberId;
}

/** A view that a member installs, and how its subgroups fare. */
export interface Installed {
  readonly member: MemberId;
  readonly view: View;
  /** Topics that run on in the epoch that they had, and whether they are open and served by the subgroup that served them before. */
  readonly untouched: readonly { topic: string; epoch: number; undisturbed: boolean }[];
  /** Whom it took for dead in the view before. */
  readonly suspects: readonly MemberId[];
}

export interface TrimActed {
  readonly member: MemberId;
  readonly topic: string;
  readonly epoch: number;
  readonly trim: readonly number[];
  /** Some receiver is not suspected by `member`: without one, nobody knows what was received or delivered. */
  readonly readersLeft: boolean;
  /** No replica is left that has all of a persistent topic, so that only the failed know what else was committed. */
  readonly loses?: boolean;
}

/**
 * All that happened in a run, seen from outside, as far as the oracles need it. Every method takes one event, checks what protocol.md,
 * section 7 says of it, and then keeps it.
 *
 * @throws Violation from every method
 */
export class History {
  readonly streams: Stream[] = [];
  readonly epochs = new Map<string, EpochRecord>();
  /** By the name of their region. */
  readonly regions = new Map<string, EpochRecord>();
  readonly readers = new Map<string, ReaderRecord>();
  readonly views = new Map<number, ViewRecord>();
  readonly viewOf = new Map<MemberId, number>();
  readonly crashed = new Set<MemberId>();
  readonly leaving = new Set<MemberId>();
  /** Whom somebody has put that it suspects. */
  readonly accused = new Set<MemberId>();
  readonly singleHost: boolean;

  constructor(options: { singleHost: boolean }) {
    this.singleHost = options.singleHost;
  }

  openStream(writer: MemberId, topic: string, writerNumber: number): Stream {
    const stream: Stream = {
      number: this.streams.length,
      writerNumber,
      writer,
      topic,
      lengths: [],
      deliveredIn: new Map(),
      keptIn: new Map(),
      unreadIn: new Map(),
    };
    this.streams.push(stream);
    return stream;
  }

  epoch(topic: string, epoch: number): EpochRecord | undefined {
    return this.epochs.get(`${topic}@${epoch}`);
  }

  beginEpoch(
    topic: string,
    epoch: number,
    slot: number,
    ordered: boolean,
    senders: readonly MemberId[],
    receivers: readonly MemberId[],
    replicas: readonly MemberId[] = [],
    persistent?: DeliverAt,
    whole: readonly MemberId[] = replicas,
  ): EpochRecord {
    const known = this.epoch(topic, epoch);
    if (known !== undefined) return known;
    const record: EpochRecord = {
      topic,
      epoch,
      slot,
      ordered,
      columns: new SubgroupColumns(senders.length),
      senders,
      receivers,
      replicas,
      whole,
      persistent,
      logged: [],
      turnsCommitted: senders.map(() => 0),
      logsEnded: new Map(),
      order: ordered ? [[]] : senders.map(() => []),
      counts: new Map(),
      turnsDelivered: senders.map(() => 0),
      turnsAcknowledged: senders.map(() => 0),
      stable: 0,
      trim: undefined,
      trimmedBy: undefined,
      keepsNothing: false,
      loses: false,
      logEnd: undefined,
      settled: undefined,
      ended: new Map(),
    };
    this.epochs.set(`${topic}@${epoch}`, record);
    this.regions.set(`group${slot}.${epoch}`, record);
    return record;
  }

  /** Its writer comes to an epoch that nobody reads: what it has not got through by then nobody will ask for. */
  beginUnread(writer: MemberId, topic: string, epoch: number): void {
    for (const stream of this.streams)
      if (stream.writer === writer && stream.topic === topic && !stream.unreadIn.has(epoch))
        stream.unreadIn.set(epoch, stream.lengths.length);
  }

  reader(member: MemberId, topic: string, epoch: number): ReaderRecord {
    const key = `${member}/${topic}`;
    let record = this.readers.get(key);
    if (record === undefined)
      this.readers.set(key, (record = { member, topic, since: epoch, last: new Map() }));
    return record;
  }

  /** The reader is no receiver any more: what it gets later has nothing to do with what it got. */
  forgetReader(member: MemberId, topic: string): void {
    this.readers.delete(`${member}/${topic}`);
  }

  countsOf(record: EpochRecord, member: MemberId): number[] {
    let counts = record.counts.get(member);
    if (counts === undefined) record.counts.set(member, (counts = record.order.map(() => 0)));
    return counts;
  }

  /** `stableInTruth` is asked for only where it matters. */
  delivered(record: EpochRecord, event: Delivered, stableInTruth: () => number): void {
    const s = record.senders.indexOf(event.sender);
    oracles.nothingInvented(this, record, event);
    const reader = this.reader(event.member, event.topic, event.epoch);
    oracles.fifoAtMostOnce(reader, event);
    const stream = this.streams[event.stream]!;
    oracles.noGap(reader.last.get(event.stream) ?? lastBefore(stream, reader.since), event);
    const list = record.ordered ? 0 : s;
    const counts = this.countsOf(record, event.member);
    oracles.agreementAndOrder(record, list, counts[list]!, event);
    oracles.stableBeforeDelivery(record, event, stableInTruth);
    const turn = Math.floor(event.sequence / record.senders.length);
    if (isBinding(record) || record.logEnd !== undefined) oracles.nothingBeyondTrim(record, s, turn, event);
    record.order[list]![counts[list]!] ??= event;
    counts[list]! += 1;
    reader.last.set(event.stream, event.number);
    const { deliveredIn } = stream;
    deliveredIn.set(event.epoch, Math.max(deliveredIn.get(event.epoch) ?? 0, event.number));
    record.turnsDelivered[s] = Math.max(record.turnsDelivered[s]!, turn + 1);
  }

  acknowledged(topic: string, epoch: number, sender: MemberId, turns: number): void {
    const record = this.epoch(topic, epoch)!;
    const s = record.senders.indexOf(sender);
    record.turnsAcknowledged[s] = Math.max(record.turnsAcknowledged[s]!, turns);
    if (isBinding(record)) oracles.acknowledgedIsKept(record);
  }

  /** A member has delivered what the trim brings. */
  trimActed(event: TrimActed): void {
    const record = this.epoch(event.topic, event.epoch)!;
    oracles.oneTrim(record, event);
    if (record.trim === undefined) {
      record.trim = event.trim;
      record.trimmedBy = event.member;
    }
    if (event.loses === true) record.loses = true;
    if (!event.readersLeft && event.trim.every((turns) => turns === 0)) record.keepsNothing = true;
    if (record.receivers.includes(event.member)) {
      const counts = this.countsOf(record, event.member);
      oracles.virtualSynchrony(record, event.member, counts);
      record.ended.set(event.member, [...counts]);
    }
    if (!isBinding(record)) return;
    oracles.trimCoversDelivered(record, event.trim);
    oracles.acknowledgedIsKept(record);
  }

  installed(event: Installed): void {
    const { member, view } = event;
    oracles.viewsInOrder(this.viewOf.get(member), event);
    const text = JSON.stringify(view);
    oracles.oneMembershipPerView(this.views.get(view.viewId), text, event);
    if (!this.views.has(view.viewId)) this.views.set(view.viewId, { view, text, firstBy: member });
    const before = this.views.get(view.viewId - 1)?.view;
    if (before !== undefined && this.viewOf.has(member)) {
      oracles.majoritySurvives(this, before, event);
      oracles.joinersDoNotOutnumber(this, before, event);
      oracles.epochsFollowViews(before, event);
    }
    oracles.untouchedRunsOn(event);
    this.viewOf.set(member, view.viewId);
  }
}

/**
 * Whether the trim is to keep what was delivered and acknowledged. It is, but where every receiver has failed and the trim keeps nothing: what
 * was delivered, only the failed know, and nobody is left to whom anything is owed. Whoever of the receivers goes on nevertheless, by acting
 * on the trim, makes it binding. Nor is it where no replica is left: what the failed delivered, and were told, is on their disks; see `Logs.installed`.
 */
export function isBinding(record: EpochRecord): boolean {
  return !record.loses && (!record.keepsNothing || record.ended.size > 0);
}

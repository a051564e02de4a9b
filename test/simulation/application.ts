import { FrameHeader, frameKind, kindWord } from '../../runtime/multicast/frame.js';
import type { Subgroup } from '../../runtime/multicast/subgroup.js';
import type { TopicTerms, View } from '../../runtime/membership/view.js';
import { Backlog } from './backlog.js';
import type { Stream } from './history.js';
import { fillSample, sampleBytesMin } from './samples.js';
import type { WriterInfo } from './served-topic.js';
import type { Station } from './station.js';
import type { TopicPlan } from './topics.js';
import { Unkept } from './unkept.js';
import type { World } from './world.js';

/** Rings grow no further. */
const ringBytesMax = 65_536;

interface Writing {
  readonly endpoint: number;
  readonly stream: Stream;
  /** In its frames. */
  readonly number: number;
  readonly instances: number;
  /** A view has it: only then it may write. */
  isOpen: boolean;
  /** What was heard last of its turns: how many are stable, and of which subgroup. */
  acknowledged: number;
  committed: number;
  acknowledgedBy: Subgroup | undefined;
  /** Of its last sample. */
  timeUs: number;
}

/** What opens, writes and closes at one member. */
export class Application {
  readonly writing = new Map<string, Writing>();
  /** Of its writers that have more to write than there is room for, by topic. */
  readonly backlogs = new Map<string, Backlog>();
  /** Topic to endpoint. */
  readonly reading = new Map<string, number>();
  readonly #unkept = new Map<string, Unkept>();
  readonly #world: World;
  readonly #station: Station;
  #endpoint: number;
  #writers = 0;

  constructor(world: World, station: Station) {
    this.#world = world;
    this.#station = station;
    this.#endpoint = world.countFrom;
  }

  openReader({ name, terms, history }: TopicPlan): void {
    if (this.reading.has(name) || this.#station.isWitness) return;
    const id = ++this.#endpoint;
    this.reading.set(name, id);
    const holds = history !== undefined && this.#station.depthOf(name) > 0;
    const stores = this.#station.asksForLess(name) ? {} : this.#stores(name, terms);
    const endpoint = {
      id,
      role: 'reader' as const,
      topic: name,
      info: null,
      ...(holds && { holds }),
      ...stores,
    };
    this.#station.membership!.request([{ op: 'open', endpoint, terms }]);
  }

  openWriter({ name, terms, history }: TopicPlan): void {
    if (this.writing.has(name) || this.#station.isWitness) return;
    const id = ++this.#endpoint;
    const number = ++this.#writers;
    const stream = this.#world.history.openStream(this.#station.id, name, number);
    const instances = history?.instances ?? 1;
    const unheard = { isOpen: false, acknowledged: 0, committed: 0, acknowledgedBy: undefined, timeUs: 0 };
    this.writing.set(name, { endpoint: id, stream, number, instances, ...unheard });
    const backlog = Backlog.of(
      this.#world.scenario,
      this.#station.id,
      name,
      (random) => Math.max(sampleBytesMin, this.#world.sampleBytes(name, random)),
      {
        write: (bytes) => this.write(name, bytes),
        hasRoom: (bytes) => this.#subgroupOf(name)?.outbox?.hasRoom(bytes) === true,
      },
    );
    if (backlog !== undefined) this.backlogs.set(name, backlog);
    const info: WriterInfo = { number };
    const holds = history !== undefined;
    const stores = this.#stores(name, terms);
    const endpoint = { id, role: 'writer' as const, topic: name, info, ...(holds && { holds }), ...stores };
    this.#station.membership!.request([{ op: 'open', endpoint, terms }]);
  }

  /** Whoever has a disk is a replica of the persistent topics that it reads or writes. */
  #stores(
    topic: string,
    { persistent }: TopicTerms,
  ): { stores?: true; disk?: string; reaches?: number; last?: number } {
    return persistent !== undefined && this.#station.disk !== undefined
      ? this.#station.keep(topic)!.terms()
      : {};
  }

  /** Closes one of the two ends, if it is open. What its writer had not got through is not asked for any more. */
  close(topic: string, role: 'reader' | 'writer'): void {
    const endpoint = role === 'reader' ? this.reading.get(topic) : this.writing.get(topic)?.endpoint;
    if (endpoint === undefined) return;
    if (role === 'reader') this.reading.delete(topic);
    else {
      this.writing.delete(topic);
      this.backlogs.delete(topic);
    }
    this.#station.membership!.request([{ op: 'close', endpoint }]);
  }

  /** Takes no part in a topic any more. */
  closeAll(topic: string): void {
    this.close(topic, 'reader');
    this.close(topic, 'writer');
  }

  /** Asks for a ring twice as large. */
  grow(name: string): void {
    const topic = this.#station.membership!.view.topics.find((known) => known.name === name);
    if (topic === undefined || topic.ringBytes >= ringBytesMax) return;
    const ringBytes = topic.ringBytes * 2;
    this.#station.membership!.request([{ op: 'grow', topic: name, epoch: topic.epoch, ringBytes }]);
  }

  #subgroupOf(topic: string): Subgroup | undefined {
    const slot = this.#station.membership?.view.topics.find(({ name }) => name === topic)?.slot;
    return slot === undefined ? undefined : this.#station.membership!.subgroup(slot);
  }

  /** There may be something to do in `topic`; false where it is not in the view. */
  wake(topic: string): boolean {
    const slot = this.#station.membership?.view.topics.find(({ name }) => name === topic)?.slot;
    if (slot !== undefined) this.#station.poller.wake(slot);
    return slot !== undefined;
  }

  /** Its writer of `topic` has samples that wait for room. */
  waits(topic: string): boolean {
    const backlog = this.backlogs.get(topic);
    return backlog !== undefined && backlog.left > 0;
  }

  /** Writes of what waits as much as there is room for; true where that was all. */
  writeBacklog(topic: string, turnsOwed: number): boolean {
    const backlog = this.backlogs.get(topic);
    if (backlog === undefined || backlog.left === 0) return false;
    const hindered = backlog.write(turnsOwed);
    if (hindered === 'others') this.wake(topic);
    if (hindered === 'room' && turnsOwed > 0) this.#world.tally.meet('owesWithoutRoom');
    return hindered === undefined;
  }

  /** Writes one sample; false where there is no room now, or nobody to write to. */
  write(topic: string, bytes: number): boolean {
    const writing = this.writing.get(topic);
    const subgroup = this.#subgroupOf(topic);
    if (writing === undefined || subgroup?.outbox === undefined || !subgroup.open) return false;
    writing.isOpen ||= this.#isInView(writing.endpoint);
    if (!writing.isOpen) return false;
    const { stream, instances } = writing;
    const { outbox } = subgroup;
    const number = stream.lengths.length + 1;
    const length = Math.max(sampleBytesMin, bytes);
    const { turns } = outbox.ring;
    const header = new FrameHeader(kindWord(frameKind.data, 0, writing.number));
    header.setInstance(number % instances, 0);
    header.floats[2] = this.#world.countFrom + number;
    header.floats[FrameHeader.timeFloat] = this.#station.timeNow();
    if (length > outbox.ring.payloadMax) {
      const memory = outbox.openLarge(length);
      if (memory === undefined) return false;
      fillSample(memory, outbox.largeOffset, length, stream.number, number);
      outbox.commitLarge(length, header);
    } else {
      if (!outbox.open(length)) return false;
      fillSample(outbox.ring.memory, outbox.ring.payloadStart, length, stream.number, number);
      outbox.ring.commit(length, header);
    }
    stream.lengths.push(length);
    this.#station.wrote(header.floats[FrameHeader.timeFloat]!, writing.timeUs);
    writing.timeUs = header.floats[FrameHeader.timeFloat]!;
    this.#unkeptOf(topic).wrote(stream, number, turns);
    this.#station.poller.wake(subgroup.layout.slot);
    return true;
  }

  /** The trim of an epoch of `topic` keeps `turns` of this member's. */
  epochEnded(topic: string, epoch: number, turns: number): void {
    this.#unkeptOf(topic).epochEnded(epoch, turns);
  }

  /** What the epochs before left of what was written is sent again in those that begin with `view`. */
  installed({ topics, viewId, pasts = [] }: View): void {
    for (const { topic, ended } of pasts)
      if (ended !== undefined) this.#unkept.get(topic)?.epochSettled(ended.epoch);
    for (const [name, unkept] of this.#unkept)
      if (!topics.some((topic) => topic.name === name)) unkept.dropped();
    for (const { name, slot, epoch } of topics) {
      if (epoch !== viewId) continue;
      const isSender = this.#station.membership!.subgroup(slot)?.outbox !== undefined;
      if (isSender) this.#unkeptOf(name).sentAgain(this.#world.fresh.firstTurnOf(`group${slot}.${epoch}`));
      else this.#unkeptOf(name).dropped();
    }
  }

  #unkeptOf(topic: string): Unkept {
    let unkept = this.#unkept.get(topic);
    if (unkept === undefined) this.#unkept.set(topic, (unkept = new Unkept()));
    return unkept;
  }

  #isInView(endpoint: number): boolean {
    const { id, membership } = this.#station;
    return membership!.view.endpoints.some((known) => known.member === id && known.id === endpoint);
  }

  /** Hears how many of its turns every receiver has, and how many every replica has on its disk. */
  acknowledge(): void {
    for (const [topic, writing] of this.writing) {
      const slot = this.#station.view!.topics.find(({ name }) => name === topic)?.slot;
      const subgroup = slot === undefined ? undefined : this.#station.membership!.subgroup(slot);
      if (subgroup?.outbox === undefined || !subgroup.open) continue;
      const turns = subgroup.stableTurns();
      const committed = subgroup.committedTurns();
      const known = subgroup === writing.acknowledgedBy;
      if (known && turns === writing.acknowledged && committed === writing.committed) continue;
      writing.acknowledgedBy = subgroup;
      writing.acknowledged = turns;
      writing.committed = committed;
      this.#world.acknowledged(topic, subgroup.layout.epoch, this.#station.id, turns, committed);
    }
  }
}

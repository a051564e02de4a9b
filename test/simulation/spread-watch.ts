import { type Group as SpreadGroup, scheduleOf } from '../../runtime/multicast/rdmc/plan.js';
import { racksOf } from '../../runtime/multicast/rdmc/racks.js';
import type { Schedule } from '../../runtime/multicast/rdmc/schedule.js';
import { announcementIn, spreadColumns } from '../../runtime/multicast/rdmc/spread-rows.js';
import { Transfer } from '../../runtime/multicast/rdmc/transfer.js';
import type { MemberId } from '../../transport/transport.js';
import type { EpochRecord } from './history.js';
import { rackInfoOf } from './large.js';
import * as oracles from './spread-oracles.js';
import type { Station } from './station.js';
import type { World } from './world.js';

export interface Put {
  readonly source: MemberId;
  readonly region: string;
  readonly start: number;
  readonly end: number;
  readonly to?: MemberId | undefined;
}

/** A message on its way, as its sender's own memory has it. */
interface Spreading {
  readonly transfer: Transfer;
  readonly firstStep: number;
  /** The same in whatever epoch: what it begins with. */
  readonly identity: string;
  /** By member: its part, gone through as it sends, and as it takes. */
  readonly schedules: Map<string, Schedule>;
  /** Blocks and the racks into which they have come from another. */
  readonly intoRacks: Set<string>;
}

/** One sender's large messages in one epoch. */
interface Group {
  readonly record: EpochRecord;
  readonly members: readonly MemberId[];
  /** By member, where all say theirs, and that makes a difference. */
  readonly racks: ReadonlyMap<MemberId, string> | undefined;
  /** What their schedules go by. */
  readonly over: SpreadGroup;
  readonly messages: Spreading[];
  /** By member: so many of them count as received there. */
  readonly received: Map<MemberId, number>;
}

const bytesOf = (column: number) => column * 8;

/** Follows every block of every large message by the counters that members put, as whoever sees all of them can. */
export class SpreadWatch {
  readonly #world: World;
  readonly #groups = new Map<string, Group>();
  /** By topic and epoch, member and message: the blocks that it has. */
  readonly #held = new Map<string, Set<number>>();
  readonly #begun = new Set<EpochRecord>();

  constructor(world: World) {
    this.#world = world;
  }

  look(station: Station, { region, start, end, to }: Put): void {
    if (region.includes('.relay')) return;
    const [, rows, s] = /^(group[\d.]+)\.rdmc(\d+)$/.exec(region) ?? [];
    const record = station.recordOf(rows ?? region);
    if (record === undefined) return;
    if (rows === undefined) {
      if (start === 0 && region.startsWith('group')) this.#checkReceived(station, region, record);
      return;
    }
    if (end - start !== 8) return;
    const group = this.#groupOf(region, record, Number(s));
    if (start === bytesOf(spreadColumns.sent)) this.#sent(station, region, group, to!);
    else if (start === bytesOf(spreadColumns.taken)) this.#took(station, region, group, to!);
    else if (start === bytesOf(spreadColumns.shown)) this.#world.tally.meet('resumed');
    else if (start === bytesOf(spreadColumns.finished)) this.#world.tally.meet('finished');
  }

  #groupOf(region: string, record: EpochRecord, s: number): Group {
    let group = this.#groups.get(region);
    if (group !== undefined) return this.#caughtUp(region, group);
    const sender = record.senders[s]!;
    const members = [sender, ...record.receivers.filter((receiver) => receiver !== sender)];
    const said = this.#racksSaid(members);
    const over = { members: members.length, racks: racksOf(members, said) };
    const racks = over.racks && said;
    group = { record, members, racks, over, messages: [], received: new Map() };
    this.#groups.set(region, group);
    this.#begin(record);
    return this.#caughtUp(region, group);
  }

  #racksSaid(members: readonly MemberId[]): Map<MemberId, string> {
    const { scenario } = this.#world;
    return new Map(
      members.flatMap((member) => {
        const info = rackInfoOf(scenario, member);
        return info === undefined ? [] : [[member, info.rack]];
      }),
    );
  }

  /** Whoever was a receiver in the epoch before has what it had. */
  #begin(record: EpochRecord): void {
    const { topic, epoch, receivers } = record;
    if (this.#begun.has(record)) return;
    this.#begun.add(record);
    const before = [...this.#world.history.epochs.values()]
      .filter((other) => other.topic === topic && other.epoch < epoch)
      .at(-1);
    if (before === undefined) return;
    for (const [key, blocks] of [...this.#held]) {
      const [of, member, identity] = key.split('/') as [string, string, string];
      if (of !== nameOf(before)) continue;
      const stayed = before.receivers.includes(Number(member)) && receivers.includes(Number(member));
      if (stayed) this.#held.set(`${nameOf(record)}/${member}/${identity}`, new Set(blocks));
    }
  }

  /** Looks what the sender has announced. What it sends again it announces before anyone knows of the epoch. */
  #caughtUp(region: string, group: Group): Group {
    const { members, messages, over } = group;
    const { regions } = this.#world.stations.get(members[0]!)!;
    const f64 = regions.get(region)?.memory.f64;
    if (f64 === undefined) return group;
    for (let number = messages.length; number < f64[spreadColumns.announced]!; number++) {
      const announced = announcementIn(f64, number);
      const firstStep = messages.at(-1)?.transfer.endStep ?? 0;
      const transfer = new Transfer(number, announced, firstStep, over, 0);
      const { u32 } = regions.get(region.replace(/rdmc\d+$/, `large${announced.index}`))!.memory;
      const [stream, sample] = u32.subarray(announced.offset >>> 2);
      const identity = `${stream}.${sample}`;
      messages.push({ transfer, firstStep, identity, schedules: new Map(), intoRacks: new Set() });
    }
    return group;
  }

  #sent(station: Station, region: string, group: Group, to: MemberId): void {
    const step = station.regions.get(region)!.memory.f64[spreadColumns.sent]! - 1;
    const message = messageOf(group, step);
    const schedule = scheduleAt(group, message, station.id, step, 'sends');
    const sent = { region, step, block: schedule.sendBlock, from: station.id, to };
    oracles.asScheduled(sent, group.members[schedule.sendTo]);
    const isSender = station.id === group.members[0];
    oracles.sentOnceHeld(sent, isSender || this.#blocksOf(group, message, station.id).has(sent.block));
    oracles.noBlockTwice(sent, this.#blocksOf(group, message, to).has(sent.block));
    this.#cameIntoRack(group, message, sent);
  }

  #cameIntoRack({ racks }: Group, { intoRacks }: Spreading, sent: oracles.BlockSent): void {
    const rack = racks?.get(sent.to);
    if (rack === undefined || racks?.get(sent.from) === rack) return;
    this.#world.tally.meet('spreadByRacks');
    const key = `${sent.block} ${rack}`;
    oracles.intoRackOnce(sent, rack, intoRacks.has(key));
    intoRacks.add(key);
  }

  #took(station: Station, region: string, group: Group, from: MemberId): void {
    const step = station.regions.get(region)!.memory.f64[spreadColumns.taken]! - 1;
    const message = messageOf(group, step);
    const schedule = scheduleAt(group, message, station.id, step, 'takes');
    const taken = { region, step, block: schedule.receiveBlock, from, to: station.id };
    const row = this.#world.stations.get(from)!.regions.get(region)?.memory.f64;
    const isSent = row !== undefined && row[spreadColumns.sent]! > step;
    oracles.takenAsScheduled(taken, group.members[schedule.receiveFrom], isSent);
    this.#blocksOf(group, message, station.id).add(taken.block);
  }

  /** A row is put: whatever it counts as received is there. */
  #checkReceived(station: Station, region: string, record: EpochRecord): void {
    const row = station.regions.get(region)!.memory.f64;
    record.senders.forEach((sender, s) => {
      const name = `${region}.rdmc${s}`;
      if (sender === station.id || !record.receivers.includes(station.id)) return;
      const group = this.#groupOf(name, record, s);
      const turns = row[record.columns.numReceived + s]!;
      let received = group.received.get(station.id) ?? 0;
      for (; received < group.messages.length; received++) {
        const message = group.messages[received]!;
        const { announced, blocks, number } = message.transfer;
        if (announced.turn >= turns) break;
        const has = this.#blocksOf(group, message, station.id).size;
        oracles.receivedAsAWhole(station.id, name, number, has, blocks);
      }
      group.received.set(station.id, received);
    });
  }

  #blocksOf({ record }: Group, { identity }: Spreading, member: MemberId): Set<number> {
    const key = `${nameOf(record)}/${member}/${identity}`;
    let blocks = this.#held.get(key);
    if (blocks === undefined) this.#held.set(key, (blocks = new Set()));
    return blocks;
  }
}

function nameOf({ topic, epoch }: EpochRecord): string {
  return `${topic}@${epoch}`;
}

function messageOf({ messages }: Group, step: number): Spreading {
  return messages.find(({ transfer }) => step < transfer.endStep)!;
}

/** The part of `member` in this message, at `step`, which is never before the one that was asked for last. */
function scheduleAt(
  { members, over }: Group,
  { transfer, firstStep, schedules }: Spreading,
  member: MemberId,
  step: number,
  what: 'sends' | 'takes',
): Schedule {
  const key = `${member} ${what}`;
  let schedule = schedules.get(key);
  if (schedule === undefined) {
    const { kind } = transfer.announced;
    schedule = scheduleOf(kind, over, transfer.blocks, members.indexOf(member));
    schedules.set(key, schedule);
  }
  while (schedule.step < step - firstStep && schedule.advance());
  return schedule;
}

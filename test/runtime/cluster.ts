import assert from 'node:assert/strict';
import { SimulatedNetwork, type SimulatedNetworkOptions } from '../../transport/simulated/network.js';
import type { MemberId, Region, Transport } from '../../transport/transport.js';
import { LogicalClock } from '../../runtime/multicast/logical-clock.js';
import { FrameHeader, frameKind, kindWord } from '../../runtime/multicast/frame.js';
import type { SubgroupUser } from '../../runtime/multicast/subgroup.js';
import { MembershipError } from '../../runtime/membership/errors.js';
import { wholeClaim } from '../../runtime/membership/topic-past.js';
import { Membership } from '../../runtime/membership/membership.js';
import type { SuspicionReason } from '../../runtime/membership/suspicion-reason.js';
import { firstView, type Json, type TopicTerms, type View } from '../../runtime/membership/view.js';
import { Board } from '../../runtime/table/board.js';
import { Poller } from '../../runtime/table/poller.js';
import { SeededRandom } from '../../transport/simulated/random.js';
import { SimulatedDisk } from '../simulation/disk.js';

export const atomicTerms: TopicTerms = { ordered: true, ringBytes: 4096, largeBytes: 1 << 20, info: null };
export const rawTerms: TopicTerms = { ...atomicTerms, ordered: false };
export const persistentTerms: TopicTerms = { ...atomicTerms, persistent: 'commit' };

/** One member of a simulated cluster: the production core, driven by arrivals and by a beat every 10 ms. */
export class SimulatedMemberCore {
  readonly id: MemberId;
  readonly transport: Transport;
  readonly cluster: Cluster;
  readonly board: Board;
  readonly poller: Poller;
  /** Keeps the views once it is opened for a topic. */
  readonly disk: SimulatedDisk;
  membership!: Membership;
  readonly views: View[] = [];
  /** By topic: what was delivered, as `sender:number@epoch`. */
  readonly delivered = new Map<string, string[]>();
  readonly pendingJoins: MemberId[] = [];
  /** Everything that this member ever allocated, by name. */
  readonly regions = new Map<string, Region>();
  readonly suspected: { member: MemberId; reason: SuspicionReason; error?: Error }[] = [];
  state: 'joining' | 'member' | 'left' | 'halted' | 'crashed' = 'joining';
  haltedBecause: Error | undefined;
  /** Waits to write, as `SubgroupUser.evaluated`. */
  producer: ((turnsOwed: number) => boolean) | undefined;
  #sequence = 0;
  #endpoint = 0;

  constructor(cluster: Cluster, id: MemberId) {
    this.cluster = cluster;
    this.id = id;
    this.transport = cluster.network.addMember(id);
    const allocate = this.transport.allocate.bind(this.transport);
    this.transport.allocate = (name, byteLength, peers) => {
      const region = allocate(name, byteLength, peers);
      this.regions.set(name, region);
      return region;
    };
    this.board = new Board(this.transport);
    this.poller = new Poller(this.transport, this.board);
    this.disk = new SimulatedDisk(
      new SeededRandom(id),
      { syncUs: { min: 300, max: 900 }, waitingMax: 200 },
      (us, action) =>
        cluster.network.schedule(cluster.network.clock.nowUs() + us, () => {
          if (this.state !== 'crashed') action();
        }),
      () => this.#diskMoved(),
    );
  }

  #diskMoved(): void {
    const { failure } = this.disk;
    if (failure !== undefined) this.membership.fail(failure);
    else for (const { slot } of this.membership.view.topics) this.poller.wake(slot);
    this.poller.wake(0);
    this.run();
  }

  enter(view: View): void {
    this.state = 'member';
    this.views.push(view);
    const events = {
      admit: () => undefined,
      userOf: (topic: { name: string }): SubgroupUser => this.#user(topic.name),
      viewLog: () => (this.disk.replicas.size > 0 ? this.disk.views : undefined),
      installed: (next: View) => this.#installed(next),
      opened: () => undefined,
      silent: (member: MemberId) => this.cluster.crash(member),
      suspected: (member: MemberId, reason: SuspicionReason, error?: Error) => {
        this.suspected.push({ member, reason, ...(error && { error }) });
      },
      left: () => (this.state = 'left'),
      halted: (error: Error) => {
        this.state = 'halted';
        this.haltedBecause = error;
        // Whoever halts closes its transport, which its peers see.
        if (error instanceof MembershipError && error.code === 'BE_LOG_FAILED')
          this.cluster.network.crash(this.id);
      },
    };
    this.membership = new Membership(
      this.transport,
      this.board,
      this.poller,
      new LogicalClock(this.cluster.network.clock),
      view,
      { suspicionUs: 1_000_000, progressUs: 30_000_000, singleHost: this.cluster.singleHost },
      events,
    );
  }

  #installed(view: View): void {
    this.views.push(view);
    for (const { name } of view.topics) {
      // Nothing was kept before: a replica that comes a moment later has all of it.
      const endpoint = wholeClaim(view, name, this.id);
      if (endpoint !== undefined) this.membership.request([{ op: 'whole', endpoint }]);
    }
    for (const id of this.pendingJoins) {
      const joiner = this.cluster.members.get(id)!;
      if (joiner.state === 'joining' && view.members.some((member) => member.id === id)) {
        joiner.enter(JSON.parse(JSON.stringify(view)) as View);
      }
    }
  }

  #user(topic: string): SubgroupUser {
    const log = this.delivered.get(topic) ?? [];
    this.delivered.set(topic, log);
    const { disk } = this;
    const producer = () => this.producer;
    return {
      get log() {
        return disk.replicas.get(topic)?.log;
      },
      full: false,
      get waiting() {
        return producer() !== undefined;
      },
      loaned: false,
      unloan: () => undefined,
      evaluated: (turnsOwed) => producer()?.(turnsOwed) === true,
      epochEnded: () => undefined,
      deliver({ memory, offset, length, sender, epoch }) {
        const text = new TextDecoder().decode(memory.bytes.subarray(offset, offset + Math.min(length, 16)));
        const [number] = text.split('.');
        const rest = memory.bytes.subarray(offset + Math.min(length, 16), offset + length);
        assert.ok(
          rest.every((byte) => byte === fillOf(Number(number))),
          `message ${number} of ${sender} is not whole`,
        );
        log.push(`${sender}:${number}@${epoch}`);
      },
    };
  }

  /** Where the topic is persistent, this member becomes a replica of it, unless it has no disk for it. */
  open(topic: string, role: 'reader' | 'writer', terms = atomicTerms, hasDisk = true): number {
    const stores = hasDisk && terms.persistent !== undefined;
    if (stores) this.disk.log(topic);
    const endpoint = { id: ++this.#endpoint, role, topic, info: null, ...(stores && { stores }) };
    this.membership.request([{ op: 'open', endpoint, terms }]);
    return endpoint.id;
  }

  /** Sends a message of `length` bytes that begins with its number; false where there is no room. */
  send(topic: string, length = 16): boolean {
    const slot = this.membership.view.topics.find(({ name }) => name === topic)?.slot;
    const subgroup = slot === undefined ? undefined : this.membership.subgroup(slot);
    if (subgroup?.outbox === undefined || !subgroup.open) return false;
    const payload = new Uint8Array(length).fill(fillOf(this.#sequence + 1), 16);
    new TextEncoder().encodeInto(`${this.#sequence + 1}.`, payload);
    const header = new FrameHeader(kindWord(frameKind.data, 0, 1));
    const { outbox } = subgroup;
    if (length > outbox.ring.payloadMax) {
      const memory = outbox.openLarge(length);
      if (memory === undefined) return false;
      memory.bytes.set(payload, outbox.largeOffset);
      outbox.commitLarge(length, header);
    } else {
      if (!outbox.open(length)) return false;
      outbox.ring.memory.bytes.set(payload, outbox.ring.payloadStart);
      outbox.ring.commit(length, header);
    }
    this.#sequence++;
    this.poller.wake(slot!);
    return true;
  }

  get sent(): number {
    return this.#sequence;
  }

  run(): void {
    if (this.state === 'crashed') return;
    for (let passes = 0; passes < 100 && this.poller.pass(); passes++);
  }
}

/** What a message is filled with, after its number. */
function fillOf(number: number): number {
  return (number % 251) + 1;
}

export class Cluster {
  readonly network: SimulatedNetwork;
  readonly members = new Map<MemberId, SimulatedMemberCore>();
  readonly singleHost: boolean;

  constructor(options: SimulatedNetworkOptions & { singleHost?: boolean }) {
    this.network = new SimulatedNetwork(options);
    this.singleHost = options.singleHost ?? true;
    this.network.onDeliver((id) => this.members.get(id)?.run());
    this.#beat();
  }

  #beat(): void {
    for (const member of this.members.values()) {
      if (member.state !== 'member' || this.network.isPaused(member.id)) continue;
      member.board.progress();
      member.membership.tick();
      member.run();
    }
    this.network.schedule(this.network.clock.nowUs() + 10_000, () => this.#beat());
  }

  /** The first member founds the domain, the others ask it to let them in. `info`: what the view says of it. */
  add(id: MemberId, contact?: SimulatedMemberCore, info: Json = null): SimulatedMemberCore {
    const member = new SimulatedMemberCore(this, id);
    this.members.set(id, member);
    if (contact === undefined) {
      member.enter(firstView(1, id, info));
    } else {
      contact.pendingJoins.push(id);
      contact.membership.request([{ op: 'join', member: id, info }]);
    }
    member.run();
    contact?.run();
    return member;
  }

  crash(id: MemberId): void {
    this.members.get(id)!.state = 'crashed';
    this.network.crash(id);
  }

  runFor(us: number): void {
    this.network.runFor(us);
  }
}

import type { MemberId, Region, RegionMemory, Replica, Transport } from '../../transport/transport.js';
import { headerBytes } from './frame.js';
import type { Ring } from './frames.js';
import { SubgroupColumns } from './row.js';

/** What `member`'s memory said, and why no correct member could have written it. */
export interface Corruption {
  readonly member: MemberId;
  /** The column, or the part of the memory, with the region's name. */
  readonly where: string;
  readonly seen: number;
  readonly why: string;
}

/** When a persistent topic delivers. */
export type DeliverAt = 'commit' | 'stable';

/** One subgroup in one epoch, as the view defines it: computed alike at every member. */
export interface SubgroupLayout {
  readonly slot: number;
  readonly epoch: number;
  /** Total order (atomic), or FIFO by sender and delivered at receipt (raw). */
  readonly ordered: boolean;
  /** In rank order. */
  readonly senders: readonly MemberId[];
  readonly receivers: readonly MemberId[];
  /** Those of the receivers that keep the topic's log. */
  readonly replicas: readonly MemberId[];
  /** Those of them whose log has all of the topic: where there is none, nothing is committed. */
  readonly whole: readonly MemberId[];
  /** A persistent topic: delivered once it is committed, on the disks of all replicas, or already when it is stable. */
  readonly persistent?: DeliverAt;
  /** By member, as far as the view says: what large messages spread by. */
  readonly racks?: ReadonlyMap<MemberId, string>;
  readonly ringBytes: number;
  /** Most bytes that one sender's large messages may take. */
  readonly largeBytes: number;
}

/**
 * The memory of a subgroup in one epoch: my region (row, and ring where I am a sender) and the others' replicas. It belongs to
 * this epoch alone: the next one gets new memory, never recycled or zeroed (protocol.md, section 6).
 */
export class SubgroupMemory {
  readonly layout: SubgroupLayout;
  readonly columns: SubgroupColumns;
  readonly transport: Transport;
  readonly regionName: string;
  readonly region: Region;
  /** My own row. */
  readonly row: Float64Array;
  /** Everyone in the subgroup, once. */
  readonly members: readonly MemberId[];
  /** Rows by sender and by receiver; a frozen member's is a copy. */
  readonly senderRows: Float64Array[];
  readonly receiverRows: Float64Array[];
  readonly replicaRows: Float64Array[];
  /** My index among the senders, -1 where I am none. */
  readonly mySender: number;
  readonly receives: boolean;
  /** This member keeps the log. */
  readonly stores: boolean;
  attached = false;
  /** Members whose rows are copies. */
  readonly frozen = new Set<MemberId>();
  /** The first thing seen here that no correct member could have written. */
  corruption: Corruption | undefined;
  readonly #replicas = new Map<MemberId, Replica>();
  readonly #rows = new Map<MemberId, Float64Array>();

  constructor(transport: Transport, layout: SubgroupLayout) {
    this.transport = transport;
    this.layout = layout;
    const { senders, receivers, replicas, slot, epoch } = layout;
    this.columns = new SubgroupColumns(senders.length);
    this.members = [...new Set([...senders, ...receivers])];
    this.mySender = senders.indexOf(transport.self);
    this.receives = receivers.includes(transport.self);
    this.stores = replicas.includes(transport.self);
    this.regionName = `group${slot}.${epoch}`;
    const peers = this.members.filter((member) => member !== transport.self);
    this.region = transport.allocate(this.regionName, this.regionBytes(transport.self), peers);
    this.row = this.region.memory.f64;
    this.senderRows = senders.map(() => this.row);
    this.receiverRows = receivers.map(() => this.row);
    this.replicaRows = replicas.map(() => this.row);
    this.#rows.set(transport.self, this.row);
  }

  /**
   * Where a counter begins, as my row has it before anything is counted: fresh memory is zero everywhere but in a simulation that begins
   * near an edge. Zero is given as a whole number, not as a float, so that whatever counts on from it is kept as one.
   */
  first(column: number): number {
    const first = this.row[column]!;
    return first === 0 ? 0 : first;
  }

  /** A sender to whom nobody listens has no ring; but what is to be kept waits in it for a replica. */
  hasRing(member: MemberId): boolean {
    const { receivers, persistent, senders } = this.layout;
    return (receivers.length > 0 || persistent !== undefined) && senders.includes(member);
  }

  /** Nobody is to have anything of this epoch: it is left to the next. */
  get keepsNothing(): boolean {
    const { receivers, persistent, whole } = this.layout;
    return receivers.length === 0 || (persistent !== undefined && whole.length === 0);
  }

  /** Of `member`'s region. */
  regionBytes(member: MemberId): number {
    return this.columns.ringStart + (this.hasRing(member) ? this.layout.ringBytes : 0);
  }

  /** Attaches the others' rows and rings. True once all are there. */
  attach(): boolean {
    if (this.attached) return true;
    for (const member of this.members) if (!this.#attachMember(member)) return false;
    this.#spread();
    this.attached = true;
    return true;
  }

  #attachMember(member: MemberId): boolean {
    if (member === this.transport.self || this.#replicas.has(member)) return true;
    const replica = this.transport.attach(member, this.regionName, this.regionBytes(member));
    if (replica === undefined) return false;
    this.#replicas.set(member, replica);
    if (!this.#rows.has(member)) this.#rows.set(member, replica.memory.f64);
    return true;
  }

  #spread(): void {
    this.layout.senders.forEach((member, s) => (this.senderRows[s] = this.#rows.get(member)!));
    this.layout.receivers.forEach((member, r) => (this.receiverRows[r] = this.#rows.get(member)!));
    this.layout.replicas.forEach((member, r) => (this.replicaRows[r] = this.#rows.get(member)!));
  }

  /** The ring in a sender's region, or in a copy of it. */
  ringIn(memory: RegionMemory): Ring {
    return { memory, start: this.columns.ringStart, bytes: this.layout.ringBytes };
  }

  /** `member`'s region, or undefined where it is not there: it may have died before it made one. */
  memoryOf(member: MemberId): RegionMemory | undefined {
    if (member === this.transport.self) return this.region.memory;
    this.#attachMember(member);
    return this.#replicas.get(member)?.memory;
  }

  /** `member`'s row, or the copy that was made when it was frozen; undefined where there is none. */
  rowOf(member: MemberId): Float64Array | undefined {
    if (!this.#rows.has(member)) this.#attachMember(member);
    return this.#rows.get(member);
  }

  /** Notes what `member` cannot have written; who suspects members looks for it (see membership). */
  accuse(member: MemberId, column: string, seen: number, why: string): void {
    this.corruption ??= { member, where: `${column} of ${this.regionName}`, seen, why };
  }

  /**
   * Copies `member`'s counters once; its row is never read again, and it gets nothing more. Guards are read before what they guard.
   */
  freeze(member: MemberId): void {
    if (member === this.transport.self || this.frozen.has(member)) return;
    this.frozen.add(member);
    const row = this.rowOf(member);
    const { columns } = this;
    const copy = new Float64Array(columns.byteLength / 8);
    if (row === undefined) {
      this.#rows.set(member, copy);
      return;
    }
    const { trimReady, wedged, delivered, persisted, received, sent } = columns;
    const guards = [trimReady, wedged, delivered, persisted, received, sent];
    for (const guard of guards) copy[guard] = row[guard]!;
    for (let i = 0; i < copy.length; i++) if (!guards.includes(i)) copy[i] = row[i]!;
    this.#rows.set(member, copy);
    if (this.attached) this.#spread();
  }

  /** Puts to `member` end here. */
  drop(member: MemberId): void {
    const index = this.region.peers.indexOf(member);
    if (index >= 0) this.region.peers.splice(index, 1);
  }

  /** Publishes my row: what is guarded, then the line of counters that guard it, since a put may become visible piece by piece. */
  putRow(): void {
    const guardBytes = this.columns.waitsOn * 8;
    if (!this.transport.aliased) this.region.put(guardBytes, this.columns.byteLength);
    this.region.put(0, guardBytes);
  }

  release(): void {
    this.region.release();
    for (const replica of this.#replicas.values()) replica.release();
    this.#replicas.clear();
  }
}

/** Turns that senders can have made public and a receiver has not taken: every ring full of frames without payload. */
export function turnsInFlightMax({ senders, ringBytes }: SubgroupLayout): number {
  return senders.length * (ringBytes / headerBytes);
}

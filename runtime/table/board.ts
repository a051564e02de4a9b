import type { MemberId, Region, RegionMemory, Replica, Transport } from '../../transport/transport.js';
import { RowLayout } from './layout.js';

/** Topics (more precisely: subgroups) that a domain may have open at once, the domain's own slot 0 included. */
export const slotsMax = 4096;
/** Bytes of a member's pending requests (JSON), see membership. */
export const requestBytesMax = 256 * 1024;

const layout = new RowLayout();
const columns = {
  /** Set once, after the rest: 1 and the protocol's version, so that foreign or torn memory is told apart. */
  magic: layout.counter(),
  heartbeat: layout.counter(),
  /** Moves whenever the event loop turns, so a beating heart over a blocked loop can be told. */
  progress: layout.counter(),
  /** The newest view that I have installed. */
  viewId: layout.counter(),
  /** Id of the newest request in the request area; put after it. */
  request: layout.counter(),
  requestLength: layout.counter(),
  /** Sum of all dirty counters: looked at first. */
  activity: (layout.cacheLine(), layout.counter()),
  dirty: (layout.cacheLine(), layout.counters(slotsMax)),
} as const;
const requestStart = Math.ceil(layout.byteLength / 64) * 64;
const boardBytes = requestStart + requestBytesMax;
const boardName = 'board';
const magicValue = 0xb0_ec_40_03;

/**
 * A member's board: the one region that it has for life. It says that the member lives (heartbeat), that its loop turns (progress),
 * what it asks of the domain (request), and which subgroups it has put something into (one dirty counter a subgroup, side by
 * side, so that a poll looks only where something moved: protocol.md, section 2).
 */
export class Board {
  readonly #transport: Transport;
  readonly #own: Region;
  readonly #replicas = new Map<MemberId, Replica>();
  /** Those of them that are boards already. */
  readonly #peers = new Map<MemberId, PeerBoard>();
  #peerList: PeerBoard[] = [];
  #slots = 1;

  constructor(transport: Transport) {
    this.#transport = transport;
    this.#own = transport.allocate(boardName, boardBytes, []);
    this.#own.memory.f64[columns.magic] = magicValue;
    this.#own.put(0, 8);
  }

  /** The memory whose `heartbeatIndex` counter a thread of its own may move. */
  get memory(): RegionMemory {
    return this.#own.memory;
  }

  static readonly heartbeatIndex = columns.heartbeat;

  /** Boards of these peers are looked at from now on, and see ours; false while one of them is not there yet. */
  watch(peers: readonly MemberId[]): boolean {
    let complete = true;
    for (const peer of peers) {
      if (peer === this.#transport.self || this.#peers.has(peer)) continue;
      if (!this.#own.peers.includes(peer)) {
        this.#own.peers.push(peer);
        this.#putWhole();
      }
      const replica = this.#replicas.get(peer) ?? this.#transport.attach(peer, boardName, boardBytes);
      if (replica !== undefined) this.#replicas.set(peer, replica);
      if (replica === undefined || replica.memory.f64[columns.magic] !== magicValue) {
        complete = false;
        continue;
      }
      this.#peers.set(peer, new PeerBoard(replica.memory));
    }
    this.#peerList = [...this.#peers.values()];
    return complete;
  }

  /** Puts all that is on the board, the request and the dirty counters before what guards them. */
  #putWhole(): void {
    const length = this.#own.memory.f64[columns.requestLength]!;
    if (length > 0) this.#own.put(requestStart, requestStart + length);
    this.#own.put(columns.requestLength * 8, (columns.requestLength + 1) * 8);
    this.#own.put(columns.dirty * 8, requestStart);
    this.#own.put(0, columns.dirty * 8);
  }

  unwatch(peer: MemberId): void {
    this.#peers.delete(peer);
    this.#replicas.get(peer)?.release();
    this.#replicas.delete(peer);
    this.#peerList = [...this.#peers.values()];
    const index = this.#own.peers.indexOf(peer);
    if (index >= 0) this.#own.peers.splice(index, 1);
  }

  /** How many slots are in use: the scan goes no further. */
  set slots(count: number) {
    this.#slots = count;
  }

  /**
   * Says that this member has put something into `slot`. To be called after those puts: they wake whom they concern, and where memory is
   * shared the counters are there by then. Only the domain's own slot concerns everyone.
   */
  mark(slot: number): void {
    const { f64 } = this.#own.memory;
    f64[columns.dirty + slot]! += 1;
    f64[columns.activity]! += 1;
    if (slot !== 0 && this.#transport.aliased) return;
    this.#own.put((columns.dirty + slot) * 8, (columns.dirty + slot + 1) * 8);
    this.#own.put(columns.activity * 8, (columns.activity + 1) * 8);
  }

  /** Finds the slots into which some peer has put something since the last scan, and sets `found[slot]`. True where there was one. */
  scan(found: Uint8Array): boolean {
    let any = false;
    for (let p = 0; p < this.#peerList.length; p++) {
      const peer = this.#peerList[p]!;
      const activity = peer.f64[columns.activity]!;
      if (activity === peer.activitySeen) continue;
      peer.activitySeen = activity;
      const { f64, dirtySeen } = peer;
      for (let slot = 0; slot < this.#slots; slot++) {
        const dirty = f64[columns.dirty + slot]!;
        if (dirty !== dirtySeen[slot]) {
          dirtySeen[slot] = dirty;
          found[slot] = 1;
          any = true;
        }
      }
    }
    return any;
  }

  /** The loop turns. Nobody is woken for it: where memory is shared, whoever looks sees it. */
  progress(): void {
    this.#own.memory.f64[columns.progress]! += 1;
    if (!this.#transport.aliased) this.#own.put(columns.progress * 8, (columns.progress + 1) * 8);
  }

  readonly counterNames = ['heartbeat', 'progress', 'viewId', 'activity'] as const;

  /** What only grows on `peer`'s board, as named by `counterNames`; undefined while it is not there. */
  countersOf(peer: MemberId): number[] | undefined {
    const f64 = this.#peers.get(peer)?.f64;
    return f64 && this.counterNames.map((name) => f64[columns[name]]!);
  }

  /** Moves while `peer` lives: its heart beats, or its loop turns. */
  lifeOf(peer: MemberId): number | undefined {
    const f64 = this.#peers.get(peer)?.f64;
    return f64 && f64[columns.heartbeat]! + f64[columns.progress]!;
  }

  /** Moves while `peer`'s event loop turns. */
  progressOf(peer: MemberId): number {
    return this.#peers.get(peer)?.f64[columns.progress] ?? 0;
  }

  showView(viewId: number): void {
    this.#own.memory.f64[columns.viewId] = viewId;
    this.#own.put(columns.viewId * 8, (columns.viewId + 1) * 8);
  }

  viewIdOf(peer: MemberId): number {
    return this.#peers.get(peer)?.f64[columns.viewId] ?? 0;
  }

  /** Publishes a request: bytes, then their id. Overwrites the one before, which must have been applied. */
  request(id: number, bytes: Uint8Array): void {
    if (bytes.length > requestBytesMax)
      throw new RangeError(`a request of ${bytes.length} bytes; at most ${requestBytesMax}`);
    const { memory } = this.#own;
    memory.f64[columns.request] = 0;
    this.#own.put(columns.request * 8, (columns.request + 1) * 8);
    memory.bytes.set(bytes, requestStart);
    memory.f64[columns.requestLength] = bytes.length;
    this.#own.put(requestStart, requestStart + bytes.length);
    this.#own.put(columns.requestLength * 8, (columns.requestLength + 1) * 8);
    memory.f64[columns.request] = id;
    this.#own.put(columns.request * 8, (columns.request + 1) * 8);
  }

  /** The id of `member`'s newest request, 0 where there is none. */
  requestIdOf(member: MemberId): number {
    return this.#memoryOf(member)?.f64[columns.request] ?? 0;
  }

  /** A copy of `member`'s newest request, or undefined where it is just being replaced or makes no sense. */
  requestOf(member: MemberId): Uint8Array | undefined {
    const memory = this.#memoryOf(member);
    if (memory === undefined) return undefined;
    const id = memory.f64[columns.request]!;
    const length = memory.f64[columns.requestLength]!;
    if (!(length >= 0 && length <= requestBytesMax)) return undefined;
    const copy = memory.bytes.slice(requestStart, requestStart + length);
    return memory.f64[columns.request] === id ? copy : undefined;
  }

  #memoryOf(member: MemberId): RegionMemory | undefined {
    return member === this.#transport.self ? this.#own.memory : this.#peers.get(member)?.memory;
  }

  release(): void {
    this.#own.release();
    for (const replica of this.#replicas.values()) replica.release();
    this.#replicas.clear();
    this.#peers.clear();
    this.#peerList = [];
  }
}

class PeerBoard {
  readonly memory: RegionMemory;
  readonly f64: Float64Array;
  readonly dirtySeen = new Float64Array(slotsMax);
  activitySeen = 0;

  constructor(memory: RegionMemory) {
    this.memory = memory;
    this.f64 = memory.f64;
  }
}

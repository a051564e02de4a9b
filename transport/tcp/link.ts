import type { Socket } from 'node:net';
import type { Traffic } from '../host.js';
import type { MemberId, Replica } from '../transport.js';
import type { HostPort } from './address.js';
import { Arrivals } from './arrivals.js';
import { Batch } from './batch.js';
import type { Fabric, FabricPath } from './fabric.js';
import { readInto } from './intake.js';
import { LinkReader } from './link-reader.js';
import type { PeerAccount } from './memory-budget.js';
import { Meter, noPuts } from './meter.js';
import { Lane } from './region.js';
import type { TcpRegion } from './region.js';
import { LinkError } from './wire.js';

/** So much is written before the next look whether the peer reads. */
const writeBytesMax = 1 << 20;
/** Where nothing comes for so long, the kernel asks whether the other side is there. */
const keepAliveMs = 1_000;
/** How long a peer may take to read the last of what this member has to say. */
const farewellMs = 500;

export interface LinkEvents {
  /** Guards have arrived. */
  arrived(): void;
  /** The connection is gone, for good; with an error where the peer spoilt it. */
  lost(link: Link, error: LinkError | undefined): void;
}

/**
 * What this member has to do with one peer: what is to go to it, and what has come from it. There is one connection in its life: until that is
 * made, and whenever the peer does not read, what is put waits as ranges of my memory, which is all that is kept of it.
 */
export class Link {
  readonly peer: MemberId;
  /** Where the peer listens, once that is known. */
  address: HostPort | undefined;
  /** Of the certificate that the peer was let in with, once that is known; and of the one that it has shown. */
  subject: string | undefined;
  shown: string | undefined;
  /** What this member shows where its heart beats for the peer. */
  token: string | undefined;
  readonly arrivals: Arrivals;
  state: 'waiting' | 'open' | 'lost' = 'waiting';
  /** The peer sees my memory itself, and I its own. */
  isNear = false;
  readonly #events: LinkEvents;
  readonly #lanes = new Map<number, Lane>();
  /** Lanes with something to say. */
  readonly #waiting: Lane[] = [];
  readonly #batch = new Batch();
  readonly #reader: LinkReader;
  /** Another way for puts, and what its end here has to say. */
  #path: FabricPath | undefined;
  readonly #words: string[] = [];
  /** Pieces of the batch that were written. */
  #written = 0;
  #writing = false;
  /** Something was put that no batch has; and it was flushed, too. */
  #put = false;
  #flushed = false;
  #farewell: 'none' | 'wanted' | 'said' = 'none';
  #heart: { region: string; index: number; beats: number } | undefined;
  #whenLost: (() => void) | undefined;
  #socket: Socket | undefined;
  readonly #meter = new Meter();
  readonly #whenWritten = () => {
    this.#writing = false;
    if (this.#farewell === 'said') this.#socket!.end();
    else this.send();
  };

  constructor(peer: MemberId, events: LinkEvents, account: PeerAccount, fabric: Fabric | undefined) {
    this.peer = peer;
    this.#events = events;
    this.arrivals = new Arrivals(account, fabric?.allocate.bind(fabric));
    this.#reader = new LinkReader(this.arrivals, (words) => {
      if (this.#path === undefined)
        throw new LinkError('it puts by RDMA: use rdma: at all members, or at none');
      this.#path.heard(words);
    });
    this.#path = fabric?.join({
      id: peer,
      say: (words) => {
        this.#words.push(words);
        // Not at once: a put may be what caused it, in the midst of a pass.
        if (this.#words.length === 1) queueMicrotask(() => this.send());
      },
      announce: (region) => {
        const lane = this.#lane(region);
        lane.wanted = true;
        if (lane.told === 'nothing') this.#wait(lane);
      },
      memoryOf: (region) => this.arrivals.memoryOf(region),
      lose: (error) => {
        this.lose(error);
      },
    });
  }

  /** From now on: the connection tells only that the peer is there. */
  sendNothing(): void {
    this.isNear = true;
    this.#lanes.clear();
    this.#waiting.length = this.#words.length = 0;
    this.#put = this.#flushed = false;
    this.#path?.close();
    this.#path = undefined;
  }

  get traffic(): Traffic {
    const by = this.isNear ? 'pages' : this.#path === undefined ? 'socket' : 'rdma';
    const socket = this.#meter.traffic(this.#batch.frameCount);
    return { peer: this.peer, by, socket, pages: noPuts, rdma: this.#path?.carried ?? noPuts };
  }

  // ---- the connection ----

  /** The connection to the peer, and what has come on it already. */
  open(given: Socket, rest: Buffer): void {
    this.state = 'open';
    const socket = readInto(given, this.#reader, (chunk) => this.#read(chunk));
    this.#socket = socket;
    this.#meter.begin(socket, rest);
    socket.setKeepAlive(true, keepAliveMs);
    socket.unref();
    socket.on('error', () => undefined);
    socket.on('close', () => this.lose());
    if (socket.destroyed) return this.lose();
    this.#read(rest);
    this.send();
  }

  lose(error?: LinkError): void {
    if (this.state === 'lost') return;
    this.state = 'lost';
    this.#lanes.clear();
    this.#waiting.length = 0;
    this.arrivals.end();
    this.#path?.close();
    this.#socket?.destroy();
    this.#whenLost?.();
    this.#events.lost(this, error);
  }

  #read(chunk: Buffer): void {
    if (this.state !== 'open') return;
    try {
      const { guards, bye } = this.#reader.push(chunk);
      if (guards) {
        this.#showBeats();
        this.#events.arrived();
      }
      if (!bye) return;
      this.arrivals.sealAll();
      this.lose();
    } catch (error) {
      if (!(error instanceof LinkError)) throw error;
      this.lose(error);
    }
  }

  /** The peer's heart, which has a connection of its own, has beaten so often: a counter in one of the peer's regions. */
  beat(region: string, index: number, beats: number): void {
    if (this.state !== 'open') return;
    this.#heart = { region, index, beats };
    this.#showBeats();
  }

  /** What comes on this connection may know of fewer beats; a counter never goes back. */
  #showBeats(): void {
    if (this.#heart === undefined) return;
    const { region, index, beats } = this.#heart;
    const f64 = this.arrivals.find(region)?.f64;
    if (f64 !== undefined && index >= 0 && index < f64.length && beats > f64[index]!) f64[index] = beats;
  }

  /** Nobody needs what has come from the peer any more. */
  forget(): void {
    this.arrivals.sealAll();
    void this.leave();
  }

  /** What the peer spoilt costs it the link, and not this member its view. */
  attach(name: string, byteLength: number): Replica | undefined {
    try {
      return this.arrivals.attach(name, byteLength);
    } catch (error) {
      if (!(error instanceof LinkError)) throw error;
      this.lose(error);
      return undefined;
    }
  }

  // ---- what is to go ----

  /** The region is there, or has come to an end: the peer is to know. */
  tell(region: TcpRegion): void {
    if (this.isNear || this.state === 'lost') return;
    this.#wait(this.#lane(region));
    if (region.state === 'open') this.#path?.announced();
  }

  mark(region: TcpRegion, start: number, end: number, isPayload: boolean): void {
    if (this.isNear || this.state === 'lost') return;
    if (this.#path !== undefined) {
      if (isPayload) this.#path.putPayload(region, start, end);
      else this.#path.put(region, start, end);
      return;
    }
    const lane = this.#lane(region);
    (isPayload ? lane.payload : lane.guards).add(start, end);
    this.#put = true;
    if (!lane.waiting) this.#wait(lane);
  }

  #lane(region: TcpRegion): Lane {
    let lane = this.#lanes.get(region.number);
    if (lane === undefined) this.#lanes.set(region.number, (lane = new Lane(region)));
    return lane;
  }

  #wait(lane: Lane): void {
    if (lane.waiting) return;
    lane.waiting = true;
    this.#waiting.push(lane);
  }

  /** What was put so far is to go, as soon as the connection takes it. */
  flush(): void {
    this.#flushed = this.#put;
  }

  /** Writes what waits, unless the peer has yet to read what was written before. */
  send(): void {
    if (this.#writing || this.#socket === undefined || this.state !== 'open') return;
    if (this.#written === this.#batch.pieces.length) this.#makeBatch();
    if (this.#written < this.#batch.pieces.length) this.#write(this.#socket);
  }

  #makeBatch(): void {
    const waiting = this.#waiting;
    this.#written = 0;
    this.#batch.pieces.length = 0;
    if (waiting.length > 0 || this.#words.length > 0) {
      this.#batch.make(waiting, this.#flushed, this.#words);
      this.#words.length = 0;
      if (this.#flushed) this.#put = false;
      this.#flushed = false;
      let kept = 0;
      for (let i = 0; i < waiting.length; i++) {
        const lane = waiting[i]!;
        lane.waiting = lane.hasPuts;
        if (lane.waiting) waiting[kept++] = lane;
        if (lane.told === 'released') this.#lanes.delete(lane.region.number);
      }
      waiting.length = kept;
    } else if (this.#farewell === 'wanted') {
      this.#batch.makeBye();
      this.#farewell = 'said';
    }
  }

  #write(socket: Socket): void {
    const { pieces } = this.#batch;
    let bytes = 0;
    this.#writing = true;
    socket.cork();
    for (;;) {
      const piece = pieces[this.#written++]!;
      bytes += piece.length;
      if (this.#written === pieces.length || bytes >= writeBytesMax) {
        socket.write(piece, this.#whenWritten);
        break;
      }
      socket.write(piece);
    }
    socket.uncork();
  }

  /** Says the last that there is to say, and that it is the last; resolves once the peer has heard it, or takes too long. */
  async leave(): Promise<void> {
    if (this.state === 'open' && this.#path !== undefined) {
      const patience = new Promise<void>((resolve) => void setTimeout(resolve, farewellMs).unref());
      await Promise.race([this.#path.settled(), patience]);
    }
    if (this.state === 'open') {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, farewellMs);
        this.#whenLost = () => {
          clearTimeout(timer);
          resolve();
        };
        this.#farewell = 'wanted';
        this.#flushed = true;
        this.send();
      });
    }
    this.lose();
  }
}

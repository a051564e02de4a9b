import type { Puts } from '../host.js';
import type { MemberId, RegionMemory } from '../transport.js';
import type { TcpRegion } from './region.js';
import type { LinkError } from './wire.js';

/**
 * Another way for puts than the connection: a network by which members write each other's memory directly (transport/verbs). Members still meet, know
 * each other, announce their regions and beat their hearts by TCP.
 */
export interface Fabric {
  /** Memory of a region, or of a replica of one: zeroed, and where the network can reach it. */
  allocate(byteLength: number): RegionMemory;
  /** The way to one more peer. Throws nothing: one that there is no room for is lost at once. */
  join(peer: FabricPeer): FabricPath;
  /** The region's memory is to be given back, once no put reads it any more. */
  released(region: TcpRegion): void;
  /** Sends what was put, and takes notice of what has arrived. */
  flush(): void;
  /** There is nothing to do just now: takes notice of what has failed or ended, and offers the core to whoever else wants it. */
  yieldCore(): void;
  /** From now on `onArrival`'s listener is called, from the event loop, when something has arrived. What has arrived before is no event. */
  sleep(): void;
  onArrival(listener: () => void): void;
  /** To be called when all ways are closed. */
  close(): void;
}

/** What a way needs of its link. */
export interface FabricPeer {
  readonly id: MemberId;
  /** Brings a few words to the other end of the way, by the connection, once that is there; in order. */
  say(words: string): void;
  /** The words to come are about `region`: the peer is to know it, even where it comes to its end before. */
  announce(region: TcpRegion): void;
  /** The memory of the peer's region of that number. */
  memoryOf(region: number): RegionMemory;
  lose(error: LinkError): void;
}

export interface FabricPath {
  /** What was put, since the beginning. */
  readonly carried: Puts;
  /** A region is announced by the connection: what is put from now on arrives after that. */
  announced(): void;
  put(region: TcpRegion, start: number, end: number): void;
  putPayload(region: TcpRegion, start: number, end: number): void;
  /** @throws LinkError where the other end says what makes no sense */
  heard(words: string): void;
  /** Resolves once all that was put has arrived, or the way is broken. */
  settled(): Promise<void>;
  /** The peer writes nothing here any more. */
  close(): void;
}

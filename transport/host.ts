import type { SecurityChange } from './tcp/security-files.js';
import type { MemberId, RegionMemory, Transport } from './transport.js';

/**
 * A transport together with what the protocol core does not need to know: how members find each other, how a stranger is let in,
 * and how a member with nothing to do sleeps until a peer rings. `openHost` (index.ts) makes one from a domain's address.
 */
export interface Host extends Transport {
  /**
   * Meets the domain: resolves to the welcome of the member that let us in, or to undefined where the domain had no member: we have
   * then founded it, and others wait until we call `openDoor`. Tries another member where the one it asked dies.
   * @throws TransportError BE_JOIN_REFUSED with the member's words, BE_JOIN_TIMEOUT, or the signal's reason
   */
  meet(greeting: string, options: MeetOptions): Promise<string | undefined>;
  /** From now on strangers find us; each one's greeting is handed to `answer`, which replies once, at any time. */
  openDoor(answer: AnswerStranger): void;
  /** The subject of the certificate that this member shows, where it shows one. */
  readonly subject?: string | undefined;
  /**
   * New connections show and accept what its files have now, or `security`, from now on; those that there are go on. Where there are certificates, or a secret.
   * @throws TransportError BE_CERTIFICATE, BE_INSECURE: all is as it was
   */
  reloadSecurity?(security?: SecurityChange): void;
  /** Peers change memory here while this thread runs, and not only between two turns of its event loop. Default: where memory is aliased. */
  readonly changesInTurn?: boolean;
  /** What has gone to each peer, and by which way. */
  traffic?(): readonly Traffic[];
  /** How often something that came in was turned away, by why. */
  turnedAway?(): Partial<Record<Refusal, number>>;
  /** Where others connect to, in whatever form `introduce` takes; undefined where members find each other by name. */
  readonly address?: string;
  /**
   * How `peer` can be reached, from its own `address`, and the subject of the certificate that it was let in with: to be told once a view has it. Whoever shows
   * another one is not linked with.
   */
  introduce?(peer: MemberId, address: string, subject?: string): void;
  /** Learns at once of `peer`'s death from now on: `isDead` turns true and the bell rings. */
  watch(peer: MemberId): void;
  unwatch(peer: MemberId): void;
  /** Looks for deaths of watched peers that no bell has told yet: it rings for them. */
  lookForDeaths?(): void;
  /** Raises the sleeping flag, then fences: from now on a peer that puts something rings. The caller looks once more before it waits. */
  raiseSleeping(): void;
  lowerSleeping(): void;
  /** `ring` is called, from the event loop, when a peer rang while the sleeping flag was up, or a watched peer died. */
  onBell(ring: () => void): void;
  /** Bytes of memory that regions of all members, and copies of them, can still take here; Infinity where nothing limits them. */
  freeBytes(): number;
  /**
   * Offers the core to whoever else wants it; a poller calls it between idle looks, `times` times by now since anything moved. May let the
   * thread sleep for some tens of microseconds, where that is the only way for another member to get the core.
   */
  yieldCore(times: number): void;
  /** Moves the counter at `index` of `memory.f64` now and then from now on, even while this thread is busy or blocked. */
  startHeartbeat(memory: RegionMemory, index: number): void;
  /** Ends a watched peer that is silent, and stands in the survivors' way; `isDead` turns true once it is gone. */
  kill(peer: MemberId): void;
  /** The process keeps running while its door or its bell is open, unless it is told otherwise. */
  ref(): void;
  unref(): void;
  /** Leaves nothing behind: no file, no descriptor, no timer. Idempotent. */
  close(): Promise<void>;
}

/** Of one peer, since this member linked with it. */
export interface Traffic {
  readonly peer: MemberId;
  /** Whether it sees this member's memory itself, or gets what is put by a connection, or written into its memory by this member's device. */
  readonly by: 'pages' | 'socket' | 'rdma';
  /** What their connection has carried after the handshake, heartbeats apart, which have connections of their own. */
  readonly socket: {
    readonly framesSent: number;
    readonly bytesSent: number;
    readonly bytesReceived: number;
  };
  /** What was put for it in memory that it sees. */
  readonly pages: Puts;
  /** What the device has written, or is to write, into its memory: requests, as the device gets them, and their bytes. */
  readonly rdma: Puts;
}

/** Why something that came in by a connection was turned away. */
export type Refusal =
  | 'crowd' // too many at once that had not said who they are
  | 'late' // took too long to say what it wants
  | 'garbage' // no frame of this protocol, version and byte order, or not at its turn
  | 'certificate' // no TLS, or with a certificate or secret that is not this domain's
  | 'secret' // does not know the domain's secret
  | 'domain' // looked for another domain
  | 'member' // wanted to link as a member that it is not, or that is linked already, or gone
  | 'heart' // a heartbeat of nobody who is linked; also of one who has just gone, so it is not told
  | 'link'; // a peer sent what no correct member sends

export interface Puts {
  readonly puts: number;
  readonly bytes: number;
}

export interface MeetOptions {
  /** Infinity: as long as it takes. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
  /** Where members have addresses: how those who find no member agree on who founds the domain, and with what. */
  readonly council?: Council;
}

/** Those who look for a domain, find no member, and wait: one leads, the others follow it. What they tell each other is up to the layer above. */
export interface Council {
  /** Asked again and again while I lead. `mayFound`: as far as the address's places can tell, there is no domain. True: I found it now. */
  lead(followers: readonly Follower[], mayFound: boolean): Promise<boolean>;
  /** The one that I follow says something; gives the answer. */
  follow(word: string): Promise<string>;
  /** The one that I followed is gone, or follows another itself. What this throws ends the meeting. */
  released(): void;
}

/** One that waits too, as who leads sees it. */
export interface Follower {
  readonly id: MemberId;
  /** Rejects once it is gone, or does not answer in time. */
  ask(word: string): Promise<string>;
  /** It is let in: its meeting ends with this welcome. */
  welcome(text: string): void;
}

/** Answers a stranger, once, at any time. `subject` is that of the certificate that it has shown, where the transport has certificates. */
export type AnswerStranger = (
  stranger: MemberId,
  greeting: string,
  reply: (reply: DoorReply) => void,
  subject?: string,
) => void;

export type DoorReply =
  | { welcome: string }
  /** With what is wrong, where that has a code of its own. */
  | { refused: string; code?: 'BE_NOT_PERMITTED' };

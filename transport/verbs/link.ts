import { randomBytes } from 'node:crypto';
import { addressOf, mapPrivate } from '../memory/system.js';
import type { RegionMemory } from '../transport.js';
import type { CompletionListener, Completions } from './completions.js';
import { readWord } from './device.js';
import type { Device } from './device.js';
import { SendQueue } from './send-queue.js';
import type { Gate, Target } from './send-queue.js';
import type { Source } from './staging.js';
import {
  access,
  encodeQueuePairInit,
  queuePair,
  receiveRequest,
  toError,
  toInit,
  toReadyToReceive,
  toReadyToSend,
} from './structs.js';
import type { EndPoint } from './structs.js';

/** Requests that the device holds for one peer; those beyond wait in the send queue. */
const SENDS_MAX = 64;
const SIGNAL_EVERY = 16;
/** Notices that a peer may give before this member looks. */
const RECEIVES = 64;
const RECEIVES_AT_ONCE = 16;
/** What one link takes of the completion queue at most. */
export const LINK_COMPLETIONS = SENDS_MAX + RECEIVES;
/** Puts that wait for one peer; if there are more, it is given up. */
const WAITING_MAX = 1 << 17;
const STAGED_BYTES_MAX = 64 * 1024 * 1024;
/** One snapshot is no longer. */
const SNAPSHOT_BYTES_MAX = 64 * 1024;
/** What is asked for, in this order: not every device can do the first. */
const INLINE_BYTES = [256, 128, 64, 0];
/** Payload of fewer bytes is copied into the queue, which is quicker than to have the device look for it. */
const IN_PLACE_BYTES_MIN = 1024;

/** Why a link is of no more use. */
export interface Break {
  /** For people: what the device says of the peer. */
  readonly reason: string;
}

/**
 * The queue pair that connects this member with one peer: what is put into it arrives in the peer's memory in that order. Two members have one,
 * whatever they share, so the order holds across all their regions.
 *
 * ```ts
 * const link = new Link(device, completions, (why) => console.log(why.reason));
 * link.connect(await exchange(link.endPoint));         // the peer does the same
 * link.put(memory, 0, 8, target);                      // into the peer's memory, at the same offset
 * link.flush();
 * while (link.waiting > 0) completions.poll();
 * ```
 */
export class Link implements CompletionListener {
  readonly endPoint: EndPoint;
  /** Set once a request failed, the peer did not answer, or the link was broken on purpose. */
  broken: Break | undefined;
  readonly #device: Device;
  readonly #completions: Completions;
  readonly #number: number;
  readonly #pair: number;
  readonly #inlineBytes: number;
  readonly #sends: SendQueue;
  /** The address of a list of receives, and a word for what the driver did not take. */
  readonly #receives: Receives;
  readonly #onBreak: (why: Break) => void;
  #receivesUsed = 0;
  #connected = false;
  #closed = false;

  /**
   * @param onBreak called once, from within `put`, `flush` or `Completions.poll`
   * @throws TransportError BE_SYSTEM where the device has no room for another queue pair, BE_NO_MEMORY
   */
  constructor(device: Device, completions: Completions, onBreak: (why: Break) => void) {
    this.#device = device;
    this.#completions = completions;
    this.#onBreak = onBreak;
    const { pair, inlineBytes } = createPair(device, completions.queue);
    this.#pair = pair;
    this.#inlineBytes = inlineBytes;
    this.#number = completions.add(this);
    const register = (buffer: ArrayBuffer) => device.register(buffer, access.localWrite);
    this.#sends = new SendQueue(this.#number, register, WAITING_MAX, STAGED_BYTES_MAX);
    this.#receives = new Receives(this.#number);
    const { gid, lid, mtu } = device.port;
    this.endPoint = {
      number: readWord(pair + queuePair.number),
      packet: randomBytes(3).readUIntBE(0, 3),
      gid,
      lid,
      mtu,
    };
  }

  /** Requests made since the beginning. */
  get puts(): number {
    return this.#sends.puts;
  }

  /** What they carry. */
  get bytes(): number {
    return this.#sends.bytes;
  }

  /** Those of them that have arrived: what `puts` was when it read memory for the last time has to be reached before that memory can go. */
  get arrived(): number {
    return this.#sends.arrived;
  }

  get waiting(): number {
    return this.puts - this.arrived;
  }

  /**
   * Connects with the peer's end; the peer connects with ours. What is flushed before both have done so arrives once they have.
   * @throws TransportError BE_SYSTEM where the device refuses
   */
  connect(peer: EndPoint): void {
    const { port } = this.#device;
    this.#move('init', toInit(port.number));
    for (let i = 0; i < RECEIVES; i += RECEIVES_AT_ONCE) this.#postReceives();
    const mtu = Math.min(port.mtu, peer.mtu);
    this.#move('ready to receive', toReadyToReceive(peer, port.number, port.gidIndex, mtu));
    this.#move('ready to send', toReadyToSend(this.endPoint.packet));
    this.#connected = true;
    this.#post();
  }

  /** Writes bytes `start` to `end` of `memory`, as they are now, into `target` at the same offset, after all that was put before. */
  put(memory: RegionMemory, start: number, end: number, target: Target): void {
    const step = Math.min(this.#device.port.messageBytesMax, SNAPSHOT_BYTES_MAX);
    for (let from = start; from < end && this.broken === undefined; from += step) {
      const byteLength = Math.min(end - from, step);
      const isInline = byteLength <= this.#inlineBytes;
      if (!this.#sends.addSnapshot(memory, from, byteLength, target, from, isInline)) this.#overflow();
    }
  }

  /** Whether payload of that length is better put by `put`. */
  isCopied(byteLength: number): boolean {
    return byteLength < IN_PLACE_BYTES_MIN;
  }

  /** The same, but nothing is copied: the bytes are read from `source` when they are sent. */
  putPayload(source: Source, start: number, end: number, target: Target): void {
    const step = this.#device.port.messageBytesMax;
    for (let from = start; from < end && this.broken === undefined; from += step) {
      if (!this.#sends.add(source, from, Math.min(end - from, step), target, from)) this.#overflow();
    }
  }

  #overflow(): void {
    this.break(`it takes nothing: ${this.waiting} puts wait for it`);
  }

  /** Hands to the device what was put so far, as one list of requests, as far as it has room; the rest follows as room comes. */
  flush(): void {
    this.#sends.flush();
    this.#post();
  }

  /** What is put from now on waits until the gate is open. */
  closeGate(): Gate {
    return this.#sends.close();
  }

  /** A target is known that was not, or a gate open that was closed: what waited for it may go. */
  goOn(): void {
    this.#post();
  }

  #post(): void {
    const sends = this.#sends;
    if (!this.#connected || sends.waiting === 0 || this.broken !== undefined) return;
    const room = SENDS_MAX - sends.underWay;
    if (room === 0) return;
    const first = sends.beginList(room, SIGNAL_EVERY);
    if (first === 0) return;
    const errno = this.#device.calls.postSend(this.#pair, first, this.#receives.refused);
    sends.endList();
    if (errno !== 0) this.break(`the device takes no request (error ${errno})`);
  }

  /** Takes nothing from the peer any more, nor sends it anything: what it puts from now on changes no memory here. */
  break(reason: string): void {
    if (this.broken !== undefined) return;
    this.broken = { reason };
    const { attributes, mask } = toError();
    // Whether that succeeds or not: nothing is expected of it any more.
    if (!this.#closed) this.#device.verbs.modifyQueuePair(this.#pair, attributes, mask);
    this.#onBreak(this.broken);
  }

  sent(position: number): void {
    this.#sends.complete(position);
    if (this.#sends.waiting > 0) this.#post();
  }

  received(): void {
    if (++this.#receivesUsed < RECEIVES_AT_ONCE) return;
    this.#receivesUsed = 0;
    if (this.broken !== undefined) return;
    try {
      this.#postReceives();
    } catch (error) {
      this.break((error as Error).message);
    }
  }

  failed(status: number): void {
    this.break(this.#device.verbs.statusName(status));
  }

  /** Gives everything back. The peer finds that nobody answers. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.broken ??= { reason: 'closed' };
    this.#completions.remove(this.#number);
    this.#device.done('ibv_destroy_qp', this.#device.verbs.destroyQueuePair(this.#pair));
    this.#sends.end();
  }

  #move(state: string, { attributes, mask }: { attributes: Uint8Array; mask: number }): void {
    this.#device.done(
      `ibv_modify_qp to ${state}`,
      this.#device.verbs.modifyQueuePair(this.#pair, attributes, mask),
    );
  }

  #postReceives(): void {
    const { address, refused } = this.#receives;
    this.#device.done('ibv_post_recv', this.#device.calls.postReceive(this.#pair, address, refused));
  }
}

/** A list of receives without memory: each takes one notice. It is the same each time. */
class Receives {
  readonly address: number;
  /** Where the driver tells which request it did not take. */
  readonly refused: number;
  readonly #buffer: ArrayBuffer;

  constructor(listener: number) {
    const listBytes = RECEIVES_AT_ONCE * receiveRequest.byteLength;
    this.#buffer = mapPrivate(listBytes + 8);
    this.address = Number(addressOf(this.#buffer));
    this.refused = this.address + listBytes;
    const words = new Uint32Array(this.#buffer);
    for (let i = 0; i < RECEIVES_AT_ONCE; i++) {
      const at = (i * receiveRequest.byteLength) / 4;
      words[at + receiveRequest.id + 1] = listener * 2 + 1;
      if (i + 1 === RECEIVES_AT_ONCE) break;
      const next = this.address + (i + 1) * receiveRequest.byteLength;
      words[at + receiveRequest.next] = next;
      words[at + receiveRequest.next + 1] = next / 2 ** 32;
    }
  }
}

function createPair(device: Device, completions: number): { pair: number; inlineBytes: number } {
  for (const inlineBytesMax of INLINE_BYTES) {
    const init = encodeQueuePairInit({
      completions,
      sendsMax: SENDS_MAX,
      receivesMax: RECEIVES,
      inlineBytesMax,
    });
    const pair = device.verbs.createQueuePair(device.domain, init);
    if (pair !== 0 || inlineBytesMax === 0) {
      return { pair: device.made('ibv_create_qp', pair), inlineBytes: inlineBytesMax };
    }
  }
  throw new Error('unreachable');
}

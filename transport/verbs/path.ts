import { TransportError } from '../errors.js';
import type { Puts } from '../host.js';
import type { FabricPath, FabricPeer } from '../tcp/fabric.js';
import type { TcpRegion } from '../tcp/region.js';
import { LinkError } from '../tcp/wire.js';
import type { Registration } from './device.js';
import type { VerbsFabric } from './fabric.js';
import { Link } from './link.js';
import type { Gate, Target } from './send-queue.js';
import { access } from './structs.js';
import { decodeWords, encodeWords } from './words.js';
import type { Words } from './words.js';

/** How often it is looked whether the last puts have arrived. */
const LOOK_MS = 1;

/** Where a region of ours lies at the peer, once that has said so. */
interface Place extends Target {
  address: number;
  remoteKey: number | undefined;
}

/**
 * The way to one peer: a queue pair, and an understanding of where each region lies. The first put of a region asks the peer for a place; what is put
 * after it waits for the answer.
 */
export class Path implements FabricPath {
  readonly #fabric: VerbsFabric;
  readonly #peer: FabricPeer;
  readonly #link: Link | undefined;
  /** By the numbers of my regions. */
  readonly #places = new Map<number, Place>();
  /** Replicas that the peer writes, by the numbers of its regions. */
  readonly #given = new Map<number, Registration>();
  /** What was put after a region was announced, which the peer may not have heard yet; oldest first. */
  readonly #gates: Gate[] = [];
  #connected = false;
  #closed = false;

  constructor(fabric: VerbsFabric, peer: FabricPeer) {
    this.#fabric = fabric;
    this.#peer = peer;
    this.#link = this.#open();
    if (this.#link !== undefined) peer.say(encodeWords({ kind: 'end', ...this.#link.endPoint }));
  }

  #open(): Link | undefined {
    const { device, completions, isFull } = this.#fabric;
    try {
      if (isFull) throw new TransportError('BE_NO_MEMORY', 'there are more peers than one member may have');
      return new Link(device, completions, ({ reason }) => {
        this.#lose(reason);
      });
    } catch (error) {
      if (!(error instanceof TransportError)) throw error;
      setImmediate(() => {
        this.#lose(error.message);
      });
      return undefined;
    }
  }

  get puts(): number {
    return this.#link?.puts ?? 0;
  }

  get carried(): Puts {
    return { puts: this.puts, bytes: this.#link?.bytes ?? 0 };
  }

  /** What is broken reads nothing any more. */
  get arrived(): number {
    return this.#link === undefined || this.#link.broken !== undefined ? Infinity : this.#link.arrived;
  }

  put(region: TcpRegion, start: number, end: number): void {
    try {
      this.#link?.put(region.memory, start, end, this.#placeOf(region));
    } catch (error) {
      this.#refused(error);
    }
  }

  putPayload(region: TcpRegion, start: number, end: number): void {
    const link = this.#link;
    if (link === undefined || link.broken !== undefined) return;
    try {
      const place = this.#placeOf(region);
      if (link.isCopied(end - start)) link.put(region.memory, start, end, place);
      else link.putPayload(this.#fabric.sourceOf(region), start, end, place);
    } catch (error) {
      this.#refused(error);
    }
  }

  /** The device pins no more memory, or takes no request: that is the end of this way, and not of the member. */
  #refused(error: unknown): void {
    if (!(error instanceof TransportError)) throw error;
    this.#link?.break(error.message);
  }

  #placeOf(region: TcpRegion): Place {
    let place = this.#places.get(region.number);
    if (place === undefined) {
      place = { address: 0, remoteKey: undefined };
      this.#places.set(region.number, place);
      this.#peer.announce(region);
      this.#peer.say(encodeWords({ kind: 'want', region: region.number }));
    }
    return place;
  }

  /** Two ways may overtake each other: whoever sees a put is to find all regions that were there before it. */
  announced(): void {
    if (this.#link === undefined) return;
    this.#gates.push(this.#link.closeGate());
    this.#peer.say(encodeWords({ kind: 'sync' }));
  }

  flush(): void {
    this.#link?.flush();
  }

  heard(text: string): void {
    const words = decodeWords(text);
    if (this.#link === undefined || this.#closed) return;
    try {
      this.#understand(words, this.#link);
    } catch (error) {
      this.#refused(error);
    }
  }

  #understand(words: Words, link: Link): void {
    switch (words.kind) {
      case 'end':
        if (this.#connected) throw new LinkError('it has two queue pairs');
        this.#connected = true;
        link.connect(words);
        break;
      case 'want':
        this.#give(words.region);
        break;
      case 'given': {
        const place = this.#places.get(words.region);
        if (place === undefined || place.remoteKey !== undefined)
          throw new LinkError(`it gave a place for region ${words.region}, for which it was not asked`);
        place.address = words.address;
        place.remoteKey = words.key;
        link.goOn();
        break;
      }
      case 'sync':
        this.#peer.say(encodeWords({ kind: 'synced' }));
        break;
      case 'synced': {
        const gate = this.#gates.shift();
        if (gate === undefined) throw new LinkError('it answers what it was not asked');
        gate.open = true;
        link.goOn();
        break;
      }
      case 'done':
        this.#given.get(words.region)?.release();
        this.#given.delete(words.region);
    }
  }

  /** The peer may write its region's replica here. */
  #give(region: number): void {
    if (this.#given.has(region)) throw new LinkError(`it asked for a place for region ${region} twice`);
    const { buffer } = this.#peer.memoryOf(region).bytes;
    const registration = this.#fabric.device.register(
      buffer as ArrayBuffer,
      access.localWrite | access.remoteWrite,
    );
    this.#given.set(region, registration);
    const { address, remoteKey: key } = registration;
    this.#peer.say(encodeWords({ kind: 'given', region, address, key }));
  }

  /** No put reads `region` any more. */
  ended(region: TcpRegion): void {
    if (this.#places.delete(region.number) && !this.#closed)
      this.#peer.say(encodeWords({ kind: 'done', region: region.number }));
  }

  async settled(): Promise<void> {
    this.flush();
    while (this.arrived < this.puts) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
      this.#fabric.poll();
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#link?.close();
    for (const registration of this.#given.values()) registration.release();
    this.#given.clear();
    this.#fabric.left(this);
  }

  #lose(reason: string): void {
    if (!this.#closed) this.#peer.lose(new LinkError(`its queue pair failed: ${reason}`));
  }
}

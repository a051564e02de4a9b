import type { WebSocket } from 'ws';
import type { GatewayLimits } from './limits.js';
import type { Connection, Outlet } from './outlet.js';
import { encodeControl, type GapMessage, type GatewayMessage } from './wire/index.js';
import type { CloseCode } from './wire/index.js';

/** After a close frame was sent, the peer has so long to answer it. */
const closeTimeoutMs = 2000;
/** A reason in a close frame has 123 bytes at most. */
const reasonBytesMax = 123;
/** Heartbeats without a sign of life after which a client is dropped. */
const deadBeats = 3;

/**
 * One client's socket: what may wait to be sent to it is bounded, and whether it lives is watched.
 */
export class ClientConnection implements Connection {
  readonly #socket: WebSocket;
  readonly #limits: GatewayLimits;
  readonly outlets = new Set<Outlet>();
  heldBytes = 0;
  #congested = false;
  #silentBeats = 0;
  /** True before the greeting too: `welcome` is the first that a client hears. */
  #saidSomething = true;
  #greeted = false;
  #closing = false;
  readonly #onSent = () => {
    // The kernel takes what it has room for; only where it had none does this say that the peer reads.
    if (this.#congested || this.#socket.bufferedAmount > 0) this.alive();
    if (this.#congested && this.#socket.bufferedAmount <= this.#limits.clientBytesMax / 2) this.#drain();
  };

  constructor(socket: WebSocket, limits: GatewayLimits) {
    this.#socket = socket;
    this.#limits = limits;
    // The library would answer every ping at once, whether the peer reads or not.
    socket.on('ping', (data: Buffer) => {
      this.alive();
      if (socket.bufferedAmount < limits.clientBytesMax) socket.pong(data, false);
    });
    socket.on('pong', () => this.alive());
    // A frame that breaks RFC 6455 (unmasked, too large, not UTF-8): the library has closed with its code.
    socket.on('error', () => this.#endSoon());
  }

  get bufferedBytes(): number {
    return this.#socket.bufferedAmount + this.heldBytes;
  }

  get droppedSamples(): number {
    let samples = 0;
    for (const outlet of this.outlets) samples += outlet.droppedSamples;
    return samples;
  }

  hasRoom(bytes: number): boolean {
    if (this.#congested || this.#socket.readyState !== this.#socket.OPEN) return false;
    const { bufferedAmount } = this.#socket;
    this.#congested = bufferedAmount > 0 && bufferedAmount + bytes > this.#limits.clientBytesMax;
    return !this.#congested;
  }

  /** There is room again; streams take turns in being first. */
  #drain(): void {
    this.#congested = false;
    for (const outlet of [...this.outlets]) {
      outlet.drain();
      if (!this.#congested) continue;
      this.outlets.delete(outlet);
      this.outlets.add(outlet);
      break;
    }
  }

  sendFrame(bytes: Uint8Array): void {
    this.#saidSomething = true;
    this.#socket.send(bytes, this.#onSent);
  }

  sendGap(message: GapMessage): void {
    this.send(message);
  }

  /** Control messages are never dropped: who lets too many of them wait is. */
  send(message: GatewayMessage): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    const { clientBytesMax, sampleBytesMax } = this.#limits;
    if (this.#socket.bufferedAmount > 2 * clientBytesMax + sampleBytesMax) this.#socket.terminate();
    else {
      this.#saidSomething = this.#greeted = true;
      this.#socket.send(encodeControl(message), this.#onSent);
    }
  }

  /** What the client wrote waits for room: TCP holds it back until it is read again. */
  set reading(reading: boolean) {
    if (reading) this.#socket.resume();
    else this.#socket.pause();
  }

  alive(): void {
    this.#silentBeats = 0;
  }

  /** Once a heartbeat: asks for a sign of life, and gives one. */
  beat(): void {
    if (!this.#socket.isPaused && ++this.#silentBeats > deadBeats) {
      this.#socket.terminate();
      return;
    }
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    this.#socket.ping();
    if (!this.#saidSomething) this.send({ op: 'beat' });
    this.#saidSomething = !this.#greeted;
  }

  close(code: CloseCode, reason: string): void {
    if (this.#closing) return;
    this.#socket.close(code, shortened(reason));
    this.#endSoon();
  }

  /** The peer may never answer the close frame. */
  #endSoon(): void {
    if (this.#closing) return;
    this.#closing = true;
    const timer = setTimeout(() => this.#socket.terminate(), closeTimeoutMs);
    this.#socket.once('close', () => clearTimeout(timer));
  }

  get closing(): boolean {
    return this.#closing;
  }
}

function shortened(reason: string): string {
  const bytes = Buffer.from(reason);
  if (bytes.length <= reasonBytesMax) return reason;
  return bytes
    .subarray(0, reasonBytesMax)
    .toString('utf8')
    .replace(/\uFFFD+$/, '');
}

import { totalmem } from 'node:os';
import { TransportError } from '../errors.js';
import { LinkError } from './wire.js';

export interface MemoryOptions {
  /** Bytes of memory that this member's regions and its copies of all peers' may have together. Default: half of this machine's, or of the container's. */
  readonly memoryBytesMax?: number;
  /** Bytes that the regions of one peer may have here. Default: half of `memoryBytesMax`. */
  readonly peerBytesMax?: number;
}

/** How much memory regions may take here: this member's own, and what its peers announce, which it has to make for them. */
export class MemoryBudget {
  readonly bytesMax: number;
  readonly peerBytesMax: number;
  #used = 0;

  constructor({ memoryBytesMax, peerBytesMax }: MemoryOptions) {
    // Zero, or more than there is, where nothing limits the container.
    const constrained = process.constrainedMemory() || Infinity;
    this.bytesMax = memoryBytesMax ?? Math.floor(Math.min(totalmem(), constrained) / 2);
    this.peerBytesMax = Math.min(peerBytesMax ?? Math.floor(this.bytesMax / 2), this.bytesMax);
  }

  get freeBytes(): number {
    return Math.max(0, this.bytesMax - this.#used);
  }

  /**
   * A region of this member's own.
   * @throws TransportError BE_NO_MEMORY
   */
  take(name: string, byteLength: number): void {
    if (byteLength > this.freeBytes)
      throw new TransportError(
        'BE_NO_MEMORY',
        `no room for region ${name} of ${byteLength} bytes: ${this.#used} of the ${this.bytesMax} that this member may use for the domain (tcp.memoryBytesMax) are taken. Raise it, at all members, or lower the ring sizes`,
      );
    this.#used += byteLength;
  }

  give(byteLength: number): void {
    this.#used -= byteLength;
  }

  account(): PeerAccount {
    return new PeerAccount(this, (byteLength) => (this.#used += byteLength));
  }
}

/** What one peer has announced. */
export class PeerAccount {
  readonly #budget: MemoryBudget;
  readonly #taken: (byteLength: number) => void;
  #used = 0;

  constructor(budget: MemoryBudget, taken: (byteLength: number) => void) {
    this.#budget = budget;
    this.#taken = taken;
  }

  /** @throws LinkError where that is more than one peer may, or than all may together */
  take(name: string, byteLength: number): void {
    const { peerBytesMax, bytesMax, freeBytes } = this.#budget;
    const mine = this.#used + byteLength;
    if (mine > peerBytesMax || byteLength > freeBytes)
      throw new LinkError(
        `it announced region '${name}' of ${byteLength} bytes, ${mine} in all: one peer may have ${peerBytesMax} here (tcp.peerBytesMax), and ${freeBytes} of ${bytesMax} are left for all (tcp.memoryBytesMax)`,
      );
    this.#used = mine;
    this.#taken(byteLength);
  }

  give(byteLength: number): void {
    this.#used -= byteLength;
    this.#budget.give(byteLength);
  }

  /** The peer is gone. */
  close(): void {
    this.give(this.#used);
  }
}

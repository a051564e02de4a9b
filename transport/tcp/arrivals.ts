import type { RegionMemory, Replica } from '../transport.js';
import { regionMemory } from '../transport.js';
import type { PeerAccount } from './memory-budget.js';
import { LinkError, regionBytesMax, regionsMax } from './wire.js';

export type Allocate = (byteLength: number) => RegionMemory;

/** A peer's region as it has arrived here. */
class Arrived {
  readonly name: string;
  readonly byteLength: number;
  readonly #allocate: Allocate;
  attached = false;
  /** Nobody attaches it any more, and nobody has: what still comes for it is of no use. */
  unwanted = false;
  #memory: RegionMemory | undefined;

  constructor(name: string, byteLength: number, allocate: Allocate) {
    this.name = name;
    this.byteLength = byteLength;
    this.#allocate = allocate;
  }

  /** Made when it is first needed, so that what is merely announced takes none. */
  get memory(): RegionMemory {
    return (this.#memory ??= this.#allocate(this.byteLength));
  }
}

/** Where nothing is kept. */
const nowhere = new Uint8Array(0);

/**
 * The regions of one peer, as replicas in private memory. Whatever the peer sends can change these and nothing else: numbers and places are
 * looked at first.
 */
export class Arrivals {
  readonly #byNumber = new Map<number, Arrived>();
  readonly #byName = new Map<string, Arrived>();
  readonly #account: PeerAccount;
  readonly #allocate: Allocate;

  constructor(
    account: PeerAccount,
    allocate: Allocate = (byteLength) => regionMemory(new ArrayBuffer(byteLength)),
  ) {
    this.#account = account;
    this.#allocate = allocate;
  }

  /** @throws LinkError where the region is none, is there already, or takes more memory than the peer may have here */
  announce(number: number, name: string, byteLength: number): void {
    if (byteLength === 0 || byteLength % 8 !== 0 || byteLength > regionBytesMax || name === '')
      throw new LinkError(`it announced region '${name}' of ${byteLength} bytes`);
    if (this.#byNumber.has(number) || this.#byName.has(name))
      throw new LinkError(`it announced region ${number}, '${name}', twice`);
    if (this.#byNumber.size >= regionsMax)
      throw new LinkError(`it announced more than ${regionsMax} regions`);
    this.#account.take(name, byteLength);
    const arrived = new Arrived(name, byteLength, this.#allocate);
    this.#byNumber.set(number, arrived);
    this.#byName.set(name, arrived);
  }

  /**
   * The bytes that a put of `length` bytes at `start` changes; none where nobody will ever look.
   * @throws LinkError where they are not within a region of the peer's
   */
  target(number: number, start: number, length: number): Uint8Array {
    const arrived = this.#known(number);
    if (start + length > arrived.byteLength)
      throw new LinkError(
        `it put ${length} bytes at ${start} of region '${arrived.name}', which has ${arrived.byteLength}`,
      );
    if (arrived.unwanted) return nowhere;
    return memoryOf(arrived).bytes;
  }

  seal(number: number): void {
    const arrived = this.#known(number);
    this.#byName.delete(arrived.name);
    arrived.unwanted = !arrived.attached;
  }

  release(number: number): void {
    const { name, byteLength } = this.#known(number);
    this.#byName.delete(name);
    this.#byNumber.delete(number);
    this.#account.give(byteLength);
  }

  /** @throws LinkError where the region is of another length, or there is no memory */
  attach(name: string, byteLength: number): Replica | undefined {
    const arrived = this.#byName.get(name);
    if (arrived === undefined) return undefined;
    if (arrived.byteLength !== byteLength)
      throw new LinkError(`its region ${name} has ${arrived.byteLength} bytes, not ${byteLength}`);
    arrived.attached = true;
    return { memory: memoryOf(arrived), aliased: false, release: () => undefined };
  }

  /** The peer is gone: what was made for it counts no more. */
  end(): void {
    this.#account.close();
  }

  /** Nobody attaches anything any more. */
  sealAll(): void {
    this.#byName.clear();
  }

  /** The memory of the region of that name, where it is there. */
  find(name: string): RegionMemory | undefined {
    const arrived = this.#byName.get(name);
    return arrived && memoryOf(arrived);
  }

  /**
   * The memory of the region of that number, made where it is not there yet.
   * @throws LinkError where there is no such region, or no memory
   */
  memoryOf(number: number): RegionMemory {
    return memoryOf(this.#known(number));
  }

  #known(number: number): Arrived {
    const arrived = this.#byNumber.get(number);
    if (arrived === undefined)
      throw new LinkError(`it speaks of region ${number}, which it has not announced`);
    return arrived;
  }
}

function memoryOf(arrived: Arrived): RegionMemory {
  try {
    return arrived.memory;
  } catch (error) {
    throw new LinkError(
      `there is no memory for its region '${arrived.name}' of ${arrived.byteLength} bytes`,
      {
        cause: error,
      },
    );
  }
}

// The global of that name is looked up by a getter, at each use.
import { performance } from 'node:perf_hooks';
import type { Host } from '../../transport/host.js';
import type { Poller } from '../table/poller.js';
import type { HybridClock } from './clock.js';
import { DeathLooks } from './death-looks.js';

/** A turn takes this long at most while things move; then the event loop has its way. */
const turnMs = 0.05;
/** Without work for so long, the loop goes to sleep on the doorbell. */
const idleMs = 0.2;
/** Idle passes after which a turn is over where the application has more to do. */
const passesBeforeReturn = 2;
/** What no put announces is looked for so often while other things move. */
const lookAgainMs = 1;
/** Idle passes before the core is offered to whoever else wants it. */
const passesBeforeYield = 20;

/**
 * Drives a poller from Node's event loop: turns of polling while anything moves, setImmediate between them, and sleep on the
 * host's doorbell when nothing does. An idle process uses no CPU.
 */
export class EventLoop {
  readonly #host: Host;
  readonly #poller: Poller;
  readonly #clock: HybridClock;
  /** Where the host has any use for looks. */
  readonly #deathLooks: DeathLooks | undefined;
  /** Where memory is shared, or written by devices. Elsewhere what peers put is brought by the event loop, so there is nothing to wait for within a turn. */
  readonly #arrivesInTurn: boolean;
  readonly #runTurn = () => {
    this.#scheduled = false;
    this.#turn();
  };
  #scheduled = false;
  #asleep = true;
  #inTurn = false;
  #endTurn = false;
  /** The application did something since the last turn: it is likely to go on once it has its way again. */
  #written = false;
  #closed = false;
  #idleSince = 0;
  #lookedAgain = 0;

  constructor(host: Host, poller: Poller, clock: HybridClock) {
    this.#host = host;
    this.#poller = poller;
    this.#clock = clock;
    this.#arrivesInTurn = host.changesInTurn ?? host.aliased;
    if (host.lookForDeaths !== undefined) this.#deathLooks = new DeathLooks(() => host.lookForDeaths!());
    host.onBell(() => {
      // A bell may tell of a death, which no dirty counter does: membership is to look.
      poller.wake(0);
      this.wake();
    });
  }

  /** There may be work: a turn begins once the caller's code has run to its end. */
  wake(): void {
    if (!this.#inTurn) this.#written = true;
    if (this.#asleep) this.#rise();
  }

  #rise(): void {
    if (this.#closed) return;
    this.#asleep = false;
    this.#host.lowerSleeping();
    this.#idleSince = performance.now();
    queueMicrotask(this.#runTurn);
  }

  /**
   * Looks, and stays awake only where things go on moving: for whoever comes by often without work. What moves later rings, since
   * the sleeping flag is up.
   */
  look(): void {
    if (this.#asleep && !this.#closed && this.#poller.pass() && this.#poller.pass()) this.wake();
  }

  /** The application has something to do (a promise was settled): the turn under way is to end soon. */
  endTurn(): void {
    this.#endTurn = true;
  }

  #turn(): void {
    if (this.#closed || this.#inTurn) return;
    this.#inTurn = true;
    this.#host.lookForDeaths?.();
    const now = this.#poll(this.#clock.look());
    this.#inTurn = false;
    if (now - this.#idleSince > idleMs && !this.#poller.waiting) this.#sleep();
    else this.#again();
  }

  /** Passes until the turn is over; gives the time then. */
  #poll(begin: number): number {
    const poller = this.#poller;
    const returnsSoon = this.#written;
    this.#written = false;
    this.#endTurn = false;
    if (poller.waiting && begin - this.#lookedAgain > lookAgainMs) {
      this.#lookedAgain = begin;
      poller.lookAgain();
    }
    let moves = 0;
    let waits = 0;
    let now = begin;
    for (let idlePasses = 0; now - begin < turnMs && !this.#endTurn;) {
      // To look at the clock costs more than a pass in which nothing moved.
      if (poller.pass()) {
        idlePasses = 0;
        if ((++moves & 3) === 0) now = performance.now();
      } else if (!this.#arrivesInTurn) {
        now = performance.now();
        break;
      } else if (poller.waiting) {
        // Each look for what others have not made yet takes system calls, and they may be waiting for this core to make it.
        this.#host.yieldCore(++waits);
        now = performance.now();
      } else if (++idlePasses % passesBeforeYield === 0) {
        this.#host.yieldCore(idlePasses / passesBeforeYield);
        now = performance.now();
      } else if (returnsSoon && idlePasses === passesBeforeReturn) {
        break;
      }
    }
    if (moves > 0) this.#idleSince = now;
    return now;
  }

  #again(): void {
    if (this.#scheduled || this.#closed) return;
    this.#scheduled = true;
    setImmediate(this.#runTurn);
  }

  /** Raises the flag, looks once more, and only then waits: whoever puts something after the look sees the flag. */
  #sleep(): void {
    this.#host.raiseSleeping();
    this.#asleep = true;
    this.#clock.rest();
    if (this.#poller.pass() || this.#poller.waiting) this.wake();
    else if (this.#poller.expects) this.#deathLooks?.begin();
  }

  close(): void {
    this.#closed = true;
    this.#deathLooks?.end();
  }
}

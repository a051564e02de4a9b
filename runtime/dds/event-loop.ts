import type { Host } from '../../transport/host.js';
import type { Poller } from '../table/poller.js';
import type { HybridClock } from './clock.js';

/** A turn takes this long at most while things move; then the event loop has its way. */
const turnMs = 0.05;
/** Without work for so long, the loop goes to sleep on the doorbell. */
const idleMs = 0.2;
/** Idle passes after which a turn in which something moved is over. */
const passesBeforeReturn = 2;
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
  readonly #runTurn = () => {
    this.#scheduled = false;
    this.#turn();
  };
  #scheduled = false;
  #asleep = true;
  #inTurn = false;
  #endTurn = false;
  #moved = false;
  #closed = false;
  #idleSince = 0;

  constructor(host: Host, poller: Poller, clock: HybridClock) {
    this.#host = host;
    this.#poller = poller;
    this.#clock = clock;
    host.onBell(() => {
      // A bell may tell of a death, which no dirty counter does: membership is to look.
      poller.wake(0);
      this.wake();
    });
  }

  /** There may be work: a turn begins once the caller's code has run to its end. */
  wake(): void {
    if (!this.#asleep || this.#closed) return;
    this.#asleep = false;
    this.#host.lowerSleeping();
    this.#idleSince = performance.now();
    queueMicrotask(this.#runTurn);
  }

  /** Looks once, and begins a turn only where something moved: for whoever comes by often without work. */
  look(): void {
    if (this.#asleep && !this.#closed && this.#poller.pass()) this.wake();
  }

  /** The application has something to do (a promise was settled): the turn under way is to end soon. */
  endTurn(): void {
    this.#endTurn = true;
  }

  #turn(): void {
    if (this.#closed || this.#inTurn) return;
    this.#inTurn = true;
    this.#endTurn = false;
    this.#clock.nowUs();
    const poller = this.#poller;
    const begin = performance.now();
    let now: number;
    for (let passes = 0, idlePasses = 0; ;) {
      if (poller.pass()) {
        idlePasses = 0;
        this.#moved = true;
      } else if (++idlePasses === (this.#moved ? passesBeforeReturn : passesBeforeYield)) {
        // The application may have more to say; only where it had nothing either is the core offered to others.
        if (!this.#moved) this.#host.yieldCore();
        now = performance.now();
        break;
      }
      if ((++passes & 3) !== 0) continue;
      now = performance.now();
      if (this.#endTurn || now - begin > turnMs) break;
    }
    this.#inTurn = false;
    if (this.#moved) this.#idleSince = now;
    this.#moved = false;
    if (now - this.#idleSince > idleMs) this.#sleep();
    else this.#again();
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
    if (this.#poller.pass()) this.wake();
  }

  close(): void {
    this.#closed = true;
  }
}

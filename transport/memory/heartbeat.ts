import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';
import type { RegionMemory } from '../transport.js';
import { addressOf } from './system.js';

/** Four beats in the time that a member may be silent by default. */
export const heartbeatMs = 250;

/** The thread: it sleeps, adds one, sleeps again. As text, so that it needs no file or loader of its own. */
const thread = `
const { koffi, address, index, intervalMs, stop, beats } = require('node:worker_threads').workerData;
const counters = new Float64Array(require(koffi).view(address, (index + 1) * 8));
const told = new Float64Array(beats);
while (Atomics.wait(stop, 0, 0, intervalMs) === 'timed-out') told[0] = counters[index] += 1;
`;

/**
 * A thread of its own that moves one counter in shared memory: an application that blocks its event loop is slow, not dead, and its
 * heart beats on; a stopped process stops both.
 */
export class Heartbeat {
  /** How far the counter is, for other threads: a double. */
  readonly beats = new SharedArrayBuffer(8);
  readonly #worker: Worker;
  readonly #ended: Promise<unknown>;
  /** What the thread counts in: kept, so that it stays mapped. */
  readonly memory: RegionMemory;
  readonly #stop = new Int32Array(new SharedArrayBuffer(4));

  constructor(memory: RegionMemory, index: number, intervalMs: number) {
    this.memory = memory;
    this.#worker = new Worker(thread, {
      eval: true,
      execArgv: [],
      workerData: {
        koffi: createRequire(import.meta.url).resolve('koffi'),
        address: addressOf(memory.bytes.buffer as ArrayBuffer) + BigInt(memory.bytes.byteOffset),
        index,
        intervalMs,
        stop: this.#stop,
        beats: this.beats,
      },
      resourceLimits: { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 1, stackSizeMb: 1 },
    });
    this.#ended = new Promise((resolve) => this.#worker.once('exit', resolve));
    this.#worker.unref();
  }

  /**
   * Resolves once the thread touches the memory no more. It ends by itself: to terminate a thread that is just loading native code
   * aborts the process.
   */
  async stop(): Promise<void> {
    this.#worker.ref();
    Atomics.store(this.#stop, 0, 1);
    Atomics.notify(this.#stop, 0);
    await this.#ended;
  }
}

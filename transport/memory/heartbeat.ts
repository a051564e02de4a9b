import { Worker } from 'node:worker_threads';
import type { RegionMemory } from '../transport.js';
import { addressOf } from './system.js';

/**
 * A thread of its own that moves one counter in shared memory: an application that blocks its event loop is slow, not dead, and its
 * heart beats on; a stopped process stops both.
 */
export class Heartbeat {
  readonly #worker: Worker;
  readonly #stop = new Int32Array(new SharedArrayBuffer(4));

  constructor(memory: RegionMemory, index: number, intervalMs: number) {
    const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
    this.#worker = new Worker(new URL(`./heartbeat-thread.${extension}`, import.meta.url), {
      workerData: { address: addressOf(memory.bytes.buffer as ArrayBuffer), index, intervalMs, stop: this.#stop },
      resourceLimits: { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 1, stackSizeMb: 1 },
      ...(extension === 'ts' && { execArgv: ['--import', 'tsx'] }),
    });
    this.#worker.unref();
  }

  /** Resolves once the thread touches the memory no more. */
  async stop(): Promise<void> {
    Atomics.store(this.#stop, 0, 1);
    Atomics.notify(this.#stop, 0);
    await this.#worker.terminate();
  }
}

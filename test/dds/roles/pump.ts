import type { Writer } from '../../../runtime/dds/index.js';

export interface PumpOptions {
  readonly count?: number;
  readonly bytes?: number;
  /** Samples between two pauses; without a pause, as fast as it goes. */
  readonly batch?: number;
  readonly pauseMs?: number;
  /** Waits after each batch until it is committed. */
  readonly commits?: true;
}

/** Writes one sample after another until it has written enough, or is told to stop. */
export class Pump {
  readonly done: Promise<void>;
  readonly #writer: Writer<Uint8Array>;
  written = 0;
  /** Written, and known to be committed. */
  committed = 0;
  #stopped = false;

  constructor(writer: Writer<Uint8Array>, options: PumpOptions) {
    this.#writer = writer;
    this.done = this.#run(options);
    // Whoever waits for it hears of it.
    this.done.catch(() => undefined);
  }

  async #run({ count = Infinity, bytes = 64, batch = 20, pauseMs = 0, commits }: PumpOptions): Promise<void> {
    const sample = new Uint8Array(bytes);
    while (!this.#stopped && this.written < count) {
      await this.#writer.write(sample);
      this.written++;
      if (commits && this.written % batch === 0) {
        await this.#writer.whenCommitted();
        this.committed = this.written;
      }
      if (pauseMs > 0 && this.written % batch === 0)
        await new Promise((resolve) => setTimeout(resolve, pauseMs));
      else if (this.written % 1000 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    await this.#writer.whenStable();
  }

  async stop(): Promise<number> {
    this.#stopped = true;
    await this.done;
    return this.written;
  }
}

import { type Steps, run } from './steps.js';

/** Work on the log's files beside the appending of records: one piece after another. */
export class Background {
  readonly #failed: (error: Error) => void;
  readonly #waiting: (() => Steps<void>)[] = [];
  #busy = false;
  readonly #idle: (() => void)[] = [];

  constructor(failed: (error: Error) => void) {
    this.#failed = failed;
  }

  start(task: () => Steps<void>): void {
    this.#waiting.push(task);
    if (!this.#busy) this.#next();
  }

  /** Calls back once, when nothing is to be done any more. */
  whenIdle(idle: () => void): void {
    if (this.#busy) this.#idle.push(idle);
    else idle();
  }

  #next(): void {
    const task = this.#waiting.shift();
    this.#busy = task !== undefined;
    if (task !== undefined) {
      run(task(), (error) => {
        if (error !== undefined) {
          this.#waiting.length = 0;
          this.#failed(error);
        }
        this.#next();
      });
      return;
    }
    for (const idle of this.#idle.splice(0)) idle();
  }
}

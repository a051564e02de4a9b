import { type ChildProcess, fork } from 'node:child_process';

/** What happened to a slot's process that matters to the whole group. */
export interface SlotEvents<News> {
  news(slot: Slot<News>, news: News): void;
  /** It ended, though nobody wanted it to. */
  died(slot: Slot<News>, why: string): void;
}

/** A place in the group, filled by one process after another, which tell `News`. */
export class Slot<News> {
  readonly index: number;
  readonly #script: string;
  readonly #options: object;
  readonly #events: SlotEvents<News>;
  #child: ChildProcess | undefined;
  #mayEnd = false;
  #ended: Promise<void> = Promise.resolve();
  /** Of the incarnation that has joined. */
  id: number | undefined;
  /** A long stop: its eviction is to come. */
  isStopped = false;

  /** `options` are told to each process on its command line. */
  constructor(index: number, script: string, options: object, events: SlotEvents<News>) {
    this.index = index;
    this.#script = script;
    this.#options = options;
    this.#events = events;
  }

  get isRunning(): boolean {
    return this.#child !== undefined;
  }

  /** It has joined, reads and writes, and nothing is being done to it. */
  get isWell(): boolean {
    return this.isRunning && this.id !== undefined && !this.isStopped && !this.#mayEnd;
  }

  start(): void {
    const child = fork(this.#script, [JSON.stringify(this.#options)], {
      execArgv: [],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.#child = child;
    this.#mayEnd = false;
    this.isStopped = false;
    let stderr = '';
    child.stderr!.on('data', (chunk: Buffer) => (stderr = (stderr + chunk.toString()).slice(-4000)));
    child.on('message', (news: News) => this.#events.news(this, news));
    this.#ended = new Promise((resolve) =>
      child.once('close', (code, signal) => {
        this.#child = undefined;
        this.id = undefined;
        // Survivors that are no majority may kill who is silent, to prove its death.
        const isKilledForSilence = this.isStopped && signal === 'SIGKILL';
        if (!this.#mayEnd && !isKilledForSilence)
          this.#events.died(this, `${signal ?? code} ${stderr.trim()}`);
        resolve();
      }),
    );
  }

  signal(signal: NodeJS.Signals): void {
    this.#child?.kill(signal);
  }

  async kill(): Promise<void> {
    this.#mayEnd = true;
    this.signal('SIGKILL');
    await this.#ended;
  }

  send(command: string): void {
    this.#child?.send(command, () => undefined);
  }

  /** Tells it to end by itself. */
  async end(command: string): Promise<void> {
    this.#mayEnd = true;
    this.send(command);
    await this.#ended;
  }
}

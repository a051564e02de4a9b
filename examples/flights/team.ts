import { type ChildProcess, fork } from 'node:child_process';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Assignment, Order, Word } from './messages.js';

/** How long a member may take to leave its view before it is killed. */
const leaveMsMax = 5000;

/** A member as a process that the demo has forked. */
export class MemberProcess {
  readonly name: string;
  readonly pid: number;
  /** Resolves when it has ended. */
  readonly ended: Promise<string>;
  readonly #child: ChildProcess;
  readonly #listeners: ((word: Word) => void)[] = [];
  #alive = true;

  constructor(role: string, assignment: Assignment) {
    this.name = assignment.name;
    // Next to this file, and in the same form: compiled, or TypeScript where the demo itself runs as such.
    const file = new URL(`./${role}${extname(import.meta.url)}`, import.meta.url);
    this.#child = fork(fileURLToPath(file), [JSON.stringify(assignment)]);
    this.pid = this.#child.pid!;
    this.#child.on('message', (word: Word) => {
      for (const listener of this.#listeners) listener(word);
    });
    this.ended = new Promise((resolve) =>
      this.#child.once('exit', (code, signal) => {
        this.#alive = false;
        resolve(signal ?? `exit code ${code}`);
      }),
    );
    // A message to a process that has just died is no fault of the demo's.
    this.#child.on('error', () => undefined);
  }

  get alive(): boolean {
    return this.#alive;
  }

  onWord(listener: (word: Word) => void): void {
    this.#listeners.push(listener);
  }

  /** The first word of this kind from now on. */
  hear<K extends Word['kind']>(kind: K): Promise<Extract<Word, { kind: K }>> {
    return new Promise((resolve) =>
      this.onWord((word) => {
        if (word.kind === kind) resolve(word as Extract<Word, { kind: K }>);
      }),
    );
  }

  order(order: Order): void {
    if (this.#alive && this.#child.connected) this.#child.send(order, () => undefined);
  }

  /** At once, without a chance to say goodbye. */
  kill(): void {
    this.#child.kill('SIGKILL');
  }
}

/** All member processes of a run, and what becomes of them. */
export class Team {
  readonly members: MemberProcess[] = [];
  /** Rejects when a member says that it failed, or ends without having been told to or killed. */
  readonly failed: Promise<never>;
  #fail!: (error: Error) => void;
  #ending = false;
  #heardMs = performance.now();

  constructor() {
    this.failed = new Promise((_, reject) => (this.#fail = reject));
    this.failed.catch(() => undefined);
  }

  /** `mayDie`: its end, by whatever cause, is no failure of the run. */
  start(role: string, assignment: Assignment, mayDie: (member: MemberProcess) => boolean): MemberProcess {
    const member = new MemberProcess(role, assignment);
    this.members.push(member);
    member.onWord((word) => {
      this.#heardMs = performance.now();
      if (word.kind === 'failed' && !this.#ending && !mayDie(member))
        this.#fail(new Error(`${member.name}: ${word.message}`));
    });
    void member.ended.then((cause) => {
      if (!this.#ending && !mayDie(member))
        this.#fail(new Error(`${member.name} (pid ${member.pid}) ended: ${cause}`));
    });
    return member;
  }

  /** The members have been told to leave. */
  get ending(): boolean {
    return this.#ending;
  }

  /** When any of them said anything last. */
  get heardMs(): number {
    return this.#heardMs;
  }

  member(name: string): MemberProcess {
    return this.members.find((member) => member.name === name)!;
  }

  get living(): MemberProcess[] {
    return this.members.filter(({ alive }) => alive);
  }

  /** What happens first: `work` is done, or a member fails. */
  unlessFailed<T>(work: Promise<T>): Promise<T> {
    return Promise.race([work, this.failed]);
  }

  /** Every member leaves its view and ends; who cannot in time is killed, and named. */
  async leave(): Promise<string[]> {
    this.#ending = true;
    const slow: string[] = [];
    const waits = this.living.map(async (member) => {
      member.order({ kind: 'leave' });
      const timer = setTimeout(() => {
        slow.push(member.name);
        member.kill();
      }, leaveMsMax);
      await member.ended;
      clearTimeout(timer);
    });
    await Promise.all(waits);
    return slow;
  }
}

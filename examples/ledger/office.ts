import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { Assignment, Order, Word } from './messages.js';

export type Done = Extract<Word, { kind: 'done' }>;

/** The process of a clerk, as the demo sees it. */
class Desk {
  /** Transfers of this clerk that it was told are booked. */
  booked = 0;
  readonly child: ChildProcess;
  readonly ready: Promise<number>;
  readonly done: Promise<Done>;

  constructor(assignment: Assignment, onBooked: () => void) {
    this.child = fork(new URL('./clerk.js', import.meta.url), [JSON.stringify(assignment)], { execArgv: [] });
    const told = <K extends Word['kind']>(kind: K) =>
      new Promise<Extract<Word, { kind: K }>>((resolve, reject) => {
        this.child.on('message', (word: Word) => {
          if (word.kind === kind) resolve(word as Extract<Word, { kind: K }>);
          else if (word.kind === 'failed') reject(new Error(`clerk ${assignment.clerk}: ${word.message}`));
        });
        this.child.on('exit', (code, signal) =>
          reject(new Error(`clerk ${assignment.clerk} ended: ${signal ?? code}`)),
        );
      });
    this.ready = told('ready').then(({ last }) => last);
    this.done = told('done');
    // Who is killed is not waited for.
    this.ready.catch(() => undefined);
    this.done.catch(() => undefined);
    this.child.on('message', (word: Word) => {
      if (word.kind !== 'booked') return;
      this.booked = word.upTo;
      onBooked();
    });
  }

  order(order: Order): void {
    this.child.send(order);
  }
}

/** All clerks, in one of their lives. */
export class Office {
  readonly desks: readonly Desk[];

  /** Starts the processes in the order of `assignments`; `onBooked` hears the transfers that are booked, all clerks together. */
  constructor(assignments: readonly Assignment[], onBooked: (booked: number) => void = () => undefined) {
    const sum = () => this.desks.reduce((all, { booked }) => all + booked, 0);
    this.desks = assignments.map((assignment) => new Desk(assignment, () => onBooked(sum())));
  }

  /** Waits for all to be there; gives the number of the last transfer of each, and lets them begin. */
  async begin(): Promise<number[]> {
    const last = await Promise.all(this.desks.map(({ ready }) => ready));
    for (const desk of this.desks) desk.order('begin');
    return last;
  }

  /** What each clerk has in the end, once all transfers of all are booked. */
  done(): Promise<Done[]> {
    return Promise.all(this.desks.map(({ done }) => done));
  }

  /** SIGKILL to all at once; gives how many transfers of each clerk were told to be booked. */
  async killAll(): Promise<number[]> {
    const gone = this.desks.map(({ child }) => (child.exitCode === null ? once(child, 'exit') : undefined));
    for (const { child } of this.desks) child.kill('SIGKILL');
    await Promise.all(gone);
    return this.desks.map(({ booked }) => booked);
  }

  async close(): Promise<void> {
    for (const desk of this.desks) if (desk.child.connected) desk.order('leave');
    await Promise.all(
      this.desks.map(({ child }) => (child.exitCode === null ? once(child, 'exit') : undefined)),
    );
  }
}

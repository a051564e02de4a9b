import { Json, Participant, type Sample } from 'bowecho';
import { Flight } from './generated/flights.js';
import { type Assignment, nowMs, type Order, type Word } from './messages.js';
import { type MemberReport, topics } from './topics.js';
import { Witness } from './witness.js';

/** What a role adds to being a member. */
export interface Role {
  /** Each flight, in the order that all members share. */
  onFlight?(sample: Sample<Flight>): void;
  /** Once the member is in the domain and reads. */
  start?(member: Member): Promise<void>;
  /** Before the member leaves. */
  stop?(): void;
  remarks?(): string[];
}

/**
 * How long a member may be silent. A death is known at once, from the kernel: this is for processes that are stopped, and long enough
 * for a small machine on which five start while it has other things to do.
 */
const suspicionMs = 3000;
/** Reports on itself a second. */
const reportsPerSecond = 5;

/** One process of the demo: a participant that reads all flights, bears witness to their order, and does what the demo orders. */
export class Member {
  readonly assignment: Assignment;
  readonly participant: Participant;
  readonly witness: Witness;
  readonly #role: Role;
  readonly #handlers: ((order: Order) => void)[] = [];
  #leaving = false;

  private constructor(assignment: Assignment, participant: Participant, role: Role) {
    this.assignment = assignment;
    this.participant = participant;
    this.#role = role;
    this.witness = new Witness(assignment.every, (checkpoint) => {
      if (assignment.every > 0) this.tell({ kind: 'checkpoint', checkpoint });
    });
    this.onOrder((order) => this.#obey(order));
    process.on('message', (order: Order) => {
      for (const handler of this.#handlers) handler(order);
    });
    // The demo is gone, killed perhaps: there is nobody left to be a member for.
    process.on('disconnect', () => void this.leave());
  }

  /** The whole life of a member process: it ends when it is told to, or with the demo itself. */
  static async run(role: (assignment: Assignment) => Role): Promise<void> {
    const assignment = JSON.parse(process.argv[2]!) as Assignment;
    const { domain, name } = assignment;
    let member: Member | undefined;
    try {
      const participant = await Participant.join({ domain: `memory:${domain}`, name, suspicionMs });
      member = new Member(assignment, participant, role(assignment));
      await member.#start();
    } catch (error) {
      if (member !== undefined) return member.#fail(error);
      process.send?.({ kind: 'failed', message: messageOf(error) } satisfies Word);
      process.exit(1);
    }
  }

  async #start(): Promise<void> {
    const reader = await this.participant.reader(Flight, { topic: topics.flights, qos: 'atomic' });
    reader.samples$.subscribe({
      next: (sample) => {
        this.witness.accept(sample);
        this.#role.onFlight?.(sample);
      },
      error: (error: Error) => this.#fail(error),
    });
    if (this.assignment.live) await this.#report();
    await this.#role.start?.(this);
    if (!this.#role.start) this.ready(0);
  }

  ready(planned: number): void {
    this.tell({ kind: 'ready', id: this.participant.id, planned });
  }

  tell(word: Word): void {
    if (process.connected) process.send!(word);
  }

  onOrder(handler: (order: Order) => void): void {
    this.#handlers.push(handler);
  }

  get leaving(): boolean {
    return this.#leaving;
  }

  #obey(order: Order): void {
    if (order.kind === 'leave') void this.leave();
    if (order.kind === 'finish') {
      const poll = setInterval(() => {
        if (!this.#finished(order)) return;
        clearInterval(poll);
        const remarks = this.#role.remarks?.() ?? [];
        this.tell({ kind: 'result', result: this.witness.result(this.assignment.name, remarks) });
      }, 2);
    }
  }

  #finished({ written, gone }: Extract<Order, { kind: 'finish' }>): boolean {
    const { members } = this.participant.view;
    return (
      written.every(([feed, count]) => this.witness.from(feed) >= count) &&
      !members.some(({ id }) => gone.includes(id))
    );
  }

  /** Live: tells everyone, the page too, how far this member is. */
  async #report(): Promise<void> {
    const { participant, witness } = this;
    const writer = await participant.writer(Json, { topic: topics.members, qos: 'raw' });
    let before = { ms: nowMs(), delivered: 0 };
    let samplesPerSecond = 0;
    const timer = setInterval(() => {
      if (this.#leaving) return clearInterval(timer);
      const now = { ms: nowMs(), delivered: witness.delivered };
      const rate = ((now.delivered - before.delivered) * 1000) / (now.ms - before.ms);
      samplesPerSecond += (rate - samplesPerSecond) / reportsPerSecond;
      before = now;
      witness.adapt(samplesPerSecond);
      const report: MemberReport = {
        name: participant.name,
        pid: process.pid,
        delivered: witness.delivered,
        samplesPerSecond,
        hash: witness.hash,
        checkpoints: witness.recent.map(([delivered, hash]) => [delivered, hash]),
        viewId: participant.view.viewId,
        view: participant.view.members.map(({ name }) => name),
      };
      writer.tryWrite(report);
    }, 1000 / reportsPerSecond);
  }

  #fail(error: unknown): void {
    if (this.#leaving) return;
    this.tell({ kind: 'failed', message: messageOf(error) });
    void this.leave(1);
  }

  async leave(exitCode = 0): Promise<void> {
    if (this.#leaving) return;
    this.#leaving = true;
    this.#role.stop?.();
    await this.participant.close().catch((error: unknown) => console.error(error));
    process.exit(exitCode);
  }
}

/** With a code, it is a condition that its message explains; without, a mistake in the program, and where it is helps. */
function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return 'code' in error ? error.message : (error.stack ?? error.message);
}

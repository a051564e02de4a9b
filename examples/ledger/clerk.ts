import { Participant, type Replicated } from 'bowecho';
import { Transfer } from './generated/ledger.js';
import { accounts, book, type Ledger, opened } from './ledger.js';
import type { Assignment, Order, Word } from './messages.js';

/** Transfers on their way at once. */
const inFlightMax = 64;

/** One process: a replica of the ledger, whose clerk orders transfers. Killed and started again, it goes on where it was. */
class Clerk {
  readonly #assignment: Assignment;
  readonly #participant: Participant;
  readonly #ledger: Replicated<Ledger, Transfer>;
  readonly #errors: string[] = [];

  private constructor(
    assignment: Assignment,
    participant: Participant,
    ledger: Replicated<Ledger, Transfer>,
  ) {
    this.#assignment = assignment;
    this.#participant = participant;
    this.#ledger = ledger;
    ledger.refused$.subscribe(({ error }) => this.#errors.push(String(error)));
  }

  static async start(assignment: Assignment): Promise<void> {
    const { domain, clerk, storage } = assignment;
    const participant = await Participant.join({ domain, name: `clerk-${clerk}`, storage });
    const ledger = await participant.replicated(Transfer, book, opened, { topic: 'ledger' });
    const self = new Clerk(assignment, participant, ledger);
    process.on('message', (order: Order) => void self.#obey(order).catch(fail));
    process.on('disconnect', () => void participant.close());
    tell({ kind: 'ready', last: ledger.state.last[clerk]! });
  }

  async #obey(order: Order): Promise<void> {
    if (order === 'leave') {
      await this.#participant.close();
      process.disconnect();
      return;
    }
    await this.#orderAll();
    await this.#allBooked();
    const { state, version } = this.#ledger;
    tell({
      kind: 'done',
      ledger: state,
      digest: this.#ledger.digest(),
      version: `${version.epoch}.${version.sequence}`,
      errors: this.#errors,
    });
  }

  /** Orders what is left of its transfers, many at a time. */
  async #orderAll(): Promise<void> {
    const { clerk, transfers } = this.#assignment;
    const underWay: Promise<unknown>[] = [];
    for (let number = this.#ledger.state.last[clerk]! + 1; number <= transfers; number++) {
      const booked = this.#ledger.dispatch(transferOf(clerk, number));
      underWay.push(booked.then(() => tell({ kind: 'booked', upTo: number })));
      if (underWay.length >= inFlightMax) await underWay.shift();
    }
    await Promise.all(underWay);
  }

  /** Resolves once the ledger has the transfers of all clerks. */
  async #allBooked(): Promise<void> {
    const { transfers } = this.#assignment;
    await new Promise<void>((resolve) => {
      const subscription = this.#ledger.state$.subscribe(({ last }) => {
        if (!last.every((number) => number === transfers)) return;
        resolve();
        queueMicrotask(() => subscription.unsubscribe());
      });
    });
  }
}

/** Looks like chance, and is the same in every life of the clerk. */
function transferOf(clerk: number, number: number): Transfer {
  const mixed = Math.imul(number * 3 + clerk, 2654435761) >>> 0;
  const payer = mixed % accounts;
  const payee = (payer + 1 + ((mixed >>> 8) % (accounts - 1))) % accounts;
  return { clerk, number, payer, payee, amount: (mixed >>> 16) % 500 };
}

function tell(word: Word): void {
  if (process.connected) process.send?.(word);
}

function fail(error: unknown): void {
  tell({ kind: 'failed', message: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  process.exit(1);
}

Clerk.start(JSON.parse(process.argv[2]!) as Assignment).catch(fail);

import type { MemberId, Region, Replica, Transport } from '../../transport/transport.js';

/** A member that holds a topic's history, and the view since which it has. */
export interface Holder {
  readonly member: MemberId;
  readonly since: number;
}

/** Who may need history of whom, in one epoch of a topic. */
export interface ExchangeEpoch {
  readonly slot: number;
  readonly epoch: number;
  /** In rank order. */
  readonly holders: readonly Holder[];
}

/** What a member needs: what came before the epoch `before`, and after a version (−1 and −1: from the first on). */
export interface Need {
  readonly before: number;
  readonly afterEpoch: number;
  readonly afterSequence: number;
  /** No more than what is within these, which are included; left out: all. */
  readonly bounds?: Bounds;
}

/** Up to a version, and between two source times in microseconds. */
export interface Bounds {
  readonly upToEpoch: number;
  readonly upToSequence: number;
  readonly fromUs: number;
  readonly upToUs: number;
}

/** Columns of a holder's row. `after…` are one more than what they say, and 0 where there is nothing; those from `answers` on are by holder, and name the request. */
export const columns = {
  state: 0,
  needs: 1,
  source: 2,
  taken: 3,
  afterEpoch: 4,
  afterSequence: 5,
  has: 6,
  /** How often it has asked for something else before. */
  request: 7,
  upToEpoch: 8,
  upToSequence: 9,
  fromUs: 10,
  upToUs: 11,
  answers: 12,
} as const;
const boundColumns = ['upToEpoch', 'upToSequence', 'fromUs', 'upToUs'] as const;
/** `whole`: nothing is needed any more; `lossy`: nor here, but some of it could not be had. */
export const states = { needing: 1, whole: 2, lossy: 3 } as const;
export const answers = { serving: 1, refused: 2 } as const;
export const answerTo = (request: number, answer: number): number => 4 * request + answer;

/** The rows of an exchange: each member writes one, and reads all. */
export class ExchangeRows {
  readonly me: number;
  readonly #transport: Transport;
  readonly #epoch: ExchangeEpoch;
  readonly #name: string;
  readonly #mark: () => void;
  readonly #bytes: number;
  readonly #region: Region;
  readonly #others: (Replica | undefined)[];

  /**
   * `mark` is called when something was put.
   * @throws TransportError BE_NO_MEMORY
   */
  constructor(transport: Transport, epoch: ExchangeEpoch, name: string, mark: () => void) {
    this.#transport = transport;
    this.#epoch = epoch;
    this.#name = `${name}${epoch.slot}.${epoch.epoch}`;
    this.#mark = mark;
    const { holders } = epoch;
    this.me = holders.findIndex(({ member }) => member === transport.self);
    this.#bytes = (columns.answers + holders.length) * 8;
    const peers = holders.map(({ member }) => member).filter((member) => member !== transport.self);
    this.#region = transport.allocate(this.#name, this.#bytes, peers);
    this.#others = holders.map(() => undefined);
  }

  put(column: number, value: number): void {
    this.#region.memory.f64[column] = value;
    this.#region.put(column * 8, (column + 1) * 8);
    this.#mark();
  }

  cell(holder: number, column: number): number {
    if (holder === this.me) return this.#region.memory.f64[column]!;
    const { member } = this.#epoch.holders[holder]!;
    this.#others[holder] ??= this.#transport.attach(member, this.#name, this.#bytes);
    return this.#others[holder]?.memory.f64[column] ?? 0;
  }

  /** What comes before the epoch is put last, by whoever calls this. */
  putNeed({ afterEpoch, afterSequence, bounds }: Need): void {
    if (afterEpoch >= 0) {
      this.put(columns.afterEpoch, afterEpoch + 1);
      this.put(columns.afterSequence, afterSequence + 1);
    }
    if (bounds !== undefined) for (const bound of boundColumns) this.put(columns[bound], bounds[bound]);
  }

  needOf(holder: number): Need {
    const [upToEpoch, upToSequence, fromUs, upToUs] = boundColumns.map((bound) =>
      this.cell(holder, columns[bound]),
    );
    return {
      before: this.cell(holder, columns.needs),
      afterEpoch: this.cell(holder, columns.afterEpoch) - 1,
      afterSequence: this.cell(holder, columns.afterSequence) - 1,
      bounds: { upToEpoch: upToEpoch!, upToSequence: upToSequence!, fromUs: fromUs!, upToUs: upToUs! },
    };
  }

  /** The memory by which a holder is given what it asked for. */
  channelOf(holder: number, request: number): string {
    return `${this.#name}.to${holder}.${request}`;
  }

  release(): void {
    this.#region.release();
    for (const row of this.#others) row?.release();
  }
}

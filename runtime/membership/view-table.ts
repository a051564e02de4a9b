import type { MemberId, Region, Transport } from '../../transport/transport.js';
import type { Board } from '../table/board.js';
import { RowLayout } from '../table/layout.js';
import { ProposalReader, ProposalWriter, type Proposal } from './proposal-log.js';
import type { View } from './view.js';

/** Bytes of a member's log of proposals in one view. */
export const proposalBytesMax = 256 * 1024;

/** The columns of a member's row in one view; see protocol.md, section 2. */
class ViewColumns {
  /** Bytes of the proposal log that count: put after them. */
  readonly numChanges: number;
  /** How many changes are committed: decided, whoever leads. */
  readonly numCommitted: number;
  /** I have attached all that this view gave me. */
  readonly attached: number;
  /** I have installed the next view: my last put in this one. */
  readonly installed: number;
  /** [rank] */
  readonly suspected: number;
  readonly byteLength: number;
  readonly logStart: number;

  constructor(members: number) {
    const layout = new RowLayout();
    this.numChanges = layout.counter();
    this.numCommitted = layout.counter();
    this.attached = layout.counter();
    this.installed = layout.counter();
    this.suspected = layout.counters(members);
    this.byteLength = layout.byteLength;
    this.logStart = Math.ceil(this.byteLength / 64) * 64;
  }
}

interface Row {
  live: Float64Array;
  log: ProposalReader;
}

/** The domain's table of one view: a row a member, in memory of this view alone. Members are named by rank. */
export class ViewTable {
  readonly view: View;
  readonly ids: readonly MemberId[];
  readonly me: number;
  readonly log: ProposalWriter;
  readonly #transport: Transport;
  readonly #board: Board;
  readonly #columns: ViewColumns;
  readonly #region: Region;
  readonly #rows: (Row | undefined)[];
  /** Rows of members that I suspect, as they were then. */
  readonly #frozen: (Float64Array | undefined)[] = [];

  /** @throws TransportError BE_NO_MEMORY */
  constructor(transport: Transport, board: Board, view: View) {
    this.view = view;
    this.#transport = transport;
    this.#board = board;
    this.ids = view.members.map(({ id }) => id);
    this.me = this.ids.indexOf(transport.self);
    this.#columns = new ViewColumns(this.ids.length);
    this.#region = transport.allocate(
      this.#name,
      this.#byteLength,
      this.ids.filter((id) => id !== transport.self),
    );
    const { memory } = this.#region;
    this.log = new ProposalWriter(memory, this.#columns.logStart, proposalBytesMax);
    this.#rows = this.ids.map(() => undefined);
    this.#rows[this.me] = {
      live: memory.f64,
      log: new ProposalReader(memory, this.#columns.logStart, proposalBytesMax),
    };
  }

  get #name(): string {
    return `view${this.view.viewId}`;
  }

  get #byteLength(): number {
    return this.#columns.logStart + proposalBytesMax;
  }

  /** Attaches whoever is there; true once all are. */
  attach(): boolean {
    return this.ids.map((_, rank) => this.#row(rank) !== undefined).every(Boolean);
  }

  isAttached(rank: number): boolean {
    return this.#row(rank) !== undefined;
  }

  #row(rank: number): Row | undefined {
    const known = this.#rows[rank];
    if (known !== undefined) return known;
    const replica = this.#transport.attach(this.ids[rank]!, this.#name, this.#byteLength);
    if (replica === undefined) return undefined;
    const { memory } = replica;
    const log = new ProposalReader(memory, this.#columns.logStart, proposalBytesMax);
    return (this.#rows[rank] = { live: memory.f64, log });
  }

  #cell(rank: number, column: number): number {
    return (this.#frozen[rank] ?? this.#row(rank)?.live)?.[column] ?? 0;
  }

  /** Copies `rank`'s counters once. Its log is append-only, so what the copied guard covers stays as it is. */
  freeze(rank: number): void {
    const columns = this.#columns.byteLength / 8;
    this.#frozen[rank] ??= this.#row(rank)?.live.slice(0, columns) ?? new Float64Array(columns);
  }

  #store(column: number, value: number): void {
    this.#rows[this.me]!.live[column] = value;
    this.#region.put(column * 8, (column + 1) * 8);
    this.#board.mark(0);
  }

  // ---- columns ----

  suspect(rank: number): void {
    this.#store(this.#columns.suspected + rank, 1);
  }

  suspects(accuser: number, accused: number): boolean {
    return this.#cell(accuser, this.#columns.suspected + accused) === 1;
  }

  /** Whether any row, read live, accuses me; rows of members that I suspect included. */
  get accused(): boolean {
    return this.ids.some((_, rank) => this.#row(rank)?.live[this.#columns.suspected + this.me] === 1);
  }

  /**
   * The changes in `rank`'s log.
   * @throws where they make no sense
   */
  proposalsOf(rank: number): readonly Proposal[] {
    return this.#row(rank)?.log.readTo(this.#cell(rank, this.#columns.numChanges)) ?? [];
  }

  /** Makes what was appended to my log count. */
  publishLog(): void {
    const start = this.#columns.logStart;
    this.#region.put(start + this.#cell(this.me, this.#columns.numChanges), start + this.log.end);
    this.#store(this.#columns.numChanges, this.log.end);
  }

  committedBy(rank: number): number {
    return this.#cell(rank, this.#columns.numCommitted);
  }

  commit(changes: number): void {
    this.#store(this.#columns.numCommitted, changes);
  }

  /** Says, once, that I have attached all that this view gave me. */
  markAttached(): void {
    if (!this.hasAttached(this.me)) this.#store(this.#columns.attached, 1);
  }

  hasAttached(rank: number): boolean {
    return this.#cell(rank, this.#columns.attached) === 1;
  }

  markInstalled(): void {
    this.#store(this.#columns.installed, 1);
  }

  /** Whether `rank` has installed the view after this one. Its row is then final. */
  hasInstalled(rank: number): boolean {
    return this.#cell(rank, this.#columns.installed) === 1;
  }

  /** Puts to `rank` end here: it is suspected. */
  drop(rank: number): void {
    const { peers } = this.#region;
    const index = peers.indexOf(this.ids[rank]!);
    if (index >= 0) peers.splice(index, 1);
  }

  seal(): void {
    this.#region.seal();
  }

  release(): void {
    this.#region.release();
  }
}

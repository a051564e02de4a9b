import type { MemberId, Region, RegionMemory, Replica, Transport } from '../../transport/transport.js';
import type { LogicalClock } from '../multicast/logical-clock.js';
import type { Board } from '../table/board.js';
import { RowLayout } from '../table/layout.js';
import { RowWatch } from '../table/row-watch.js';
import { isChange } from './check-request.js';
import { CorruptPeerError } from './errors.js';
import { Notes } from './notes.js';
import { ProposalReader, ProposalWriter, type Proposal } from './proposal-log.js';
import { type SuspicionReason, suspicionReasons } from './suspicion-reason.js';
import type { View } from './view.js';

/** Bytes of a member's log of proposals in one view. */
export const proposalBytesMax = 256 * 1024;
/** Bytes of what a member notes at the end of one view: much only where epochs of persistent topics may end. */
const noteBytesMax = (view: View) =>
  view.topics.some(({ persistent }) => persistent !== undefined) ? 256 * 1024 : 4096;

/** The columns of a member's row in one view; see protocol.md, section 2. */
class ViewColumns {
  /** Bytes of the proposal log that count: put after them. */
  readonly numChanges: number;
  /** How many changes are committed: decided, whoever leads. */
  readonly numCommitted: number;
  /** I have attached all that this view gave me. */
  readonly attached: number;
  /**
   * The epochs that end with this view have ended here, and that is how late it was by my clock: I act on their trims as soon as all survivors
   * show this.
   */
  readonly ended: number;
  /** I have installed the next view: my last put in this one. */
  readonly installed: number;
  /** Bytes of my notes that count: put after them. */
  readonly notes: number;
  /** The record of this view's end, which my notes have, is durable. */
  readonly prepared: number;
  /** [rank]: 0, or why; see `suspicionReasons`. */
  readonly suspected: number;
  readonly byteLength: number;
  readonly logStart: number;
  /** The most that each column can say. */
  readonly limits: Float64Array;

  constructor(view: View) {
    const layout = new RowLayout();
    this.numChanges = layout.counter();
    this.numCommitted = layout.counter();
    this.attached = layout.counter();
    this.ended = layout.counter();
    this.installed = layout.counter();
    this.notes = layout.counter();
    this.prepared = layout.counter();
    this.suspected = layout.counters(view.members.length);
    this.byteLength = layout.byteLength;
    this.logStart = Math.ceil(this.byteLength / 64) * 64;
    this.limits = new Float64Array(this.byteLength / 8).fill(1);
    this.limits.fill(suspicionReasons.length - 1, this.suspected, this.suspected + view.members.length);
    this.limits[this.numChanges] = proposalBytesMax;
    this.limits[this.numCommitted] = Number.MAX_SAFE_INTEGER;
    this.limits[this.ended] = Number.MAX_SAFE_INTEGER;
    this.limits[this.notes] = noteBytesMax(view);
  }

  /** What a column is called in messages. */
  nameOf(column: number): string {
    if (column >= this.suspected) return `suspected[${column - this.suspected}]`;
    return Object.entries(this).find(([, index]) => index === column)?.[0] ?? `column ${column}`;
  }
}

/** What is no reason accuses nobody: whoever wrote it is found by `check`. */
function reasonIn(cell: number): SuspicionReason | undefined {
  return cell > 0 ? (suspicionReasons[cell] as SuspicionReason | undefined) : undefined;
}

interface Row {
  live: Float64Array;
  log: ProposalReader;
  notes: Notes;
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
  readonly #replicas: Replica[] = [];
  /** Rows of members that I suspect, as they were then. */
  readonly #frozen: (Float64Array | undefined)[] = [];
  readonly #watches: (RowWatch | undefined)[] = [];

  /** @throws TransportError BE_NO_MEMORY */
  constructor(transport: Transport, board: Board, view: View) {
    this.view = view;
    this.#transport = transport;
    this.#board = board;
    this.ids = view.members.map(({ id }) => id);
    this.me = this.ids.indexOf(transport.self);
    this.#columns = new ViewColumns(view);
    this.#region = transport.allocate(
      this.#name,
      this.#byteLength,
      this.ids.filter((id) => id !== transport.self),
    );
    const { memory } = this.#region;
    this.log = new ProposalWriter(memory, this.#columns.logStart, proposalBytesMax);
    this.#rows = this.ids.map(() => undefined);
    this.#rows[this.me] = this.#rowIn(memory);
  }

  get #name(): string {
    return `view${this.view.viewId}`;
  }

  get #byteLength(): number {
    return this.#notesStart + noteBytesMax(this.view);
  }

  get #notesStart(): number {
    return this.#columns.logStart + proposalBytesMax;
  }

  #rowIn(memory: RegionMemory): Row {
    return {
      live: memory.f64,
      log: new ProposalReader(memory, this.#columns.logStart, proposalBytesMax),
      notes: new Notes(memory, this.#notesStart, noteBytesMax(this.view)),
    };
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
    this.#replicas.push(replica);
    return (this.#rows[rank] = this.#rowIn(replica.memory));
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

  suspect(rank: number, reason: SuspicionReason): void {
    this.#store(this.#columns.suspected + rank, suspicionReasons.indexOf(reason));
  }

  suspects(accuser: number, accused: number): boolean {
    return this.suspicionOf(accuser, accused) !== undefined;
  }

  /** Why `accuser` suspects `accused`, where it does. */
  suspicionOf(accuser: number, accused: number): SuspicionReason | undefined {
    return reasonIn(this.#cell(accuser, this.#columns.suspected + accused));
  }

  /** Why some row, read live, accuses me, where one does; rows of members that I suspect included. */
  get accused(): SuspicionReason | undefined {
    for (let rank = 0; rank < this.ids.length; rank++) {
      const reason = reasonIn(this.#row(rank)?.live[this.#columns.suspected + this.me] ?? 0);
      if (reason !== undefined) return reason;
    }
    return undefined;
  }

  /**
   * The changes in `rank`'s log.
   * @throws CorruptPeerError where they make no sense
   */
  proposalsOf(rank: number): readonly Proposal[] {
    const end = this.#cell(rank, this.#columns.numChanges);
    try {
      return this.#row(rank)?.log.readTo(end, (proposal) => this.#isPossible(proposal, rank)) ?? [];
    } catch (error) {
      // Of a member that is suspected already, what made sense counts.
      if (this.#frozen[rank] !== undefined) return this.#row(rank)!.log.entries;
      throw new CorruptPeerError(
        this.ids[rank]!,
        `the log of proposals of ${this.#name}`,
        `${end} bytes`,
        String(error),
      );
    }
  }

  /** Leaders have the lowest ranks that live: nobody has a proposal of someone after it. */
  #isPossible({ leader, change }: Proposal, rank: number): boolean {
    return leader <= rank && isChange(change) && this.ids.includes(change.member);
  }

  /**
   * Looks through the row of `rank`.
   * @throws CorruptPeerError where it says what no correct member could have written
   */
  check(rank: number): void {
    const row = this.#row(rank)?.live;
    if (row === undefined || this.#frozen[rank] !== undefined) return;
    const watch = (this.#watches[rank] ??= new RowWatch(this.#columns.limits));
    const misfit = watch.look(row);
    if (misfit !== undefined)
      throw new CorruptPeerError(
        this.ids[rank]!,
        `${this.#columns.nameOf(misfit.column)} of ${this.#name}`,
        misfit.seen,
        misfit.why,
      );
    this.notesOf(rank);
    const committed = this.committedBy(rank);
    const { length } = this.proposalsOf(rank);
    if (committed > length)
      throw new CorruptPeerError(
        this.ids[rank]!,
        `numCommitted of ${this.#name}`,
        committed,
        `its log has ${length} changes`,
      );
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

  markEnded(clock: LogicalClock): void {
    this.#store(this.#columns.ended, clock.pass());
  }

  /** The latest of the clocks at the end of the epochs; 0 where none ended. */
  latestClock(): number {
    return Math.max(...this.ids.map((_, rank) => this.#cell(rank, this.#columns.ended)));
  }

  /** Whether the epochs that end with this view have ended at `rank`. */
  hasEnded(rank: number): boolean {
    return this.#cell(rank, this.#columns.ended) > 0;
  }

  // ---- what is noted at the end ----

  /** Appends a note, and makes it count. False where there is no room for it. */
  note(text: string): boolean {
    const { notes } = this.#rows[this.me]!;
    const before = notes.end;
    if (!notes.append(text)) return false;
    this.#region.put(this.#notesStart + before, this.#notesStart + notes.end);
    this.#store(this.#columns.notes, notes.end);
    return true;
  }

  /**
   * The notes of `rank`; undefined while its row is not there.
   * @throws CorruptPeerError where they make no sense
   */
  notesOf(rank: number): Notes | undefined {
    const notes = this.#row(rank)?.notes;
    if (notes === undefined || rank === this.me) return notes;
    const end = this.#cell(rank, this.#columns.notes);
    try {
      notes.readTo(end);
    } catch (error) {
      throw new CorruptPeerError(
        this.ids[rank]!,
        `the notes of ${this.#name}`,
        `${end} bytes`,
        String(error),
      );
    }
    return notes;
  }

  markPrepared(): void {
    this.#store(this.#columns.prepared, 1);
  }

  /** Whether `rank` has made the record of this view's end durable. */
  hasPrepared(rank: number): boolean {
    return this.#cell(rank, this.#columns.prepared) === 1;
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
    for (const replica of this.#replicas) replica.release();
  }
}

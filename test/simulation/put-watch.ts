import type { SubgroupColumns } from '../../runtime/multicast/row.js';
import type { FreshMemory } from './fresh-memory.js';
import * as oracles from './oracles.js';
import { type Phase, relaying, spreading } from './scenario.js';
import type { Station } from './station.js';
import type { Meeting } from './tally.js';
import type { Region } from '../../transport/transport.js';

/** What a put says of its member: the phase that it enters, and what it is called; '' where it does not matter. */
export interface Look {
  readonly phase: Phase | undefined;
  readonly label: string;
  readonly meets?: Meeting;
  /** Of the view whose row says that it suspects somebody. */
  readonly accusedRank?: number;
}

const nothing: Look = { phase: undefined, label: '' };
const life: Look = { phase: undefined, label: 'life' };
const looks = {
  note: { phase: 'trimmed', label: 'note' },
  prepare: { phase: 'trimmed', label: 'prepared' },
  install: { phase: 'installing', label: 'install' },
  propose: { phase: 'proposing', label: 'proposal' },
  commit: { phase: 'committed', label: 'commit' },
  attach: { phase: 'steady', label: 'attached' },
  end: { phase: undefined, label: 'ended' },
  suspect: { phase: 'suspecting', label: 'suspect' },
  wedge: { phase: 'wedged', label: 'wedge' },
  trim: { phase: 'trimmed', label: 'trim' },
  wrap: { phase: undefined, label: '', meets: 'ringWrap' },
  spread: { phase: spreading, label: 'block', meets: 'spread' },
  large: { phase: undefined, label: '', meets: 'largeMessage' },
  relay: { phase: relaying, label: 'relay', meets: 'relay' },
  largeRelay: { phase: relaying, label: 'relay', meets: 'largeRelay' },
  hold: { phase: relaying, label: 'held' },
  transfer: { phase: 'transferring', label: 'history' },
} as const satisfies Record<string, Look>;

/** In the order of `ViewColumns`; what follows is `suspected`. */
const viewLooks: readonly Look[] = [
  looks.propose,
  looks.commit,
  looks.attach,
  looks.end,
  nothing,
  looks.note,
  looks.prepare,
];
/** Where the log begins, at most so many members. */
const viewColumnsMax = 7 + 64;
/** In the order of the board's columns: magic, heartbeat, progress, viewId; then the request's. */
const boardLooks: readonly Look[] = [nothing, life, life, looks.install];
const requestId = 4;
const requestLength = 5;

/** What a member says first that needs a topic's history; whoever needs nothing more says something greater. */
const historyIsNeeded = 1;

interface Seen {
  readonly columns: SubgroupColumns;
  readonly row: Float64Array;
  readonly counters: readonly number[];
  readonly last: Float64Array;
}

/** Looks at every put: which phase it means, and whether its counters only grow. */
export class PutWatch {
  readonly #fresh: FreshMemory;
  /** Subgroup rows, by member and region. */
  readonly #seen = new Map<string, Seen>();
  /** Cells of boards and of views' rows, as they were put last. */
  readonly #cells = new Map<Region, Map<number, number>>();

  constructor(fresh: FreshMemory) {
    this.#fresh = fresh;
  }

  look(station: Station, { region, start, end }: { region: string; start: number; end: number }): Look {
    if (region.includes('.relay')) return region.includes('.large') ? looks.largeRelay : looks.relay;
    if (region.includes('.rdmc')) return looks.spread;
    if (region.startsWith('group')) {
      if (start === 0) return region.includes('.large') ? looks.large : this.#lookAtGroup(station, region);
      return this.#wraps(station, region, start) ? looks.wrap : nothing;
    }
    if (region.startsWith('history') || region.startsWith('log'))
      return this.#lookAtExchange(station, region, start);
    if (end - start !== 8) return nothing;
    this.#checkCell(station, region, start / 8);
    return region === 'board' ? (boardLooks[start / 8] ?? nothing) : this.#lookAtView(start);
  }

  /** A put of one cell of the board, or of a view's row. */
  #checkCell(station: Station, name: string, column: number): void {
    const region = station.regions.get(name)!;
    const now = region.memory.f64[column]!;
    // A request is replaced while its id is 0; its length is guarded by its id.
    if (name === 'board' && (column === requestLength || (column === requestId && now === 0))) return;
    let cells = this.#cells.get(region);
    if (cells === undefined) this.#cells.set(region, (cells = new Map()));
    const before = cells.get(column) ?? 0;
    oracles.countersGrow(() => `column ${column} of ${name} at member ${station.id}`, before, now);
    cells.set(column, now);
  }

  #lookAtView(start: number): Look {
    const column = start / 8;
    if (column < viewLooks.length) return viewLooks[column]!;
    if (column >= viewColumnsMax || !Number.isInteger(column)) return nothing;
    return { ...looks.suspect, accusedRank: column - viewLooks.length };
  }

  /** Who gives puts into channels; who takes, into the first columns of its row: state, needs, source, taken. */
  #lookAtExchange(station: Station, region: string, start: number): Look {
    const [row] = region.split('.to');
    if (row !== region) {
      const group = row!.replace(/history|log/, 'group');
      const topic = region.startsWith('log') ? station.keptOf(group) : station.topicOf(group);
      if (topic !== undefined) topic.serving = true;
      return looks.transfer;
    }
    const isTaking = start < 32 && station.regions.get(region)!.memory.f64[0]! <= historyIsNeeded;
    return isTaking ? looks.transfer : nothing;
  }

  #lookAtGroup(station: Station, region: string): Look {
    const seen = this.#seenOf(station, region);
    if (seen === undefined) return nothing;
    const { columns, row, counters, last } = seen;
    const wasWedged = last[columns.wedged] === 1;
    const hadTrim = last[columns.trimReady]! > 0;
    let holdsMore = false;
    for (const column of counters) {
      const now = row[column]!;
      const before = last[column]!;
      if (now === before) continue;
      if (hadTrim) oracles.trimIsFinal(station.id, region, columns, column, before, now);
      oracles.countersGrow(() => `column ${column} of ${region} at member ${station.id}`, before, now);
      if (wasWedged) oracles.wedgedIsFinal(station.id, region, columns, column, before, now);
      if (column >= columns.held && column < columns.trim) holdsMore = true;
      last[column] = now;
    }
    if (!wasWedged && row[columns.wedged] === 1) return looks.wedge;
    if (holdsMore) return looks.hold;
    return !hadTrim && row[columns.trimReady]! > 0 ? looks.trim : nothing;
  }

  /** Whether frames are put at the ring's beginning again. */
  #wraps(station: Station, region: string, start: number): boolean {
    const seen = this.#seenOf(station, region);
    return (
      seen !== undefined &&
      start === seen.columns.ringStart &&
      seen.row[seen.columns.sent]! > this.#fresh.firstTurnOf(region)
    );
  }

  #seenOf(station: Station, region: string): Seen | undefined {
    const key = `${station.id}/${region}`;
    const known = this.#seen.get(key);
    if (known !== undefined) return known;
    const memory = station.regions.get(region)?.memory;
    const record = station.recordOf(region);
    if (memory === undefined || record === undefined) return undefined;
    const { columns, senders } = record;
    const counters = [columns.sent, columns.real, columns.largeRegions, columns.received, columns.delivered];
    counters.push(columns.persisted);
    counters.push(columns.wedged, columns.trimReady);
    for (let s = 0; s < senders.length; s++)
      counters.push(columns.numReceived + s, columns.consumed + s, columns.held + s, columns.trim + s);
    const seen = { columns, row: memory.f64, counters, last: new Float64Array(columns.byteLength / 8) };
    this.#seen.set(key, seen);
    return seen;
  }
}

import { appendFileSync, mkdirSync, mkdtempSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Random } from '../random.js';
import { scriptOf } from '../../script.js';
import { Slot } from '../slot.js';
import { hostMs, pause } from '../time.js';
import type { MemberOptions, News } from './member.js';
import { newTally, type Tally } from './tally.js';

export interface GroupOptions {
  /** Of `members` processes, so many keep a log; the others write and read only. */
  readonly members: number;
  readonly keepers: number;
  readonly seed: number;
  /** Of each member. */
  readonly samplesPerSecond: number;
  /** On a disk: where logs and histories go. */
  readonly base: string;
}

type Kind = keyof Tally['kills'];

const gapMs = [100, 1200] as const;
const restartMs = [0, 250] as const;
/** Far longer than anything takes on an overloaded machine. */
const patienceMs = 30_000;

/** What the group knows of one incarnation. */
interface Place {
  readonly slot: Slot<News>;
  readonly keeps: boolean;
  began: boolean;
  joined: boolean;
  committedAtMs: number | undefined;
  finished: boolean;
  /** It had to stop, and is to be started again. */
  halted: boolean;
}

/** A domain with a persistent topic, whose members are processes that are killed and started again, as a seed decides. */
export class Group {
  readonly directory: string;
  readonly domain: string;
  readonly tally = newTally();
  /** What must not be, apart from what logs and histories show. */
  readonly faults: string[] = [];
  readonly #places: readonly Place[];
  readonly #random: Random;
  #viewId = 0;
  #lastKill: { readonly kind: Kind; readonly atMs: number } | undefined;

  private constructor(script: string, options: GroupOptions) {
    const { members, keepers, samplesPerSecond, base, seed } = options;
    this.#random = new Random(seed);
    this.directory = mkdtempSync(join(base, 'bowecho-soak-'));
    mkdirSync(this.#histories);
    this.domain = `soak-${process.pid}-${Math.floor(performance.now())}`;
    const events = {
      news: (slot: Slot<News>, news: News) => this.#hear(this.#places[slot.index]!, news),
      died: (slot: Slot<News>, why: string) =>
        void this.faults.push(`${nameOf(slot.index)} died by itself: ${why}`),
    };
    this.#places = Array.from({ length: members }, (_, i): Place => {
      const told: MemberOptions = {
        domain: `memory:${this.domain}`,
        name: nameOf(i),
        storage: i < keepers && this.#storage,
        directory: this.#histories,
        samplesPerSecond,
      };
      const keeps = i < keepers;
      return { slot: new Slot(i, script, told, events), keeps, ...fresh };
    });
  }

  get #histories(): string {
    return join(this.directory, 'histories');
  }

  get #storage(): string {
    return join(this.directory, 'logs');
  }

  /** All start at once, and work when this resolves. */
  static async start(options: GroupOptions): Promise<Group> {
    const group = new Group(await scriptOf('soak/persistent/member'), options);
    await Promise.all(group.#places.map((place) => group.#begin(place)));
    await group.#working();
    return group;
  }

  /** One kill after another, until `untilMs` (of `performance.now`). */
  async trouble(untilMs: number): Promise<void> {
    try {
      while (performance.now() < untilMs && this.faults.length === 0) {
        await pause(this.#random.between(...gapMs));
        await this.#strike();
        // At times it strikes again while they come back.
        if (this.#random.next() < 0.25) this.tally.early++;
        else await this.#working();
      }
      await this.#working();
    } catch (error) {
      this.faults.push((error as Error).message);
    }
  }

  async #strike(): Promise<void> {
    await this.#until(() => this.#places.every(({ halted }) => !halted), 'who had to stop is started again');
    const chance = this.#random.next();
    const victims = this.#victims(chance < 0.45 ? 'one' : chance < 0.7 ? 'some' : 'all');
    const kind: Kind = victims.length === 1 ? 'one' : victims.length < this.#places.length ? 'some' : 'all';
    const atMs = hostMs();
    this.#note({ kill: kind, names: victims.map(({ slot }) => nameOf(slot.index)) });
    this.tally.kills[kind]++;
    this.#lastKill = { kind, atMs };
    // In one go: nobody sees the others die.
    const gone = victims.map(({ slot }) => slot.kill());
    for (const victim of victims) Object.assign(victim, fresh);
    await Promise.all(gone);
    const back = victims.map(async (victim) => {
      await pause(this.#random.between(...restartMs));
      this.tally.restarts++;
      await this.#begin(victim);
    });
    await Promise.all(back);
  }

  #victims(kind: Kind): Place[] {
    const shuffled = this.#places
      .map((place) => ({ place, at: this.#random.next() }))
      .sort((a, b) => a.at - b.at)
      .map(({ place }) => place);
    const all = shuffled.length;
    const count = kind === 'one' ? 1 : kind === 'all' ? all : Math.floor(this.#random.between(2, all));
    return shuffled.slice(0, count);
  }

  /** Who keeps no log must not found the domain: it would begin a new one. */
  async #begin({ slot, keeps }: Place): Promise<void> {
    if (!keeps)
      await this.#until(
        () => this.#places.some((place) => place.keeps && place.joined),
        'one has joined that keeps a log',
      );
    slot.start();
    const place = this.#places[slot.index]!;
    // Nor be left to do so.
    await this.#until(() => (keeps ? place.began : place.joined), `${nameOf(slot.index)} has begun`);
  }

  /** Everyone is there, and had a sample of its own committed since the last kill. */
  async #working(): Promise<void> {
    await this.#until(
      () => this.#places.every(({ committedAtMs }) => committedAtMs !== undefined),
      'all work again',
    );
    if (this.#lastKill === undefined) return;
    const { kind, atMs } = this.#lastKill;
    const times = this.#places.map(({ committedAtMs }) => committedAtMs! - atMs).filter((ms) => ms > 0);
    this.#lastKill = undefined;
    this.#note({ working: Math.max(...times) });
    if (kind === 'all') this.tally.allToFirstMs.push(Math.min(...times));
    (kind === 'all' ? this.tally.allToWorkingMs : this.tally.killToWorkingMs).push(Math.max(...times));
  }

  #hear(place: Place, news: News): void {
    const name = nameOf(place.slot.index);
    this.#note({ name, ...news });
    switch (news.news) {
      case 'began':
        place.began = true;
        break;
      case 'joined':
        place.joined = true;
        break;
      case 'committed':
        place.committedAtMs = news.atMs;
        break;
      case 'finished':
        place.finished = true;
        break;
      case 'view':
        this.tally.viewChanges += Math.max(0, news.viewId - this.#viewId);
        this.#viewId = Math.max(this.#viewId, news.viewId);
        break;
      case 'fault':
        this.faults.push(`${name}: ${news.text}`);
        break;
      case 'halted':
        this.#halted(place, news.code, news.text);
    }
  }

  /** Where the last replica with all of the topic dies while an epoch ends, those that are left have to join again. */
  #halted(place: Place, code: string, text: string): void {
    this.tally.halts[code] = (this.tally.halts[code] ?? 0) + 1;
    if (code !== 'BE_NO_REPLICA') {
      this.faults.push(`${nameOf(place.slot.index)} had to stop: ${code} ${text}`);
      return;
    }
    Object.assign(place, fresh, { halted: true });
    void place.slot.kill().then(async () => {
      place.halted = false;
      await this.#begin(place);
    });
  }

  async #until(condition: () => boolean, what: string): Promise<void> {
    const deadline = performance.now() + patienceMs;
    while (!condition() && this.faults.length === 0) {
      if (performance.now() > deadline) throw new Error(`not within ${patienceMs} ms: ${what}`);
      await pause(5);
    }
  }

  /** What happened when, for whoever looks into a violation. */
  #note(what: object): void {
    appendFileSync(
      join(this.directory, 'timeline.jsonl'),
      `${JSON.stringify({ atMs: hostMs(), ...what })}\n`,
    );
  }

  /** Nothing more is written, all of it is committed, every log is whole, and everyone ends. */
  async finish(): Promise<void> {
    const slots = this.#places.map(({ slot }) => slot);
    if (this.faults.length === 0)
      try {
        for (const slot of slots) slot.send('finish');
        await this.#until(
          () => this.#places.every(({ finished }) => finished),
          'all is committed, and all logs are whole',
        );
        // What is committed is delivered within moments.
        await pause(500);
        await Promise.all(slots.map((slot) => slot.end('close')));
      } catch (error) {
        this.faults.push((error as Error).message);
      }
    await Promise.all(slots.map((slot) => slot.kill()));
  }

  /** The files that members wrote. */
  get histories(): string[] {
    return readdirSync(this.#histories).map((name) => join(this.#histories, name));
  }

  /** The folders of the topic's logs, by the names of those who keep them. */
  get logs(): { name: string; folder: string }[] {
    return this.#places
      .filter(({ keeps }) => keeps)
      .map(({ slot }) => nameOf(slot.index))
      .map((name) => ({ name, folder: join(this.#storage, this.domain, name, 'topics', 'soak') }));
  }
}

const fresh = {
  began: false,
  joined: false,
  committedAtMs: undefined,
  finished: false,
  halted: false,
};

function nameOf(index: number): string {
  return `m${index}`;
}

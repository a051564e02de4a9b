import { existsSync, mkdtempSync, readdirSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { News } from './member.js';
import { Random } from './random.js';
import { scriptOf } from '../script.js';
import { Slot } from './slot.js';
import { hostMs, pause } from './time.js';

export interface GroupOptions {
  readonly members: number;
  readonly seed: number;
  readonly samplesPerSecond: number;
  /** Between two faults, on average. */
  readonly faultMs: number;
}

/** How often what was done, and what followed. */
export interface Tally {
  kills: number;
  shortStops: number;
  longStops: number;
  /** Of the long stops: killed by survivors that were no majority without its death. */
  killsForSilence: number;
  leaves: number;
  restarts: number;
  viewChanges: number;
  /**
   * From each SIGKILL to the view without the victim, at the first survivor that told. Left out where somebody was stopped meanwhile: the
   * view then waits for that one, or for its suspicion.
   */
  readonly killToViewMs: number[];
  /** From each long SIGSTOP to the view without the victim, likewise. */
  readonly stopToViewMs: number[];
}

/** At least so many members have nothing done to them at any time: the domain lives on. */
const wellMin = 2;
const bytes = 64;
const shortStopMs = [50, 450] as const;
const restartMs = [50, 600] as const;
/** Far longer than anything takes on an overloaded machine. */
const patienceMs = 30_000;

/** A domain whose members are processes that are killed, stopped, told to leave and started again, as a seed decides. */
export class Group {
  /** Of what members write down. */
  readonly directory = mkdtempSync(join(folderInMemory() ?? tmpdir(), 'soak-of-bowecho-'));
  readonly tally: Tally = {
    kills: 0,
    shortStops: 0,
    longStops: 0,
    killsForSilence: 0,
    leaves: 0,
    restarts: 0,
    viewChanges: 0,
    killToViewMs: [],
    stopToViewMs: [],
  };
  /** What must not be, apart from what histories show. */
  readonly faults: string[] = [];
  readonly #slots: Slot<News>[];
  readonly #random: Random;
  readonly #options: GroupOptions;
  readonly #underWay = new Set<Promise<void>>();
  readonly #waiting = new Set<(news: News) => boolean>();
  readonly #gone = new Map<number, { readonly sinceMs: number; delays: number[] }>();
  /** Members that are stopped, or were and have not heard yet what became of it. */
  readonly #stopped = new Set<number>();
  readonly #halted = new Set<number>();
  #viewId = 0;

  private constructor(script: string, options: GroupOptions) {
    this.#options = options;
    this.#random = new Random(options.seed);
    const member = {
      domain: `memory:soak-${process.pid}-${Math.floor(performance.now())}`,
      directory: this.directory,
      samplesPerSecond: options.samplesPerSecond,
      bytes,
    };
    const events = {
      news: (slot: Slot<News>, news: News) => this.#hear(slot, news),
      died: (slot: Slot<News>, why: string) =>
        void this.faults.push(`member ${slot.index} died by itself: ${why}`),
    };
    this.#slots = Array.from({ length: options.members }, (_, i) => new Slot(i, script, member, events));
  }

  /** All start at once, and are a domain when this resolves. */
  static async start(options: GroupOptions): Promise<Group> {
    const group = new Group(await scriptOf('soak/member'), options);
    for (const slot of group.#slots) slot.start();
    await group.#until(() => group.#slots.every(({ isWell }) => isWell), 'all have joined');
    return group;
  }

  /** One fault after another, until `untilMs` (of `performance.now`). */
  async trouble(untilMs: number): Promise<void> {
    while (performance.now() < untilMs && this.faults.length === 0) {
      await pause(this.#random.between(0.5, 1.5) * this.#options.faultMs);
      const well = this.#slots.filter(({ isWell }) => isWell);
      if (well.length <= wellMin) continue;
      this.#begin(this.#random.next(), this.#random.pick(well));
      // At times two at once.
      const others = well.filter(({ isWell }) => isWell);
      if (others.length > wellMin && this.#random.next() < 0.2) this.#begin(0, this.#random.pick(others));
    }
    await Promise.all(this.#underWay);
  }

  #begin(chance: number, slot: Slot<News>): void {
    const act =
      chance < 0.7
        ? this.#kill(slot)
        : chance < 0.8
          ? this.#stopShortly(slot)
          : chance < 0.9
            ? this.#stopForLong(slot)
            : this.#leave(slot);
    const done = act
      .catch((error: unknown) => void this.faults.push(String((error as Error).message)))
      .finally(() => this.#underWay.delete(done));
    this.#underWay.add(done);
  }

  async #kill(slot: Slot<News>): Promise<void> {
    this.tally.kills++;
    const delays = this.#stopped.size > 0 ? [] : this.tally.killToViewMs;
    this.#gone.set(slot.id!, { sinceMs: hostMs(), delays });
    await slot.kill();
    await this.#restart(slot);
  }

  async #leave(slot: Slot<News>): Promise<void> {
    this.tally.leaves++;
    await slot.end('leave');
    await this.#restart(slot);
  }

  /** So short that nobody may take it for dead. */
  async #stopShortly(slot: Slot<News>): Promise<void> {
    this.tally.shortStops++;
    const id = slot.id!;
    this.#stop(slot);
    await pause(this.#random.between(...shortStopMs));
    slot.signal('SIGCONT');
    this.#stopped.delete(id);
  }

  /** Goes on only once it is out; then it hears of it, and joins again as somebody new. */
  async #stopForLong(slot: Slot<News>): Promise<void> {
    this.tally.longStops++;
    const id = slot.id!;
    slot.isStopped = true;
    const out = this.#heard(
      (news) => news.news === 'view' && !news.members.includes(id),
      'the stopped one is out',
    );
    this.#stop(slot);
    this.#gone.set(id, { sinceMs: hostMs(), delays: this.tally.stopToViewMs });
    await out;
    await pause(this.#random.between(0, 300));
    slot.signal('SIGCONT');
    await this.#until(() => this.#halted.has(id) || !slot.isRunning, 'it hears that it is out');
    this.#stopped.delete(id);
    if (slot.isRunning) {
      await this.#until(() => slot.id !== id, 'it has joined again');
      slot.isStopped = false;
    } else {
      this.tally.killsForSilence++;
      await this.#restart(slot);
    }
  }

  #stop(slot: Slot<News>): void {
    slot.signal('SIGSTOP');
    this.#stopped.add(slot.id!);
    for (const gone of this.#gone.values()) if (gone.delays === this.tally.killToViewMs) gone.delays = [];
  }

  async #restart(slot: Slot<News>): Promise<void> {
    await pause(this.#random.between(...restartMs));
    this.tally.restarts++;
    slot.start();
    await this.#until(() => slot.id !== undefined, 'who was started again has joined');
  }

  #hear(slot: Slot<News>, news: News): void {
    if (news.news === 'joined') slot.id = news.id;
    if (news.news === 'fault') this.faults.push(`member ${slot.index}: ${news.text}`);
    if (news.news === 'halted') this.#halted.add(news.id);
    if (news.news === 'halted' && !(news.code === 'BE_EVICTED' && this.#stopped.has(news.id)))
      this.faults.push(`member ${slot.index} had to stop: ${news.code} ${news.message}`);
    if (news.news === 'view') this.#seeView(news);
    for (const waiting of this.#waiting) if (waiting(news)) this.#waiting.delete(waiting);
  }

  #seeView({ viewId, members, atMs }: News & { news: 'view' }): void {
    this.tally.viewChanges += Math.max(0, viewId - this.#viewId);
    this.#viewId = Math.max(this.#viewId, viewId);
    for (const [id, { sinceMs, delays }] of this.#gone) {
      // Who has just joined tells of a view that is older than the fault.
      if (members.includes(id) || atMs < sinceMs) continue;
      delays.push(atMs - sinceMs);
      this.#gone.delete(id);
    }
  }

  #heard(isIt: (news: News) => boolean, what: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`not within ${patienceMs} ms: ${what}`)), patienceMs);
      this.#waiting.add((news) => {
        if (!isIt(news)) return false;
        clearTimeout(timer);
        resolve();
        return true;
      });
    });
  }

  async #until(condition: () => boolean, what: string): Promise<void> {
    const deadline = performance.now() + patienceMs;
    while (!condition() && this.faults.length === 0) {
      if (performance.now() > deadline) throw new Error(`not within ${patienceMs} ms: ${what}`);
      await pause(5);
    }
  }

  /** Everyone's last samples become stable, and everyone ends: histories are then complete. */
  async finish(): Promise<void> {
    if (this.faults.length === 0)
      try {
        await this.#all('finish', 'stable');
        // What is stable is delivered within moments.
        await pause(500);
        await this.#all('close', 'closed');
      } catch (error) {
        this.faults.push((error as Error).message);
      }
    await Promise.all(this.#slots.map((slot) => slot.kill()));
  }

  async #all(command: 'finish' | 'close', answer: 'stable' | 'closed'): Promise<void> {
    const waitingFor = new Set(this.#slots.map(({ id }) => id));
    const answered = this.#heard((news) => {
      if (news.news === answer) waitingFor.delete(news.id);
      return waitingFor.size === 0;
    }, `all are ${answer}`);
    const ended = this.#slots.map((slot) => (command === 'close' ? slot.end(command) : slot.send(command)));
    await answered;
    await Promise.all(ended);
  }

  /** The files that members wrote. */
  get histories(): string[] {
    return readdirSync(this.directory).map((name) => join(this.directory, name));
  }
}

/** Where there is one, with room for half an hour: whose event loop waits for a disk, which something else keeps busy, holds up all others. */
function folderInMemory(): string | undefined {
  const folder = '/dev/shm';
  if (!existsSync(folder)) return undefined;
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize > 4 * 2 ** 30 ? folder : undefined;
}

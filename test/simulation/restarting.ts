import { planRestart, type Restart } from '../../runtime/membership/restart.js';
import { RestartCourse, type TopUp } from '../../runtime/membership/restart-course.js';
import type { ViewRecord } from '../../runtime/membership/view-record.js';
import { isFoundWith } from '../../runtime/membership/view-parts.js';
import type { SeededRandom } from '../../transport/simulated/random.js';
import { lookAtAnyDisks, lookAtLogs } from './any-disks.js';
import type { LogRecord, SimulatedDisk } from './disk.js';
import { clipped, foundingLog } from './founding-log.js';
import type { Inheritance } from './inheritance.js';
import * as oracles from './restart-oracles.js';
import type { Tally } from './tally.js';

/** What was committed in all lives so far, by topic: delivered, or told to a writer. */
export type CommittedSample = Pick<LogRecord, 'epoch' | 'sequence' | 'hash'>;
export type Committed = ReadonlyMap<string, readonly CommittedSample[]>;

/** Where an epoch ended, as somebody has acted on it. */
export type End = Pick<LogRecord, 'epoch' | 'sequence'>;

/** What the next life has to go on with, by topic. */
export interface Lived {
  readonly committed: Committed;
  /** What lies beyond was left out for good. */
  readonly ended: ReadonlyMap<string, readonly End[]>;
}

/** All disks that came back died again. */
class Died extends Error {}

/** The restart of a domain in which nobody is left: disks come back in some order, and may go again at any step. */
export class Restarting {
  readonly #disks: readonly SimulatedDisk[];
  readonly #singleHost: boolean;
  readonly #random: SeededRandom;
  /** For which disks else might have come back. */
  readonly #others: SeededRandom;
  readonly #lived: Lived;
  readonly #tally: Tally;
  #crashesLeft: number;

  constructor(
    disks: readonly SimulatedDisk[],
    options: {
      singleHost: boolean;
      random: SeededRandom;
      others: SeededRandom;
      lived: Lived;
      tally: Tally;
      crashesMax: number;
    },
  ) {
    this.#disks = disks;
    this.#singleHost = options.singleHost;
    this.#random = options.random;
    this.#others = options.others;
    this.#lived = options.lived;
    this.#tally = options.tally;
    this.#crashesLeft = options.crashesMax;
  }

  /** Attempts until one comes to its end. @throws Violation */
  run(life: number): Inheritance {
    for (;;) {
      try {
        return this.#attempt(life);
      } catch (error) {
        if (!(error instanceof Died)) throw error;
        this.#tally.meet('restartCrash');
      }
    }
  }

  #attempt(life: number): Inheritance {
    for (const disk of this.#disks) disk.repair();
    lookAtAnyDisks(this.#disks, this.#singleHost, this.#lived, this.#others);
    const coming = shuffled(this.#disks, this.#random);
    const present: SimulatedDisk[] = [];
    for (;;) {
      const next = coming.shift();
      if (next !== undefined) present.push(next, ...takeBeside(coming, next));
      const decision = planRestart(
        present.map((disk) => disk.found()),
        this.#singleHost,
      );
      const isDecided = decision !== undefined && !Array.isArray(decision);
      if (isDecided && (coming.length === 0 || this.#random.below(3) > 0)) {
        const record = this.#carryOut(decision, present);
        return { life, record, present: [...present], absent: coming };
      }
      if (!isDecided && decision !== undefined) this.#tally.meet('restartWaits');
      if (coming.length > 0) continue;
      oracles.restartConverges(decision, this.#lived.committed);
      return { life, record: undefined, present: [], absent: present };
    }
  }

  #carryOut(restart: Restart, present: readonly SimulatedDisk[]): ViewRecord {
    const diskOf = (id: string) => present.find((disk) => disk.id === id)!;
    oracles.restartGoesForward(restart, this.#disks);
    const stores = (disk: string, topic: string) => diskOf(disk).replicas.get(topic)?.noted !== undefined;
    const course = new RestartCourse(restart, 1 + this.#random.below(2 ** 31), stores);
    for (const topUp of shuffled(course.topUps, this.#random)) {
      this.#mayDie();
      this.#topUp(topUp, diskOf);
      course.toppedUp(topUp);
    }
    const members = present.map(({ id: disk }, i) => ({ id: i + 1, info: null, applied: 0, disk }));
    const record = course.recordFor(members);
    const text = JSON.stringify(record);
    for (const disk of shuffled(present, this.#random)) {
      if (course.mayBegin) break;
      this.#mayDie();
      if (this.#dies()) {
        // In the midst of the write.
        if (this.#random.below(2) === 0) prepare(disk, record, text);
        throw new Died();
      }
      prepare(disk, record, text);
      course.preparedOn(disk.id);
    }
    if (this.#dies()) throw new Died();
    this.#tally.meet('restart');
    const others = present.filter(({ isWitness }) => !isWitness).map((disk) => disk.found());
    if (others.length < present.length && Array.isArray(planRestart(others, this.#singleHost)))
      this.#tally.meet('witnessDecides');
    lookAtLogs(restart, this.#lived, diskOf);
    for (const { topic, disks } of record.view.pasts ?? []) {
      const planned = restart.topics.find((found) => found.topic === topic)!;
      const founding = foundingLog(planned, diskOf);
      for (const id of disks)
        oracles.logsAreAlike(topic, id, clipped(diskOf(id).log(topic).records, planned), founding);
    }
    return record;
  }

  /** Brings a log to what the longest has; where all die meanwhile, it has come a part of the way. */
  #topUp({ disk, topic }: TopUp, diskOf: (id: string) => SimulatedDisk): void {
    const log = diskOf(disk).log(topic.topic);
    const whole = foundingLog(topic, diskOf);
    const own = log.records;
    let common = 0;
    while (common < own.length && common < whole.length && isSame(own[common]!, whole[common]!)) common++;
    const dies = this.#dies();
    const count = dies ? common + this.#random.below(whole.length - common + 1) : whole.length;
    if (common < own.length) this.#tally.meet('restartCut');
    log.replace(whole.slice(0, count));
    if (!dies) diskOf(disk).replicas.get(topic.topic)!.gathered.clear();
    if (dies) throw new Died();
  }

  #mayDie(): void {
    if (this.#dies()) throw new Died();
  }

  #dies(): boolean {
    if (this.#crashesLeft === 0 || this.#random.below(12) > 0) return false;
    this.#crashesLeft--;
    return true;
  }
}

/** On one host whoever looks into a folder looks into those beside it. */
function takeBeside(coming: SimulatedDisk[], { id }: SimulatedDisk): SimulatedDisk[] {
  const beside = coming.filter((other) => isFoundWith([id], other.id));
  for (const disk of beside) coming.splice(coming.indexOf(disk), 1);
  return beside;
}

function prepare(disk: SimulatedDisk, { view }: ViewRecord, text: string): void {
  disk.views.prepareNow(view.viewId, text);
}

function isSame(a: LogRecord, b: LogRecord): boolean {
  return a.epoch === b.epoch && a.sequence === b.sequence && a.hash === b.hash;
}

function shuffled<T>(items: readonly T[], random: SeededRandom): T[] {
  const left = [...items];
  const drawn: T[] = [];
  while (left.length > 0) drawn.push(...left.splice(random.below(left.length), 1));
  return drawn;
}

import { planRestart, type Restart } from '../../runtime/membership/restart.js';
import { isFoundWith } from '../../runtime/membership/view-parts.js';
import type { SeededRandom } from '../../transport/simulated/random.js';
import type { SimulatedDisk } from './disk.js';
import { foundingLog } from './founding-log.js';
import * as oracles from './restart-oracles.js';
import type { Lived } from './restarting.js';

/** Of so many disks all sets are looked at; of more than that as many of them, by chance. */
const allOf = 8;

/**
 * Nobody knows which disks come back: whichever do, the domain waits, or begins with all that it has to have. Looks at every set of them, though only one
 * is to come.
 * @throws Violation
 */
export function lookAtAnyDisks(
  disks: readonly SimulatedDisk[],
  singleHost: boolean,
  lived: Lived,
  random: SeededRandom,
): void {
  const found = disks.map((disk) => disk.found());
  const diskOf = (id: string) => disks.find((disk) => disk.id === id)!;
  /** Founding logs that were looked at already. */
  const known = new Set<string>();
  for (let i = 1; i < 2 ** Math.min(disks.length, allOf); i++) {
    const bits = disks.length > allOf ? random.next() : i;
    const back = found.filter((_, d) => ((bits >>> d) & 1) === 1).map(({ disk }) => disk);
    const decision = planRestart(
      found.filter(({ disk }) => isFoundWith(back, disk)),
      singleHost,
    );
    if (decision === undefined || Array.isArray(decision)) continue;
    oracles.restartGoesForward(decision, disks);
    lookAtLogs(decision, lived, diskOf, known);
  }
}

/** What a restart goes on with has all that was committed, and nothing that was left out for good. */
export function lookAtLogs(
  { topics }: Restart,
  { committed, ended }: Lived,
  diskOf: (id: string) => SimulatedDisk,
  known = new Set<string>(),
): void {
  for (const topic of new Set([...committed.keys(), ...ended.keys()])) {
    const planned = topics.find((found) => found.topic === topic);
    const key = `${topic} ${planned?.from[0]!.disk} ${planned?.epoch} ${planned?.lastSequence}`;
    if (known.has(key)) continue;
    known.add(key);
    const founding = planned === undefined ? [] : foundingLog(planned, diskOf);
    oracles.committedSurvives(topic, committed.get(topic) ?? [], founding);
    oracles.cutStaysCut(topic, ended.get(topic) ?? [], founding);
  }
}

import { type Restart, type Waiting } from '../../runtime/membership/restart.js';
import type { LogRecord, SimulatedDisk } from './disk.js';
import type { Committed, CommittedSample, End } from './restarting.js';
import { require } from './violation.js';

/** What was committed in any life of the domain is in the log with which its topic goes on. */
export function committedSurvives(
  topic: string,
  committed: readonly CommittedSample[],
  founding: readonly LogRecord[],
): void {
  const kept = new Map(founding.map((record) => [`${record.epoch}.${record.sequence}`, record]));
  const lost = committed.find(({ epoch, sequence, hash }) => kept.get(`${epoch}.${sequence}`)?.hash !== hash);
  require(lost === undefined, committedSurvives, () =>
    `the domain begins again without sequence ${lost!.sequence} of ${topic}@${lost!.epoch}, which was committed`, () => ({
    lost,
    last: founding.at(-1),
  }));
}

/** What the end of an epoch has left out for good is in no log with which its topic goes on. */
export function cutStaysCut(topic: string, ended: readonly End[], founding: readonly LogRecord[]): void {
  const ends = new Map(ended.map(({ epoch, sequence }) => [epoch, sequence]));
  const back = founding.find(({ epoch, sequence }) => sequence > (ends.get(epoch) ?? Infinity));
  require(back === undefined, cutStaysCut, () =>
    `the domain begins again with sequence ${back!.sequence} of ${topic}@${back!.epoch}, which ended with ${ends.get(back!.epoch)}`, () => ({
    back,
    ended,
  }));
}

/** All logs with which a topic goes on are alike. */
export function logsAreAlike(
  topic: string,
  disk: string,
  records: readonly LogRecord[],
  founding: readonly LogRecord[],
): void {
  const same =
    records.length === founding.length &&
    records.every((record, i) => record.hash === founding[i]!.hash && record.epoch === founding[i]!.epoch);
  require(same, logsAreAlike, () =>
    `disk ${disk} goes on with ${records.length} messages of ${topic}, the longest has ${founding.length}`, () => ({
    last: records.at(-1),
    longest: founding.at(-1),
  }));
}

/** Once all disks are back, the domain begins again, unless nothing was ever committed. */
export function restartConverges(decision: Restart | Waiting[] | undefined, committed: Committed): void {
  const lost = decision === undefined && [...committed.values()].some((records) => records.length > 0);
  require(!lost && !Array.isArray(decision), restartConverges, () =>
    `all disks are back, and the restart waits: ${JSON.stringify(decision)}`, () => decision);
}

/** No message of any topic comes to a witness. */
export function witnessesHoldNothing(member: number, topic: string, isWitness: boolean): void {
  require(!isWitness, witnessesHoldNothing, () =>
    `member ${member} is a witness, and has a message of ${topic}`, () => ({ member, topic }));
}

/** The view of a restart is above every epoch of which a log, here or elsewhere, has anything: no version comes twice. */
export function restartGoesForward({ viewId }: Restart, disks: readonly SimulatedDisk[]): void {
  const epochs = disks.flatMap(({ replicas }) => [...replicas.values()].map(({ log }) => log.lastEpoch));
  const newest = Math.max(-1, ...epochs);
  require(viewId > newest, restartGoesForward, () =>
    `the domain begins again with view ${viewId}, though a log has epoch ${newest}`, () => epochs);
}

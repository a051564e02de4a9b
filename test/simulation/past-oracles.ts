import type { Version } from '../../runtime/dds/sample-info.js';
import type { MemberId } from '../../transport/transport.js';
import type { LogRecord } from './disk.js';
import type { EpochRecord } from './history.js';
import { require } from './violation.js';

/** What a member called settled: no sample of the topic that is not later is missing there, or will ever come. */
export interface Claim {
  readonly member: MemberId;
  readonly settledUs: number;
}

const recordText = ({ epoch, sequence, timeUs }: LogRecord) =>
  `sequence ${sequence} of epoch ${epoch}, of time ${timeUs}`;

/** What is written bears a later time than all that its member had delivered by then. */
export function timesFollowCausality(member: MemberId, timeUs: number, seenUs: number): void {
  require(timeUs > seenUs, timesFollowCausality, () =>
    `member ${member} writes a sample of time ${timeUs} after it has got one of ${seenUs}`, () => ({
    timeUs,
    seenUs,
  }));
}

/** A writer's times never go back. */
export function timesFollowTheWriter(member: MemberId, timeUs: number, lastUs: number): void {
  require(timeUs >= lastUs, timesFollowTheWriter, () =>
    `member ${member} writes a sample of time ${timeUs} after one of ${lastUs}`, () => ({ timeUs, lastUs }));
}

/** Whoever calls a time settled has all that is in any log and not later. */
export function settledIsComplete(topic: EpochRecord, claim: Claim, committed: number): void {
  const without = topic.logged.find(
    ({ timeUs, sequence }) => timeUs <= claim.settledUs && sequence >= committed,
  );
  require(without === undefined, settledIsComplete, () =>
    `member ${claim.member} calls ${topic.topic} settled up to ${claim.settledUs}, and ${recordText(without!)} is not committed there`, () => ({
    claim,
    without,
    committed,
  }));
}

/** Nothing comes that is not later than what anyone has called settled. */
export function settledIsFinal(topic: EpochRecord, claim: Claim, record: LogRecord): void {
  require(record.timeUs > claim.settledUs, settledIsFinal, () =>
    `member ${claim.member} has called ${topic.topic} settled up to ${claim.settledUs}, and now comes ${recordText(record)}`, () => ({
    claim,
    record,
  }));
}

/** A replicated state at one version, as one number. */
export interface StateAt extends Version {
  readonly member: MemberId;
  readonly hash: number;
}

const stateText = ({ member, epoch, sequence, hash }: StateAt) =>
  `${hash.toString(16)} at version ${epoch}.${sequence} at member ${member}`;

/** All members whose replicated state of a topic has come to one version have the same there, in whatever life, from whatever snapshot. */
export function statesAreAlike(topic: string, one: StateAt, other: StateAt): void {
  require(one.hash === other.hash, statesAreAlike, () =>
    `the state of ${topic} is ${stateText(one)}, and ${stateText(other)}`, () => ({ topic, one, other }));
}

import type { EntryRef } from '../../history/entry.js';
import type { LogFailure, TopicLog } from '../../multicast/topic-log.js';
import type { Gap } from '../log/gap.js';
import type { ReadRange, Version } from '../log/log-reading.js';
import type { Retention } from '../log/retention.js';
import type { Callback } from '../log/steps.js';

/** Reads samples of a log, in their order, as they were when it began. */
export interface LogReader {
  /** The sample that `advance` came to; valid until the next. */
  readonly entry: EntryRef;
  /** What was missing in the log when it looked there last. */
  readonly gap: Gap | undefined;
  /** Goes to the next sample; calls back with false where there is none. */
  advance(done: Callback<boolean>): void;
  close(done: Callback<void>): void;
  /** Nothing more is wanted: whoever waits for another member is answered with false now. */
  withdraw?(): void;
}

/** One's own log, or that of a replica. */
export interface ReadableLog {
  /** Of what is durable now. */
  reading(range?: ReadRange): LogReader;
}

/** A log on this member's disk. */
export interface StoredLog extends TopicLog, ReadableLog {
  /** Of its newest sample, durable or not; −1 and −1 where there is none. */
  readonly lastEpoch: number;
  readonly lastSequence: number;
  /** What is missing of what there was before its end; undefined where nothing is. */
  readonly gap: Gap | undefined;
  /** Says durably, before what is appended next, that so much is missing. */
  lacks(gap: Gap): void;
  /** Drops what comes before a version, as far as segments have nothing else in them. That version stays. */
  dropBefore(version: Version): void;
  /** Keeps no more than is said. */
  keep(retention: Retention): void;
}

/** What a replica says durably of its log. */
export interface ReplicaMark {
  /** Of which topic of which domain; see `LogOrigin`. */
  readonly lineage: string;
  /** The log has all of the topic that was before this epoch: it counts for a restart. −1: it does not yet. */
  readonly wholeBefore: number;
  /** The newest epoch that has ended here, and all of which is in the log; −1: none. */
  readonly ended: number;
}

/** What a replica keeps of one topic on its disk. */
export interface ReplicaDisk {
  readonly log: StoredLog;
  /** As it was found. */
  readonly mark: ReplicaMark | undefined;
  /** What was gathered in an earlier run was not moved into the log. */
  readonly lacking: boolean;
  /** Makes the mark durable, then calls `done`; a newer one may take its place before. */
  note(mark: ReplicaMark, done: () => void): void;
  /** Makes a log beside the log, for what comes from `epoch` on while the log lacks what was before. */
  gather(epoch: number, done: (log: StoredLog) => void): void;
  /** What was ever gathered is in the log. */
  dropGathered(): void;
  readonly failure: LogFailure | undefined;
}

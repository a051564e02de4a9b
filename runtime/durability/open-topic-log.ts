import { createHash, randomInt } from 'node:crypto';
import { Ed25519 } from './ed25519.js';
import { DiskLog, type LogLimits, defaultLimits } from './log/disk-log.js';
import type { Gap } from './log/gap.js';
import type { LogIdentity, LogOwner } from './log/identity.js';
import { type Inspection, inspect } from './log/inspection.js';
import { LogReading, type ReadRange, type Version } from './log/log-reading.js';
import { NodeDisk } from './log/node-disk.js';
import { openForAppending, openForReading, takeFolder } from './log/open-log.js';
import { type LogRecord, guardBytes } from './log/record.js';
import { repair } from './log/repair.js';
import type { Signer } from './log/signing.js';
import { type Steps, run } from './log/steps.js';

/** The log of a topic in a folder of this machine. */
export class DiskTopicLog extends DiskLog {
  /**
   * The samples that are durable now, in their order; each is valid until the next one is asked for.
   *
   * ```ts
   * for await (const { epoch, sequence, sourceTimeUs } of log.read({ upTo: { epoch: 3, sequence: 41 } })) …
   * ```
   * @throws LogError
   */
  read(range: ReadRange = {}): AsyncGenerator<LogRecord, void> {
    return recordsOf(this.reading(range));
  }

  /** Resolves once the log says that samples come with the owner's type from now on. @throws LogError BE_LOG_FOREIGN, or the failure of the log */
  adopt(owner: LogOwner): Promise<void> {
    return new Promise((resolve, reject) => {
      this.adopting(owner, (error) => (error === undefined ? resolve() : reject(error)));
    });
  }

  /** Resolves once all that was appended is durable, and everything is given back. @throws LogError the failure of the log */
  close(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.finish((error) => (error === undefined ? resolve() : reject(error)));
    });
  }
}

export interface TopicLogOptions extends LogOwner {
  /** Made where it is missing; one log has it for itself. */
  readonly directory: string;
  /** Called whenever something of the log's state has moved: what is durable, `full`, `failure`. */
  readonly moved: () => void;
  readonly limits?: LogLimits;
  /** Signs each batch, and the manifest; the log is opened with the same key ever after. */
  readonly signer?: Signer | undefined;
}

/**
 * Opens the log of a topic for appending, or makes it.
 *
 * ```ts
 * const log = await openTopicLog({ directory, domain, topic, typeName, typeHash, moved: () => loop.wake() });
 * ```
 * @throws LogError BE_LOG_LOCKED, BE_LOG_FOREIGN, BE_LOG_CORRUPT, BE_LOG_MISSING, BE_LOG_FULL, BE_LOG_READ_ONLY, BE_LOG_IO
 */
export async function openTopicLog(options: TopicLogOptions): Promise<DiskTopicLog> {
  const { directory, moved, limits = defaultLimits, signer, ...owner } = options;
  const disk = new NodeDisk(directory);
  const recovered = await promise(
    openForAppending(disk, {
      owner,
      signer,
      logId: randomInt(1, 2 ** 48 - 1),
      segmentBytesMax: limits.segmentBytesMax,
    }),
  );
  return new DiskTopicLog(disk, recovered, limits, moved);
}

/**
 * The samples of the log in a folder, whether or not somebody has it open.
 * @throws LogError
 */
export async function* readTopicLog(
  directory: string,
  range: ReadRange = {},
): AsyncGenerator<LogRecord, void> {
  const disk = new NodeDisk(directory);
  const { catalog } = await promise(openForReading(disk));
  yield* recordsOf(new LogReading(disk, catalog, range, () => undefined));
}

/** What a log holds, without its samples. */
export interface LogOverview extends LogIdentity {
  readonly folder: string;
  /** Hashes of the other versions of its type that samples in it were written with. */
  readonly earlierTypes: readonly string[];
  readonly samples: number;
  readonly segments: number;
  readonly bytes: number;
  /** Versions as `EPOCH.SEQUENCE`; undefined where it has none. */
  readonly first: string | undefined;
  readonly last: string | undefined;
  /** What is missing of what there was before its end; undefined where nothing is. */
  readonly gap: Gap | undefined;
  readonly torn: boolean;
}

/** @throws LogError */
export async function surveyTopicLog(directory: string): Promise<LogOverview> {
  const { catalog, torn, lastEpoch, lastSequence } = await promise(openForReading(new NodeDisk(directory)));
  const { identity, types, segments, bytes, gap } = catalog;
  const first = segments.find(({ summary }) => (summary?.samples ?? 0) > 0)?.summary;
  return {
    folder: directory,
    ...identity,
    earlierTypes: types.slice(0, -1).map(({ typeHash }) => typeHash),
    samples: segments.reduce((sum, { summary }) => sum + (summary?.samples ?? 0), 0),
    segments: segments.length,
    bytes,
    first: first && `${first.firstEpoch}.${first.firstSequence}`,
    last: first && `${lastEpoch}.${lastSequence}`,
    gap,
    torn: torn !== undefined,
  };
}

/**
 * Reads every byte of the log in a folder, whether or not somebody has it open, and verifies its signatures. With `keys`, 64 hex digits each, it has
 * to be signed with one of them.
 * @throws LogError BE_LOG_MISSING, BE_LOG_IO
 */
export function verifyTopicLog(directory: string, keys?: readonly string[]): Promise<Inspection> {
  return promise(inspect(new NodeDisk(directory), { scheme: new Ed25519(), keys }));
}

/**
 * The SHA-256 of a log's samples: version, sender, header and payload of each. Equal for replicas that hold the same, however their segments and
 * batches fell.
 * @throws LogError
 */
export async function digestTopicLog(directory: string, range: ReadRange = {}): Promise<string> {
  const hash = createHash('sha256');
  for await (const { memory, at, bytes } of readTopicLog(directory, range))
    hash.update(memory.bytes.subarray(at + guardBytes, at + bytes));
  return hash.digest('hex');
}

/**
 * Makes the log in a folder fit to be opened again, while nobody has it open; see `repair`.
 * @throws LogError
 */
export async function repairTopicLog(
  directory: string,
  discardAfter?: Version,
  signer?: Signer,
): Promise<string[]> {
  const disk = new NodeDisk(directory);
  await promise(takeFolder(disk));
  try {
    return await promise(repair(disk, discardAfter, { scheme: new Ed25519(), signer }));
  } finally {
    disk.unlock();
  }
}

async function* recordsOf(reading: LogReading): AsyncGenerator<LogRecord, void> {
  try {
    while (await promise(reading.next())) yield reading.record;
  } finally {
    await promise(reading.end());
  }
}

/** What the steps come to. */
export function promise<T>(steps: Steps<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    run(steps, (error, value) => (error === undefined ? resolve(value) : reject(error)));
  });
}

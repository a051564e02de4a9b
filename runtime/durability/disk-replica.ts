import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { LogFailure } from '../multicast/topic-log.js';
import { diskError } from './log/errors.js';
import { type DiskTopicLog, openTopicLog, type TopicLogOptions } from './open-topic-log.js';
import type { ReplicaDisk, ReplicaMark } from './replica/replica-disk.js';
import { replaceFile, summed, unsummed } from './whole-file.js';

const markName = 'replica';
const gatheredPrefix = 'gathered-';

/**
 * What a replica keeps of one topic in a folder of this machine: the log, a file `replica` that says whose it is and how far it is whole, and while it is
 * not, a folder `gathered-<epoch>` with the log of what came since that epoch.
 */
export class DiskReplica implements ReplicaDisk {
  readonly log: DiskTopicLog;
  readonly mark: ReplicaMark | undefined;
  readonly lacking: boolean;
  failure: LogFailure | undefined;
  readonly #options: TopicLogOptions;
  #beside: DiskTopicLog | undefined;
  /** One piece of work after another. */
  #work: Promise<void> = Promise.resolve();
  /** What is to be noted next, and who waits for it. */
  #next: { mark: ReplicaMark; done: (() => void)[] } | undefined;

  private constructor(
    options: TopicLogOptions,
    log: DiskTopicLog,
    mark: ReplicaMark | undefined,
    lacking: boolean,
  ) {
    this.#options = options;
    this.log = log;
    this.mark = mark;
    this.lacking = lacking;
  }

  /**
   * Opens what is there, or makes it.
   * @throws LogError as `openTopicLog` does
   */
  static async open(options: TopicLogOptions): Promise<DiskReplica> {
    const log = await openTopicLog(options);
    const mark = await readReplicaMark(options.directory);
    let lacking = false;
    for (const name of await gatheredIn(options.directory)) {
      // The log has all of it; only its removal was interrupted.
      if (Number(name.slice(gatheredPrefix.length)) <= (mark?.wholeBefore ?? -1))
        await rm(join(options.directory, name), { recursive: true, force: true });
      else lacking = true;
    }
    return new DiskReplica(options, log, mark, lacking);
  }

  note(mark: ReplicaMark, done: () => void): void {
    if (this.#next !== undefined) {
      this.#next.mark = mark;
      this.#next.done.push(done);
      return;
    }
    this.#next = { mark, done: [done] };
    this.#then(async () => {
      const next = this.#next!;
      this.#next = undefined;
      await replaceFile(join(this.#options.directory, markName), summed(JSON.stringify(next.mark)));
      for (const told of next.done) told();
    });
  }

  gather(epoch: number, done: (log: DiskTopicLog) => void): void {
    this.#then(async () => {
      const directory = join(this.#options.directory, `${gatheredPrefix}${epoch}`);
      this.#beside = await openTopicLog({ ...this.#options, directory });
      done(this.#beside);
    });
  }

  dropGathered(): void {
    this.#then(async () => {
      const beside = this.#beside;
      this.#beside = undefined;
      await beside?.close();
      for (const name of await gatheredIn(this.#options.directory))
        await rm(join(this.#options.directory, name), { recursive: true, force: true });
    });
  }

  #then(work: () => Promise<void>): void {
    this.#work = this.#work.then(async () => {
      if (this.failure !== undefined) return;
      try {
        await work();
      } catch (error) {
        this.failure = diskError(error as Error, this.#options.directory);
        this.#options.moved();
      }
    });
  }

  /** Resolves once all that was begun is durable, and everything is given back. @throws LogError the failure of the log */
  async close(): Promise<void> {
    await this.#work;
    await this.#beside?.close();
    await this.log.close();
  }
}

/** What the replica in a folder says of its log; undefined where it says nothing. */
export async function readReplicaMark(directory: string): Promise<ReplicaMark | undefined> {
  let lines: string;
  try {
    lines = await readFile(join(directory, markName), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw diskError(error as Error, join(directory, markName));
  }
  const text = unsummed(lines);
  return text === undefined ? undefined : (JSON.parse(text) as ReplicaMark);
}

async function gatheredIn(directory: string): Promise<string[]> {
  return (await readdir(directory)).filter((name) => name.startsWith(gatheredPrefix));
}

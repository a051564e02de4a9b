import { mkdir, readdir, rename } from 'node:fs/promises';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import type { TopicType } from '../../codegen/support/index.js';
import type { DiskTopicLog } from '../durability/open-topic-log.js';
import type { LogOwner } from '../durability/log/identity.js';
import type { DiskViewLog } from '../durability/disk-view-log.js';
import type { LogFailure } from '../multicast/topic-log.js';
import { typesApart } from './types-apart.js';

/** Told when more is on the disk: of a topic, or of the views where it is undefined; or that the disk failed. */
export type Moved = (topic: string | undefined, failure: LogFailure | undefined) => void;

type LoggedType = Pick<TopicType<unknown>, 'name' | 'typeHash' | 'schema'>;

const earlierPrefix = 'earlier-';

/** Where logs go that nobody says where to put: `$XDG_STATE_HOME/bowecho`, or `~/.local/state/bowecho`. */
export function defaultStorage(): string {
  const home = process.env.XDG_STATE_HOME;
  return join(home !== undefined && isAbsolute(home) ? home : join(homedir(), '.local', 'state'), 'bowecho');
}

/**
 * What one participant keeps on a disk: the logs of the persistent topics of which it is a replica, and the domain's views. A folder
 * `<storage>/<domain>/<name>`, which it has for itself while it lives, with a folder for each topic in it. What an earlier run has left there is
 * moved aside, to `earlier-<number>`, and never written again.
 */
export class Storage {
  readonly folder: string;
  readonly views: DiskViewLog;
  readonly #domain: string;
  readonly #moved: Moved;
  readonly #unlock: () => void;
  readonly #logs = new Map<string, Promise<DiskTopicLog>>();

  private constructor(folder: string, domain: string, views: DiskViewLog, moved: Moved, unlock: () => void) {
    this.folder = folder;
    this.views = views;
    this.#domain = domain;
    this.#moved = moved;
    this.#unlock = unlock;
  }

  /** @throws LogError BE_LOG_LOCKED, BE_LOG_READ_ONLY, BE_LOG_FULL, BE_LOG_IO */
  static async open(root: string, domain: string, name: string, moved: Moved): Promise<Storage> {
    // Only now: who keeps nothing shall not load what it takes.
    const { lockFolder } = await import('../durability/lock-folder.js');
    const { DiskViewLog } = await import('../durability/disk-view-log.js');
    const folder = join(root, fileName(domain), fileName(name));
    const unlock = await lockFolder(folder);
    try {
      await setAside(folder);
      const views = await DiskViewLog.open(join(folder, 'views'), () => moved(undefined, views.failure));
      return new Storage(folder, domain, views, moved, unlock);
    } catch (error) {
      unlock();
      throw error;
    }
  }

  /**
   * The log of a topic, opened once. `type` goes together with all that its samples were written with.
   * @throws LogError
   */
  async log(topic: string, type: LoggedType): Promise<DiskTopicLog> {
    const owner = this.#owner(topic, type);
    const opened = this.#logs.get(topic);
    if (opened !== undefined) {
      const log = await opened;
      await log.adopt(owner);
      return log;
    }
    const opening = this.#open(owner);
    this.#logs.set(topic, opening);
    opening.catch(() => this.#logs.delete(topic));
    return opening;
  }

  #owner(topic: string, { name: typeName, typeHash, schema }: LoggedType): LogOwner {
    return { domain: this.#domain, topic, typeName, typeHash, schema, typeRule: typesApart };
  }

  async #open(owner: LogOwner): Promise<DiskTopicLog> {
    const { topic } = owner;
    const { openTopicLog } = await import('../durability/open-topic-log.js');
    const log: DiskTopicLog = await openTopicLog({
      ...owner,
      directory: join(this.folder, 'topics', fileName(topic)),
      moved: () => this.#moved(topic, log.failure),
    });
    return log;
  }

  /** Resolves once all that was appended is durable, as far as the disk goes along, and gives the folder back. */
  async close(): Promise<void> {
    const logs = await Promise.allSettled(this.#logs.values());
    await Promise.allSettled(
      logs.map((opened) => (opened.status === 'fulfilled' ? opened.value.close() : undefined)),
    );
    await this.views.close();
    this.#unlock();
  }
}

/** Moves what an earlier run has left into a folder of its own. */
async function setAside(folder: string): Promise<void> {
  const names = (await readdir(folder)).filter((name) => name !== 'lock');
  const left = names.filter((name) => !name.startsWith(earlierPrefix));
  if (left.length === 0) return;
  const numbers = names.map((name) => Number(name.slice(earlierPrefix.length))).filter((n) => n > 0);
  const earlier = join(folder, `${earlierPrefix}${Math.max(0, ...numbers) + 1}`);
  await mkdir(earlier, { mode: 0o700 });
  for (const name of left) await rename(join(folder, name), join(earlier, name));
}

/** One name in a folder, whatever the name is. */
function fileName(name: string): string {
  return encodeURIComponent(name).replace(/^\./, '%2E');
}

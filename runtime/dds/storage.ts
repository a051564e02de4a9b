import type { KeyObject } from 'node:crypto';
import { access, mkdir, readdir, rename } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';
import type { TopicType } from '../../codegen/support/index.js';
import type { DiskReplica } from '../durability/disk-replica.js';
import type { LogOwner } from '../durability/log/identity.js';
import type { Signer } from '../durability/log/signing.js';
import type { DiskViewLog } from '../durability/disk-view-log.js';
import type { ReaderPosition } from '../durability/reader-positions.js';
import type { ReplicaLog } from '../durability/replica/replica-log.js';
import type { TopicPast } from '../membership/topic-past.js';
import type { LogFailure } from '../multicast/topic-log.js';
import { BowechoError } from './errors.js';
import { typesApart } from './types-apart.js';

/** Told when more is on the disk: of a topic, or of the views where it is undefined; or that the disk failed. */
export type Moved = (topic: string | undefined, failure: LogFailure | undefined) => void;

type LoggedType = Pick<TopicType<unknown>, 'name' | 'typeHash' | 'schema'>;

type SigningOwner = LogOwner & { readonly signer: Signer | undefined };

const earlierPrefix = 'earlier-';

/** What a participant keeps, and how. */
export interface StorageOptions {
  /** Default: `$XDG_STATE_HOME/bowecho`, or `~/.local/state/bowecho`. */
  readonly folder?: string;
  /**
   * A private key of Ed25519, or its PEM text: each log is signed with it, batch by batch, so that nobody else can change one without its being found by
   * `bowecho log verify`. A log is opened with the key that it was begun with.
   *
   * ```ts
   * const { privateKey: signingKey } = generateKeyPairSync('ed25519'); // or what openssl genpkey -algorithm ed25519 writes
   * const participant = await Participant.join({ domain: 'local:tower', storage: { folder, signingKey } });
   * await participant.close();
   * ```
   */
  readonly signingKey?: KeyObject | string;
}

/** Where logs go that nobody says where to put: `$XDG_STATE_HOME/bowecho`, or `~/.local/state/bowecho`. */
export function defaultStorage(): string {
  const home = process.env.XDG_STATE_HOME;
  return join(home !== undefined && isAbsolute(home) ? home : join(homedir(), '.local', 'state'), 'bowecho');
}

/** A log, and what it lies on. */
interface Opened {
  readonly log: ReplicaLog;
  readonly disk: DiskReplica;
}

/**
 * What one participant keeps on a disk: the logs of the persistent topics of which it is a replica, and the domain's views. A folder
 * `<storage>/<domain>/<name>`, which it has for itself while it lives, with a folder for each topic in it. It goes on with a log that an earlier run
 * has left there, where that belongs to the topic as the domain knows it; another one is moved aside to `earlier-<number>`, and never
 * written again.
 */
export class Storage {
  readonly folder: string;
  readonly views: DiskViewLog;
  readonly domain: string;
  readonly #moved: Moved;
  readonly #unlock: () => void;
  readonly #signer: Signer | undefined;
  #diskName: Promise<string> | undefined;
  readonly #positions = new Map<string, ReaderPosition>();
  readonly #logs = new Map<string, Promise<Opened>>();

  private constructor(
    folder: string,
    domain: string,
    views: DiskViewLog,
    signer: Signer | undefined,
    moved: Moved,
    unlock: () => void,
  ) {
    this.folder = folder;
    this.views = views;
    this.domain = domain;
    this.#signer = signer;
    this.#moved = moved;
    this.#unlock = unlock;
  }

  /** The folder of a participant. */
  static folderOf({ folder = defaultStorage() }: StorageOptions, domain: string, name: string): string {
    return join(folder, fileName(domain), fileName(name));
  }

  /** Whether a participant of that name has kept views of the domain. */
  static async hasViews(options: StorageOptions, domain: string, name: string): Promise<boolean> {
    const views = join(Storage.folderOf(options, domain, name), 'views');
    return (await readdir(views).catch(() => [])).length > 0;
  }

  /** @throws LogError BE_LOG_KEY, BE_LOG_LOCKED, BE_LOG_READ_ONLY, BE_LOG_FULL, BE_LOG_IO */
  static async open(options: StorageOptions, domain: string, name: string, moved: Moved): Promise<Storage> {
    const { signingKey } = options;
    // Only now: who keeps nothing shall not load what it takes.
    const { lockFolder } = await import('../durability/lock-folder.js');
    const { Ed25519Signer } = await import('../durability/ed25519.js');
    const signer = signingKey === undefined ? undefined : new Ed25519Signer(signingKey);
    const { DiskViewLog } = await import('../durability/disk-view-log.js');
    const folder = Storage.folderOf(options, domain, name);
    const unlock = await lockFolder(folder);
    try {
      const views = await DiskViewLog.open(join(folder, 'views'), () => moved(undefined, views.failure));
      return new Storage(folder, domain, views, signer, moved, unlock);
    } catch (error) {
      unlock();
      throw error;
    }
  }

  /** What views call this disk: on one host its folder. @throws LogError */
  async disk(isOneHost: boolean): Promise<string> {
    if (isOneHost) return this.folder;
    const { diskName } = await import('../durability/disk-name.js');
    return (this.#diskName ??= diskName(this.folder));
  }

  /**
   * The log of a topic, opened once. `type` goes together with all that its samples were written with; `lineage` is that of the topic in this
   * domain, undefined where it has not begun yet.
   * @throws LogError
   */
  async log(topic: string, type: LoggedType, lineage: string | undefined): Promise<ReplicaLog> {
    const owner = this.#owner(topic, type);
    const opened = this.#logs.get(topic);
    if (opened !== undefined) {
      const { log, disk } = await opened;
      await disk.log.adopt(owner);
      return log;
    }
    const opening = this.#open(owner, lineage);
    this.#logs.set(topic, opening);
    opening.catch(() => this.#logs.delete(topic));
    return (await opening).log;
  }

  /** Where a topic rests: gives its log what it lacks, from one on this host that has all. @throws LogError */
  async topUp(log: ReplicaLog, past: TopicPast, lineage: string): Promise<void> {
    const { topUp } = await import('../durability/top-up.js');
    const others = past.disks.filter((folder) => folder !== this.folder);
    await topUp(log, past, lineage, others, join('topics', fileName(past.topic)));
  }

  #owner(topic: string, { name: typeName, typeHash, schema }: LoggedType): SigningOwner {
    const signer = this.#signer;
    const identity = { domain: this.domain, topic, typeName, typeHash, key: signer?.publicKey };
    return { ...identity, schema, typeRule: typesApart, signer };
  }

  async #open(owner: SigningOwner, lineage: string | undefined): Promise<Opened> {
    const { DiskReplica, readReplicaMark } = await import('../durability/disk-replica.js');
    const { ReplicaLog } = await import('../durability/replica/replica-log.js');
    const { topic } = owner;
    const path = join('topics', fileName(topic));
    const directory = join(this.folder, path);
    const mark = await readReplicaMark(directory);
    if (mark === undefined || mark.lineage !== lineage) {
      const earlier = await setAside(this.folder, [path]);
      if (earlier !== undefined) warnOfAnother(topic, this.domain, earlier);
    }
    const opened: { log?: ReplicaLog } = {};
    const disk = await DiskReplica.open({ ...owner, directory, moved: () => opened.log?.moved() });
    const log = new ReplicaLog(disk, () => this.#moved(topic, log.failure));
    opened.log = log;
    return { log, disk };
  }

  /**
   * How far the reader `name` of a topic has come whose log is open; `failed` is told where that cannot be kept.
   * @throws LogError; BowechoError BE_READER_IN_USE where there is another of that name
   */
  async position(topic: string, name: string, failed: (error: Error) => void): Promise<ReaderPosition> {
    const { ReaderPosition } = await import('../durability/reader-positions.js');
    const path = join(this.folder, 'readers', fileName(topic), fileName(name));
    if (this.#positions.has(path))
      throw new BowechoError(
        'BE_READER_IN_USE',
        `topic ${topic} has a durable reader ${name} here already: close it first, or take another name`,
      );
    const { log } = await this.#logs.get(topic)!;
    const position = await ReaderPosition.open(
      path,
      () => log.lineage,
      failed,
      () => this.#positions.delete(path),
    );
    this.#positions.set(path, position);
    return position;
  }

  /** Where the snapshot of a topic's replicated state is kept. */
  stateFile(topic: string): string {
    return join(this.folder, 'topics', fileName(topic), 'state');
  }

  /** Resolves once all that was appended is durable, as far as the disk goes along, and gives the folder back. */
  async close(): Promise<void> {
    const logs = await Promise.allSettled(this.#logs.values());
    await Promise.allSettled(
      logs.map((opened) => (opened.status === 'fulfilled' ? opened.value.disk.close() : undefined)),
    );
    await Promise.allSettled([...this.#positions.values()].map((position) => position.close()));
    await this.views.close();
    this.#unlock();
  }
}

function warnOfAnother(topic: string, domain: string, earlier: string): void {
  process.emitWarning(
    `the log of topic ${topic} that was here belongs to another past than domain ${domain} has: it was moved to ${earlier}, and a new one is begun`,
    { type: 'BowechoWarning', code: 'BE_LOG_FOREIGN' },
  );
}

/** Moves those of `names` that an earlier run has left in `folder` into a folder of its own, and gives that; undefined where there are none. */
async function setAside(folder: string, names: readonly string[]): Promise<string | undefined> {
  const left: string[] = [];
  for (const name of names)
    if (
      await access(join(folder, name)).then(
        () => true,
        () => false,
      )
    )
      left.push(name);
  if (left.length === 0) return undefined;
  const numbers = (await readdir(folder)).map((name) => Number(name.slice(earlierPrefix.length)));
  const earlier = join(folder, `${earlierPrefix}${Math.max(0, ...numbers.filter((n) => n > 0)) + 1}`);
  for (const name of left) {
    await mkdir(dirname(join(earlier, name)), { recursive: true, mode: 0o700 });
    await rename(join(folder, name), join(earlier, name));
  }
  return earlier;
}

/** One name in a folder, whatever the name is. */
function fileName(name: string): string {
  return encodeURIComponent(name).replace(/^\./, '%2E');
}

import { deserialize, serialize } from 'node:v8';
import type { StateHead } from '../durability/state-file.js';
import { BowechoError } from './errors.js';
import type { Version } from './sample-info.js';

/** A state as it was kept. */
export interface KeptState {
  readonly state: unknown;
  readonly version: Version;
}

/** Keeps snapshots of a replicated state in a file, the newest of them. */
export class StateKeeper {
  readonly #path: string;
  readonly #kind: Pick<StateHead, 'typeHash' | 'revision'>;
  readonly #kept: (version: Version) => void;
  #work: Promise<void> = Promise.resolve();

  /** `kept` is told of a snapshot that is durable. */
  constructor(
    path: string,
    kind: Pick<StateHead, 'typeHash' | 'revision'>,
    kept: (version: Version) => void,
  ) {
    this.#path = path;
    this.#kind = kind;
    this.#kept = kept;
  }

  /** The newest snapshot; undefined where there is none, or it was made by another reducer or of another type. @throws LogError */
  async read(): Promise<KeptState | undefined> {
    const { readStateFile } = await import('../durability/state-file.js');
    const snapshot = await readStateFile(this.#path);
    if (snapshot === undefined) return undefined;
    const { typeHash, revision, epoch, sequence } = snapshot.head;
    if (typeHash !== this.#kind.typeHash || revision !== this.#kind.revision) return undefined;
    return { state: deserialize(snapshot.body), version: { epoch, sequence } };
  }

  /** @throws BowechoError BE_STATE (later); LogError */
  write(state: unknown, { epoch, sequence }: Version): Promise<void> {
    let body: Uint8Array;
    try {
      body = serialize(state);
    } catch (error) {
      return Promise.reject(
        new BowechoError('BE_STATE', `the state cannot be kept: ${(error as Error).message}`, {
          cause: error,
        }),
      );
    }
    const done = this.#work.then(async () => {
      const { writeStateFile } = await import('../durability/state-file.js');
      await writeStateFile(this.#path, { head: { ...this.#kind, epoch, sequence }, body });
      this.#kept({ epoch, sequence });
    });
    this.#work = done.catch(() => undefined);
    return done;
  }

  /** Resolves once nothing is being written. */
  idle(): Promise<void> {
    return this.#work;
  }
}

import { deserialize, serialize } from 'node:v8';
import { isAfter } from '../durability/log/catalog.js';
import type { StateHead, StateSnapshot } from '../durability/state-file.js';
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
    return snapshot !== undefined && this.#isOfKind(snapshot) ? stateOf(snapshot) : undefined;
  }

  /** The newest snapshot as its file has it, for another member; undefined where there is none that has all up to `from`. @throws LogError */
  async bytes(from: Version): Promise<Uint8Array | undefined> {
    const { formatState, readStateFile } = await import('../durability/state-file.js');
    const snapshot = await readStateFile(this.#path);
    return snapshot !== undefined && hasAll(snapshot, from) ? formatState(snapshot) : undefined;
  }

  /**
   * Keeps what `bytes` gave at another member; undefined where it is none, another reducer made it, or it is of another type, or does not have all up to `from`.
   * @throws LogError
   */
  async adopt(bytes: Uint8Array, from: Version): Promise<KeptState | undefined> {
    const { parseState } = await import('../durability/state-file.js');
    let snapshot: StateSnapshot;
    let kept: KeptState;
    try {
      snapshot = parseState(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), this.#path);
      if (!this.#isOfKind(snapshot) || !hasAll(snapshot, from)) return undefined;
      kept = stateOf(snapshot);
    } catch {
      // It is none.
      return undefined;
    }
    await this.#keep(snapshot);
    return kept;
  }

  #isOfKind({ head: { typeHash, revision } }: StateSnapshot): boolean {
    return typeHash === this.#kind.typeHash && revision === this.#kind.revision;
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
    return this.#keep({ head: { ...this.#kind, epoch, sequence }, body });
  }

  #keep(snapshot: StateSnapshot): Promise<void> {
    const { epoch, sequence } = snapshot.head;
    const done = this.#work.then(async () => {
      const { writeStateFile } = await import('../durability/state-file.js');
      await writeStateFile(this.#path, snapshot);
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

function stateOf({ head: { epoch, sequence }, body }: StateSnapshot): KeptState {
  return { state: deserialize(body), version: { epoch, sequence } };
}

function hasAll({ head }: StateSnapshot, { epoch, sequence }: Version): boolean {
  return !isAfter(epoch, sequence, head.epoch, head.sequence);
}

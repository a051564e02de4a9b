import type { TopicType } from '../../codegen/support/index.js';
import { Applied } from './applied.js';
import { BowechoError, PastUnknownError } from './errors.js';
import type { Observable } from './observable.js';
import { Current, Subject } from './observable.js';
import { Past } from './past.js';
import type { Reader } from './reader.js';
import type { Sample, SampleInfo, Version } from './sample-info.js';
import type { PastOptions } from './settled.js';
import { digestOf } from './state-digest.js';
import { type KeptState, StateKeeper } from './state-keeper.js';
import type { StateSharing } from './state-sharing.js';
import type { TopicHub } from './topic-hub.js';
import type { Writer } from './writer.js';

/**
 * Gives the state that follows from `state` by `command`. It has to be deterministic: it looks at nothing else (no clock, no randomness, nothing of
 * its process; the time of a command is `info.sourceTimeUs`), changes neither of them, and is no async function.
 */
export type Reducer<S, C> = (state: S, command: C, info: CommandInfo) => S;

/** What is known of a command, alike at every member. */
export type CommandInfo = Pick<
  SampleInfo,
  'version' | 'member' | 'writer' | 'writerSequence' | 'sourceTimeUs'
>;

/** A command at which the reducer threw: at every member, at the same version, with the same error. The state is as it was. */
export interface Refused<C> {
  readonly version: Version;
  readonly command: C;
  readonly error: unknown;
}

export interface ReplicatedOptions {
  /** Commands between two snapshots; Infinity: none is made but by `snapshot()`. Default: 10,000. */
  snapshotEvery?: number;
  /** Of the reducer: a snapshot that one of another revision made is not used. Default: ''. */
  revision?: string;
  /** Drops from this participant's log what its own snapshot has, once that is durable, and gives the snapshot to those that come late. Default: false. */
  truncate?: boolean;
  /** How long it may take until this participant has all of the log, which it gets from others where it comes late. Default: 10 s. */
  timeoutMs?: number;
  signal?: AbortSignal;
}

interface Dispatched {
  resolve(version: Version): void;
  reject(error: unknown): void;
}

/** What a replicated state is made of at one participant. */
interface Parts<C> {
  readonly hub: TopicHub;
  readonly reader: Reader<C>;
  readonly type: TopicType<C>;
  readonly writer: Writer<C>;
  readonly keeper: StateKeeper;
  /** With others that share the state. */
  openSharing(keeper: StateKeeper): Promise<StateSharing>;
}

/** What is there when it is opened. */
interface Opened<C> extends Omit<Parts<C>, 'writer' | 'keeper'> {
  /** Where its snapshots go. */
  stateFile(): string;
  openWriter(): Promise<Writer<C>>;
}

/** For `Participant.replicated`. */
export async function openReplicated<S, C>(
  { hub, reader, type, stateFile, openWriter, openSharing }: Opened<C>,
  reducer: Reducer<S, C>,
  initial: S,
  options: ReplicatedOptions,
): Promise<Replicated<S, C>> {
  const { consistency, deliver } = reader.qos;
  if (consistency !== 'persistent' || deliver !== 'commit')
    throw new BowechoError(
      'BE_UNSUPPORTED',
      `a replicated state takes a persistent topic that delivers what is committed: ${hub.name} is opened as ${consistency}, with deliver '${deliver}'`,
    );
  const log = new Past(hub, type).mustHaveLog();
  const { revision = '', truncate = false } = options;
  const keeper = new StateKeeper(stateFile(), { typeHash: type.typeHash, revision }, (version) => {
    if (truncate) log.dropBefore(version);
  });
  const parts = { hub, reader, type, writer: await openWriter(), keeper, openSharing };
  const replicated = new Replicated(parts, reducer, initial, options);
  try {
    await replicated.start(options);
    return replicated;
  } catch (error) {
    await replicated.close();
    throw error;
  }
}

/**
 * A state that all its members share: a deterministic state machine over a persistent topic, whose samples are its commands. Every member applies
 * the same commands in the same order, once they are on the disk of every replica, so all have the same state at the same version.
 *
 * ```ts
 * const counter = await participant.replicated(Json, (sum: number, by) => sum + Number(by), 0, { topic: 'counter' });
 * await counter.dispatch(5);
 * counter.state; // 5
 * ```
 */
export class Replicated<S, C> {
  readonly topic: string;
  /** Commands that the reducer threw at, as they come. */
  readonly refused$: Observable<Refused<C>>;
  /** That a snapshot could not be made. Where nobody subscribes, process warnings. */
  readonly errors$: Observable<unknown>;
  readonly #parts: Parts<C>;
  readonly #reducer: Reducer<S, C>;
  readonly #state: Current<S>;
  readonly #snapshotEvery: number;
  readonly #refused = new Subject<Refused<C>>();
  readonly #errors = new Subject<unknown>();
  /** Commands of this member that are not applied yet, in the order in which they were written. */
  readonly #dispatched: Dispatched[] = [];
  /** Commands that came while the log was read. */
  #waiting: Sample<C>[] | undefined = [];
  readonly #applied = new Applied();
  #sinceSnapshot = 0;
  #sharing: Promise<StateSharing> | undefined;
  #ended: Error | undefined;

  /** Made by `Participant.replicated`. */
  constructor(
    parts: Parts<C>,
    reducer: Reducer<S, C>,
    initial: S,
    { snapshotEvery = 10_000 }: ReplicatedOptions,
  ) {
    this.topic = parts.hub.name;
    this.#parts = parts;
    this.#reducer = reducer;
    this.#state = new Current(initial);
    this.#snapshotEvery = snapshotEvery;
    this.refused$ = this.#refused.asObservable();
    this.errors$ = this.#errors.asObservable();
  }

  /** Comes to the present state: from the snapshot on by the log, and from its end on by what is delivered. */
  async start(options: ReplicatedOptions): Promise<void> {
    const { hub, type, reader, keeper } = this.#parts;
    const past = new Past(hub, type);
    const snapshot = await keeper.read();
    if (snapshot !== undefined) this.#begin(snapshot);
    // Most of it before anything is taken from the reader, so that little waits here.
    await this.#replay(past, options);
    reader.samples$.subscribe({
      next: (sample) => (this.#waiting === undefined ? this.#apply(sample) : this.#waiting.push(sample)),
      error: (error: Error) => this.#end(error),
      complete: () => this.#end(undefined),
    });
    await this.#replay(past, options);
    const waiting = this.#waiting!;
    this.#waiting = undefined;
    for (const sample of waiting) this.#apply(sample);
    if (options.truncate === true) await this.#share();
    else await this.#shareNoMore();
  }

  #begin({ state, version }: KeptState): void {
    this.#state.value = state as S;
    this.#applied.version = version;
  }

  /** By the log; where that does not reach back, from the snapshot of another member on. */
  async #replay(past: Past<C>, options: PastOptions): Promise<void> {
    for (;;) {
      try {
        return await past.replay(this.#applied.version, options, (sample) => this.#apply(sample));
      } catch (error) {
        if (!(error instanceof PastUnknownError) || !(await this.#adopt(error, options))) throw error;
      }
    }
  }

  async #adopt({ knownFrom }: PastUnknownError, options: PastOptions): Promise<boolean> {
    const from = { epoch: knownFrom.epoch, sequence: knownFrom.sequence - 1 };
    const take = async (bytes: Uint8Array): Promise<boolean> => {
      const kept = await this.#parts.keeper.adopt(bytes, from);
      if (kept !== undefined) this.#begin(kept);
      return kept !== undefined;
    };
    return (await this.#share()).fetch(from, take, options);
  }

  #share(): Promise<StateSharing> {
    return (this.#sharing ??= this.#parts.openSharing(this.#parts.keeper));
  }

  async #shareNoMore(): Promise<void> {
    const sharing = await this.#sharing;
    this.#sharing = undefined;
    await sharing?.close();
  }

  /** The present state: not to be changed. */
  get state(): S {
    return this.#state.value;
  }

  /** The version of the last command that was applied; epoch and sequence −1 before the first. */
  get version(): Version {
    return this.#applied.version;
  }

  /** The present state, and each one that follows. Completes when this is closed; fails when the participant has to stop. */
  get state$(): Observable<S> {
    return this.#state.observable;
  }

  /**
   * The SHA-256 of the present state: equal at all members that have come to the same version.
   * @throws BowechoError BE_STATE where the state has something in it that is no data
   */
  digest(): string {
    return digestOf(this.state);
  }

  /**
   * Writes a command. Resolves, with its version, once it is committed, and applied here.
   * @throws SampleError (at once); BowechoError BE_REFUSED_COMMAND where the reducer throws (the error is its `cause`), BE_OUTCOME_UNKNOWN where the
   * participant stops before; whatever `Writer.write` rejects with: then it was not written
   */
  dispatch(command: C): Promise<Version> {
    if (this.#ended !== undefined) return Promise.reject(this.#ended);
    return new Promise((resolve, reject) => {
      const dispatched: Dispatched = { resolve, reject };
      // What is written is applied in this order.
      this.#dispatched.push(dispatched);
      const giveUp = (error: unknown) => {
        const index = this.#dispatched.indexOf(dispatched);
        if (index >= 0) this.#dispatched.splice(index, 1);
        reject(error as Error);
      };
      try {
        this.#parts.writer.write(command).catch(giveUp);
      } catch (error) {
        giveUp(error);
      }
    });
  }

  #apply({ data, info }: Sample<C>): void {
    const { version } = info;
    if (!this.#applied.takes(version)) return;
    const { engine } = this.#parts.hub;
    const isMine = info.member === engine.self && info.writer === this.#parts.writer.number;
    const dispatched = isMine ? this.#dispatched.shift() : undefined;
    try {
      this.#state.value = this.#reduce(data, info);
      dispatched?.resolve(version);
    } catch (error) {
      this.#refuse(data, version, error, dispatched);
    }
    if (dispatched !== undefined) engine.loop.endTurn();
    if (++this.#sinceSnapshot >= this.#snapshotEvery) this.#snapshotNow();
  }

  #reduce(command: C, info: CommandInfo): S {
    const next = this.#reducer(this.state, command, info);
    if (typeof (next as { then?: unknown } | null | undefined)?.then !== 'function') return next;
    throw new TypeError('a reducer gives the next state at once: it may not be an async function');
  }

  #refuse(command: C, version: Version, error: unknown, dispatched: Dispatched | undefined): void {
    const { epoch, sequence } = version;
    dispatched?.reject(
      new BowechoError(
        'BE_REFUSED_COMMAND',
        `the reducer of ${this.topic} threw at version ${epoch}.${sequence}, and the state is as it was, at every member: ${String(error)}`,
        { cause: error },
      ),
    );
    this.#refused.next({ version, command, error });
  }

  /**
   * Keeps the present state durably, so that this participant does not begin with the first command when it comes back. Resolves with its version.
   * @throws BowechoError BE_STATE; LogError
   */
  async snapshot(): Promise<Version> {
    this.#sinceSnapshot = 0;
    const version = this.#applied.version;
    await this.#parts.keeper.write(this.state, version);
    return version;
  }

  #snapshotNow(): void {
    this.snapshot().catch((error: unknown) => {
      if (this.#errors.observed) this.#errors.next(error);
      else process.emitWarning(error as Error, { type: 'BowechoWarning' });
    });
  }

  /** Waits until what was dispatched is stable, and leaves the topic. The state stays as it is. */
  async close(): Promise<void> {
    this.#ended ??= new BowechoError(
      'BE_CLOSED',
      `the replicated state of ${this.topic} is closed: open it again with participant.replicated()`,
    );
    const { writer, reader, keeper } = this.#parts;
    await writer.close();
    await reader.close();
    await this.#shareNoMore();
    await keeper.idle();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #end(error: Error | undefined): void {
    this.#ended ??= error ?? new BowechoError('BE_CLOSED', `the reader of ${this.topic} was closed`);
    const unknown = new BowechoError(
      'BE_OUTCOME_UNKNOWN',
      `the replicated state of ${this.topic} ended before this command was applied: it may or may not be`,
      { cause: this.#ended },
    );
    for (const { reject } of this.#dispatched.splice(0)) reject(unknown);
    if (error === undefined) this.#state.end();
    else this.#state.fail(error);
    this.#refused.complete();
    this.#errors.complete();
  }
}

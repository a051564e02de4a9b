import type { InPlaceView, TopicType } from '../../codegen/support/index.js';
import { type ProfileSet, type QosSpec, resolveReaderQos, resolveWriterQos } from '../../qos/index.js';
import {
  domainNameOf,
  type Host,
  type MemberId,
  type RdmaOptions,
  type SecurityChange,
  type TcpOptions,
  type Refusal,
  type Traffic,
} from '../../transport/index.js';
import { MembershipError } from '../membership/errors.js';
import { Membership } from '../membership/membership.js';
import type { View } from '../membership/view.js';
import type { LogFailure } from '../multicast/topic-log.js';
import { Board } from '../table/board.js';
import { Poller } from '../table/poller.js';
import { asInfo } from './admission.js';
import { HybridClock } from './clock.js';
import { describeView, type DomainView } from './domain-view.js';
import { Doorstep } from './doorstep.js';
import { Endpoints } from './endpoints.js';
import { BowechoError } from './errors.js';
import { EventLoop } from './event-loop.js';
import { Current, type Observable } from './observable.js';
import type { Reader } from './reader.js';
import { openReplicated, type Replicated, type ReplicatedOptions, type Reducer } from './replicated.js';
import type { StateKeeper } from './state-keeper.js';
import { StateSharing } from './state-sharing.js';
import type { PastOptions } from './settled.js';
import { closeOnSignals } from './signals.js';
import type { Snapshot } from './snapshot.js';
import { type Moved, Storage, type StorageOptions } from './storage.js';
import { storageOf } from './founding.js';
import { type Joined, joinDomain } from './joining.js';
import type { Engine } from './topic-hub.js';
import type { MemberInfo } from './wire.js';
import { isWitness, keepViews } from './witness.js';
import type { Writer } from './writer.js';

export interface ParticipantOptions {
  /**
   * The domain's address: a name (shared memory on this host) or `memory:name`, `tcp://host:port,host:port/name` (across machines),
   * `rdma://host:port,host:port/name` (the same by RDMA), or
   * `local:name` (within this process).
   */
  domain: string;
  /** Of `tcp:` and `rdma:` addresses: where to listen, and how members know each other. */
  tcp?: TcpOptions;
  /** Of `rdma:` addresses: which device, and by which of its addresses. */
  rdma?: RdmaOptions;
  /**
   * Of `tcp:` and `rdma:` addresses with certificates: the path of a file that says who may join, and read and write which topics, by the subjects of certificates
   * (docs/reference.md, Permissions). The same for all members. It is read once.
   */
  permissions?: string;
  /** What the participant is called in views and messages. Default: the process's title and id. */
  name?: string;
  /** How long joining may take, and waiting for what a domain needs to begin again. Default: 10 s; Infinity: as long as it takes. */
  timeoutMs?: number;
  /**
   * Of `tcp:` and `rdma:` addresses: how many members the domain is expected to have. Only where more than half of them are there, it is founded for the
   * first time, so that a part that does not hear the others founds no second one. Default: 1.
   */
  expectedMembers?: number;
  signal?: AbortSignal;
  /** Named QoS profiles, for `qos: 'Library::Profile'`. */
  profiles?: ProfileSet;
  /** A member whose event loop stands still for so long is taken for dead, though its heart beats. Default: 30 s; Infinity for debugging. */
  progressMs?: number;
  /** A member that is silent for so long is taken for dead. Default: 1 s. */
  suspicionMs?: number;
  /**
   * The folder for what this participant keeps of persistent topics, in `<storage>/<domain>/<name>`: with it, it is a replica of each that it opens a
   * reader or writer of. `false`: it keeps nothing, and leaves that to others. Default: `$XDG_STATE_HOME/bowecho`, or `~/.local/state/bowecho`.
   * Nothing is made there before the first persistent topic is opened. An object says more: `{ folder, signingKey }`.
   */
  storage?: string | false | StorageOptions;
  /**
   * It only votes: it counts among the members, so that two hosts survive the loss of one, and keeps the domain's views in its storage, so that it counts
   * among the disks, too, when persistent topics go on or begin again; but it holds no topic's data, and opens no reader or writer. Give it a `name`.
   */
  witness?: boolean;
  /** Leave the domain on SIGINT and SIGTERM, where the program has no handler of its own. Default: true. */
  closeOnSignals?: boolean;
}

export interface EndpointOptions {
  /** The topic's name. Default: the type's name. */
  topic?: string;
  /** A profile's name, or policies. Default: `atomic`. */
  qos?: QosSpec;
}

/** What a participant keeps of a persistent topic. */
export interface ReplicaState {
  /** Its log has all of the topic, from the first sample that is kept on. One that came (back) late gets what it lacks first, from the others. */
  readonly isWhole: boolean;
  /** Samples that came from other replicas so, since the participant joined; and the bytes of their payloads. */
  readonly samplesTaken: number;
  readonly bytesTaken: number;
}

export interface ReaderOptions extends EndpointOptions {
  /**
   * A durable reader goes on behind the last sample that one of this name had acknowledged here, in an earlier run: needs durability `persistent`. A
   * sample counts as acknowledged when a handler or subscriber has returned, or the next one is asked for. That is kept durably, a little behind: after a
   * crash the last few may come again.
   */
  durableName?: string;
}

/** How long `close` waits for what was written to be stable, unless it is told otherwise. */
const closeMs = 5000;
/** The same, where a signal ends the process: whoever pressed Ctrl-C waits. */
const closeOnSignalMs = 500;
/** How long leaving may take at least, once what was written is stable. */
const leaveMs = 500;
/** How long a member that leaves waits for the others to need it no more. */
const lingerMs = 1000;

/**
 * A member of a domain. Everything else begins here.
 *
 * ```ts
 * const participant = await Participant.join({ domain: 'local:guide' });
 * const reader = await participant.reader(Text, { topic: 'greetings' });
 * const writer = await participant.writer(Text, { topic: 'greetings' });
 * reader.samples$.subscribe(({ data }) => console.log(data));
 * await writer.write('hello');
 * await writer.whenStable();
 * await participant.close();
 * ```
 */
export class Participant {
  readonly id: MemberId;
  readonly name: string;
  readonly #host: Host;
  readonly #board: Board;
  readonly #poller: Poller;
  readonly #clock = new HybridClock();
  readonly #loop: EventLoop;
  readonly #membership: Membership;
  readonly #view: Current<DomainView>;
  readonly #endpoints: Endpoints;
  readonly #doorstep: Doorstep;
  readonly #ticker: NodeJS.Timeout;
  readonly #stopSignals: () => void;
  readonly #profiles: ProfileSet | undefined;
  readonly #storageOptions: StorageOptions | undefined;
  readonly #domain: string;
  readonly #isWitness: boolean;
  #opening: Promise<Storage> | undefined;
  #storage: Storage | undefined;
  #watched: MemberId[] = [];
  #departed: MemberId[] = [];
  #left: (() => void) | undefined;
  #error: Error | undefined;
  #closing: Promise<void> | undefined;

  private constructor({ host, view, greeting, storage, gatekeeper }: Joined, options: ParticipantOptions) {
    this.#host = host;
    this.#profiles = options.profiles;
    this.#domain = domainNameOf(options.domain);
    this.#isWitness = options.witness === true;
    this.#storageOptions = storageOf(options);
    this.#storage = storage;
    if (storage !== undefined) this.#opening = Promise.resolve(storage);
    this.id = host.self;
    this.name = greeting.name;
    this.#board = new Board(host);
    this.#poller = new Poller(host, this.#board);
    this.#loop = new EventLoop(host, this.#poller, this.#clock);
    this.#view = new Current(describeView(view));
    const suspicionUs = (options.suspicionMs ?? 1000) * 1000;
    this.#watch(view);
    this.#membership = new Membership(
      host,
      this.#board,
      this.#poller,
      this.#clock,
      view,
      { suspicionUs, progressUs: (options.progressMs ?? 30_000) * 1000, singleHost: host.aliased },
      {
        admit: gatekeeper.admit,
        mayJoin: gatekeeper.mayJoin,
        viewLog: () => this.#storage?.views,
        userOf: (topic) => this.#endpoints.hub(topic.name),
        installed: (next) => this.#installed(next),
        opened: (slot) => this.#endpoints.opened(slot, this.#membership.view),
        silent: (member) => host.kill(member),
        left: () => this.#left?.(),
        halted: (error) => this.#halted(error),
      },
    );
    const engine: Engine = {
      self: this.id,
      transport: host,
      board: this.#board,
      membership: this.#membership,
      poller: this.#poller,
      loop: this.#loop,
      clock: this.#clock,
      freeBytes: () => host.freeBytes(),
    };
    this.#endpoints = new Endpoints(engine, this.name, gatekeeper, () => this.#openStorage());
    this.#doorstep = new Doorstep(this.#membership, gatekeeper);
    host.startHeartbeat(this.#board.memory, Board.heartbeatIndex);
    this.#ticker = setInterval(() => this.#tick(), Math.max(10, suspicionUs / 2000));
    this.#stopSignals =
      options.closeOnSignals === false
        ? () => undefined
        : closeOnSignals(() => this.close({ timeoutMs: closeOnSignalMs }));
    host.openDoor((stranger, text, reply, subject) => {
      this.#doorstep.answer(stranger, text, reply, subject);
      this.#loop.wake();
    });
    this.#loop.wake();
  }

  /**
   * Joins a domain, or founds it where it has no member yet.
   * @throws TransportError BE_NAME, BE_DIRECTORY, BE_NO_MEMORY, BE_UNSUPPORTED, BE_NO_RDMA, BE_INSECURE, BE_CERTIFICATE, BE_SYSTEM, BE_JOIN_REFUSED, BE_JOIN_TIMEOUT;
   * TransportError or BowechoError BE_NOT_PERMITTED; BowechoError BE_PERMISSIONS;
   * BowechoError BE_RESTART_WAITS where nobody is left, and what the domain needs to begin again is not there in time, BE_OTHER_DOMAIN where it was founded
   * anew without what this participant has kept; LogError; the signal's reason
   */
  static async join(options: ParticipantOptions): Promise<Participant> {
    const participant = await Participant.#begin(options);
    if (options.witness !== true) return participant;
    try {
      await participant.#becomeWitness();
      return participant;
    } catch (error) {
      await participant.close();
      throw error;
    }
  }

  static async #begin(options: ParticipantOptions): Promise<Participant> {
    // Told of what the disk does once there is someone to tell.
    const told: { moved: Moved } = { moved: () => undefined };
    const joined = await joinDomain(options, (topic, failure) => told.moved(topic, failure));
    try {
      const participant = new Participant(joined, options);
      told.moved = (topic, failure) => participant.#persisted(topic, failure);
      return participant;
    } catch (error) {
      await joined.host.close();
      await joined.storage?.close();
      throw error;
    }
  }

  async #becomeWitness(): Promise<void> {
    const storage = await this.#openStorage();
    if (storage === undefined) return;
    const { id: self, view$ } = this;
    const witnessing = { self, view$, membership: this.#membership, wake: () => this.#loop.wake() };
    await keepViews(witnessing, await storage.disk(this.#host.aliased));
  }

  /** The present view, and each one that follows. Completes when the participant is closed; fails when it has to stop. */
  get view$(): Observable<DomainView> {
    return this.#view.observable;
  }

  get view(): DomainView {
    return this.#view.value;
  }

  /**
   * Opens a reader: the domain's view changes, and with it only the topic that is read.
   * @throws QosError; BowechoError BE_REFUSED where type or consistency do not match the topic's (both sides are named), BE_WITNESS, BE_CLOSED; TransportError BE_NO_MEMORY;
   * of a persistent topic LogError, where what it keeps cannot be opened
   */
  async reader<T, V extends InPlaceView>(
    type: TopicType<T, V>,
    options: ReaderOptions = {},
  ): Promise<Reader<T, V>> {
    const qos = resolveReaderQos(options.qos, this.#profiles);
    this.#mustBeOpen();
    if (this.#isWitness) throw isWitness(this.name);
    return this.#endpoints.openReader(type, options.topic ?? type.name, qos, options.durableName);
  }

  /**
   * Opens a writer.
   * @throws QosError; BowechoError BE_REFUSED where type or consistency do not match the topic's (both sides are named), BE_WITNESS, BE_CLOSED; TransportError BE_NO_MEMORY;
   * of a persistent topic LogError, where what it keeps cannot be opened
   */
  async writer<T, V extends InPlaceView>(
    type: TopicType<T, V>,
    options: EndpointOptions = {},
  ): Promise<Writer<T, V>> {
    const qos = resolveWriterQos(options.qos, this.#profiles);
    this.#mustBeOpen();
    if (this.#isWitness) throw isWitness(this.name);
    return this.#endpoints.openWriter(type, options.topic ?? type.name, qos);
  }

  /**
   * Opens a state that all members share: `reducer` over a persistent topic, whose samples are commands. Resolves once it has come to the present
   * state: from this participant's snapshot on, or from the first command.
   *
   * ```ts
   * const stock = await participant.replicated(Json, reducer, {}, { topic: 'stock' });
   * ```
   * @throws as `reader` and `writer`; BowechoError BE_UNSUPPORTED where the QoS is not persistent, or delivers before it is committed, BE_NO_LOG,
   * BE_PAST_UNKNOWN where the log does not reach back to the snapshot, or to the first command
   */
  async replicated<S, C>(
    type: TopicType<C>,
    reducer: Reducer<S, C>,
    initial: S,
    options: EndpointOptions & ReplicatedOptions = {},
  ): Promise<Replicated<S, C>> {
    const { topic = type.name, qos = 'persistent' } = options;
    const reader = await this.reader(type, { topic, qos });
    try {
      const hub = this.#endpoints.hub(topic);
      const opened = {
        hub,
        reader,
        type,
        stateFile: () => this.#storage!.stateFile(topic),
        openWriter: () => this.writer(type, { topic, qos }),
        openSharing: (keeper: StateKeeper) => StateSharing.open(this, topic, (from) => keeper.bytes(from)),
      };
      return await openReplicated(opened, reducer, initial, options);
    } catch (error) {
      await reader.close();
      throw error;
    }
  }

  // ---- what protects it ----

  /**
   * Certificates, keys or secrets take the place of those that this participant has shown and accepted so far: what its files have now, or `security`. New
   * connections use them; those that there are go on, so nobody leaves the domain. Files are looked at whenever a connection begins, too.
   *
   * ```ts
   * process.on('SIGHUP', () => participant.reloadSecurity());
   * ```
   * @throws TransportError BE_CERTIFICATE, BE_INSECURE, and all is as it was; BowechoError BE_UNSUPPORTED where the address is not `tcp:` or `rdma:`
   */
  reloadSecurity(security?: SecurityChange): void {
    this.#mustBeOpen();
    if (this.#host.reloadSecurity === undefined)
      throw new BowechoError(
        'BE_UNSUPPORTED',
        `domain ${this.#domain} is within one machine, and has neither certificates nor a secret: these are of tcp: addresses`,
      );
    this.#host.reloadSecurity(security);
  }

  // ---- time ----

  /**
   * The time, in microseconds since the epoch, by the hybrid logical clock of the domain: whatever this participant has written or received is not
   * later, and whatever it writes from now on is.
   */
  nowUs(): number {
    this.#clock.look();
    return this.#clock.pass();
  }

  /**
   * Persistent topics as they were at one time, in the order of `readers`: a consistent cut. Of a sample that is in it, all that its writer had
   * written and received before is in it, too, in whatever of these topics. Waits as `Reader.asOf` does, for all of them together.
   *
   * ```ts
   * const [orders, stock] = await participant.asOf(participant.nowUs(), [orderReader, stockReader]);
   * ```
   * @throws as `Reader.asOf`
   */
  async asOf<T extends readonly unknown[]>(
    timeUs: number,
    readers: readonly [...{ [R in keyof T]: Pick<Reader<T[R]>, 'asOf'> }],
    options: PastOptions = {},
  ): Promise<{ [R in keyof T]: Snapshot<T[R]> }> {
    this.#mustBeOpen();
    const snapshots = await Promise.all(readers.map((reader) => reader.asOf(timeUs, options)));
    return snapshots as { [R in keyof T]: Snapshot<T[R]> };
  }

  // ---- what is kept ----

  /**
   * What this participant keeps of a persistent topic on its disk; undefined where it does not.
   *
   * ```ts
   * participant.replica('ledger')?.isWhole
   * ```
   */
  replica(topic: string): ReplicaState | undefined {
    const { log, subgroup } = this.#endpoints.hub(topic);
    if (log === undefined || subgroup?.layout.replicas.includes(this.id) !== true) return undefined;
    const { isWhole, samplesTaken, bytesTaken } = log;
    return { isWhole, samplesTaken, bytesTaken };
  }

  // ---- what travels ----

  /**
   * What has gone to each peer in a `tcp:` or `rdma:` domain since they linked, and whether by memory that both see, by a connection, or by RDMA;
   * empty in other domains.
   *
   * ```ts
   * const sent = participant.traffic().reduce((bytes, { socket, rdma }) => bytes + socket.bytesSent + rdma.bytes, 0);
   * if (sent === 0) console.log('hello'); // all by memory, or alone
   * ```
   */
  traffic(): readonly Traffic[] {
    return this.#host.traffic?.() ?? [];
  }

  /**
   * How often this member of a `tcp:` or `rdma:` domain turned away what came in by a connection, by why: `crowd`, `late`, `garbage`, `certificate`, `secret`, `domain`, `member`,
   * `heart`, `link`. Empty where nothing was, and in other domains. The first of each kind, hearts apart, is told as a process warning, too (`BE_TURNED_AWAY`).
   *
   * ```ts
   * const { certificate = 0, secret = 0 } = participant.turnedAway();
   * if (certificate + secret === 0) console.log('hello'); // nobody tried to get in who does not belong here
   * ```
   */
  turnedAway(): Readonly<Partial<Record<Refusal, number>>> {
    return this.#host.turnedAway?.() ?? {};
  }

  /** Opened with the first persistent topic; undefined where this participant keeps nothing. */
  async #openStorage(): Promise<Storage | undefined> {
    if (this.#storageOptions === undefined) return undefined;
    this.#opening ??= Storage.open(this.#storageOptions, this.#domain, this.name, (topic, failure) =>
      this.#persisted(topic, failure),
    );
    try {
      this.#storage = await this.#opening;
    } catch (error) {
      this.#opening = undefined;
      throw error;
    }
    this.#mustBeOpen();
    return this.#storage;
  }

  /** More is on the disk, or the disk has failed. */
  #persisted(topic: string | undefined, failure: LogFailure | undefined): void {
    if (failure !== undefined) this.#membership.fail(failure);
    else if (topic === undefined) this.#poller.wake(0);
    else this.#endpoints.hub(topic).persisted();
    this.#loop.wake();
  }

  // ---- views ----

  #installed(view: View): void {
    this.#watch(view);
    this.#endpoints.installed(view);
    this.#doorstep.welcome(view);
    this.#view.value = describeView(view);
    this.#loop.endTurn();
  }

  /** Peers in the view are watched: their death is known at once. */
  #watch(view: View): void {
    const peers = view.members.map(({ id }) => id).filter((id) => id !== this.id);
    for (const peer of this.#watched) {
      if (peers.includes(peer)) continue;
      this.#board.unwatch(peer);
      this.#departed.push(peer);
    }
    for (const { id, info } of view.members) {
      if (!peers.includes(id) || this.#watched.includes(id)) continue;
      const { address, subject } = asInfo<MemberInfo>(info);
      if (address !== undefined) this.#host.introduce?.(id, address, subject);
      this.#host.watch(id);
    }
    this.#watched = peers;
  }

  /** What a dead member left is swept only once nobody may still need its memory to end an epoch. */
  #forgetDeparted(): void {
    if (this.#departed.length === 0 || !this.#membership.mayGo) return;
    for (const peer of this.#departed.splice(0)) this.#host.unwatch(peer);
  }

  #tick(): void {
    this.#clock.follow();
    this.#board.progress();
    this.#membership.tick();
    this.#loop.look();
    this.#forgetDeparted();
  }

  // ---- the end ----

  /**
   * Leaves the domain: what was written is stable first, then the view changes, then all memory and files are given back. Where a
   * reader holds back what is written for longer than `timeoutMs` (default: 5 s), it is left without: writes that still wait are
   * rejected with BE_OUTCOME_UNKNOWN. Idempotent.
   */
  close({ timeoutMs = closeMs }: { timeoutMs?: number } = {}): Promise<void> {
    return (this.#closing ??= this.#close(timeoutMs));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #close(timeoutMs: number): Promise<void> {
    const deadline = performance.now() + timeoutMs;
    if (this.#error === undefined) await this.#until(this.#endpoints.whenStable(), deadline);
    if (this.#error === undefined) await this.#leave(deadline);
    await this.#release(new BowechoError('BE_CLOSED', `participant ${this.name} is closed: join again`));
  }

  /** Waits for `event`, but not beyond `deadline`. */
  async #until(event: Promise<unknown>, deadline: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    await Promise.race([
      event,
      new Promise((resolve) => (timer = setTimeout(resolve, deadline - performance.now()))),
    ]);
    clearTimeout(timer);
  }

  /** Where the others do not answer in time, they will find out by our death. */
  async #leave(deadline: number): Promise<void> {
    const gone = new Promise<void>((resolve) => (this.#left = resolve));
    this.#membership.request([{ op: 'leave' }]);
    this.#loop.wake();
    await this.#until(gone, Math.max(deadline, performance.now() + leaveMs));
    const lingerUntil = performance.now() + lingerMs;
    while (!this.#membership.mayGo && performance.now() < lingerUntil) {
      await new Promise((resolve) => setTimeout(resolve, 1));
      this.#poller.wake(0);
      this.#loop.wake();
    }
  }

  #halted(error: MembershipError): void {
    this.#error = error;
    this.#left?.();
    // Later: the membership is in the midst of an evaluation.
    this.#closing ??= Promise.resolve().then(() => this.#release(error));
  }

  async #release(error: Error): Promise<void> {
    const failure = error instanceof MembershipError ? error : undefined;
    this.#error = error;
    clearInterval(this.#ticker);
    this.#stopSignals();
    this.#loop.close();
    this.#endpoints.end(error, failure);
    this.#doorstep.close(`${this.name} is leaving`);
    if (failure === undefined) this.#view.end();
    else this.#view.fail(failure);
    // Whoever is dead, and needed by nobody to end an epoch, is swept now: there may be no one left to do it.
    if (this.#membership.mayGo)
      for (const peer of [...this.#departed, ...this.#watched]) this.#host.unwatch(peer);
    // Views of the memory that handlers still hold stay valid; what is given back here is names and descriptors.
    this.#membership.release();
    this.#board.release();
    // The others wait for nothing of a participant that is gone: its disk may take its time.
    await this.#host.close();
    await this.#opening?.then(
      (storage) => storage.close(),
      () => undefined,
    );
  }

  #mustBeOpen(): void {
    if (this.#error !== undefined) throw this.#error;
    if (this.#closing !== undefined)
      throw new BowechoError('BE_CLOSED', `participant ${this.name} is closing: join again`);
  }
}

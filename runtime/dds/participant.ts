import type { InPlaceView, TopicType } from '../../codegen/support/index.js';
import {
  encodeQos,
  type QosSpec,
  type ReaderQos,
  resolveReaderQos,
  resolveWriterQos,
  type WriterQos,
} from '../../qos/index.js';
import { type DoorReply, type Host, type MemberId, openHost } from '../../transport/index.js';
import type { MembershipError } from '../membership/errors.js';
import { Membership } from '../membership/membership.js';
import { type Endpoint, firstView, type Member, type Refusal, type View } from '../membership/view.js';
import { Board } from '../table/board.js';
import { Poller } from '../table/poller.js';
import { admit, asInfo, asJson, type EndpointInfo } from './admission.js';
import { HybridClock } from './clock.js';
import { closeOnSignals } from './signals.js';
import { BowechoError } from './errors.js';
import { EventLoop } from './event-loop.js';
import { matchesOf, unmatchedWriters } from './matching.js';
import { Current, type Observable } from './observable.js';
import { Reader } from './reader.js';
import { TopicHub } from './topic-hub.js';
import { decodeGreeting, decodeWelcome, encodeGreeting, encodeWelcome, type Greeting } from './wire.js';
import { Writer } from './writer.js';

export interface ParticipantOptions {
  /** The domain's address: a name (shared memory on this host), `memory:name`, or `local:name` (within this process). */
  domain: string;
  /** What the participant is called in views and messages. Default: the process's title and id. */
  name?: string;
  /** How long joining may take. Default: 10 s. */
  timeoutMs?: number;
  signal?: AbortSignal;
  /** A member that is silent for so long is taken for dead. Default: 1 s. */
  suspicionMs?: number;
  /** Leave the domain on SIGINT and SIGTERM, where the program has no handler of its own. Default: true. */
  closeOnSignals?: boolean;
}

export interface EndpointOptions {
  /** The topic's name. Default: the type's name. */
  topic?: string;
  /** A profile's name, or policies. Default: `atomic`. */
  qos?: QosSpec;
}

/** A member of the domain, as a view tells it. */
export interface ParticipantInfo {
  readonly id: MemberId;
  readonly name: string;
  readonly pid: number;
}

/** Who is in the domain, in rank order, and who reads and writes what. */
export interface DomainView {
  readonly viewId: number;
  readonly members: readonly ParticipantInfo[];
  readonly endpoints: readonly {
    member: MemberId;
    id: number;
    role: 'reader' | 'writer';
    topic: string;
    typeName: string;
  }[];
}

interface Opening {
  endpoint: number;
  request: number;
  settle: (refusal: Refusal | undefined) => void;
  fail: (error: Error) => void;
}

/** How long `close` waits for what was written to be stable, unless it is told otherwise. */
const closeMs = 5000;
/** The same, where a signal ends the process: whoever pressed Ctrl-C waits. */
const closeOnSignalMs = 500;
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
  readonly #hubs = new Map<string, TopicHub>();
  readonly #readers = new Map<number, Reader<never>>();
  readonly #writers = new Map<number, Writer<never>>();
  readonly #openings = new Set<Opening>();
  readonly #doorstep = new Map<MemberId, (reply: DoorReply) => void>();
  readonly #ticker: NodeJS.Timeout;
  readonly #stopSignals: () => void;
  #watched: MemberId[] = [];
  #endpoints = 0;
  #left: (() => void) | undefined;
  #error: Error | undefined;
  #closing: Promise<void> | undefined;

  private constructor(host: Host, view: View, greeting: Greeting, options: ParticipantOptions) {
    this.#host = host;
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
      { suspicionUs, singleHost: true },
      {
        admit,
        userOf: (topic) => this.#hub(topic.name),
        installed: (next) => this.#installed(next),
        opened: (slot) => this.#opened(slot),
        silent: (member) => host.kill(member),
        left: () => this.#left?.(),
        halted: (error) => this.#halted(error),
      },
    );
    host.startHeartbeat(this.#board.memory, Board.heartbeatIndex);
    this.#ticker = setInterval(() => this.#tick(), Math.max(10, suspicionUs / 4000));
    this.#stopSignals =
      options.closeOnSignals === false
        ? () => undefined
        : closeOnSignals(() => this.close({ timeoutMs: closeOnSignalMs }));
    host.openDoor((stranger, text, reply) => this.#answerDoor(stranger, text, reply));
    this.#loop.wake();
  }

  /**
   * Joins a domain, or founds it where it has no member yet.
   * @throws TransportError BE_NAME, BE_DIRECTORY, BE_NO_MEMORY, BE_UNSUPPORTED, BE_JOIN_REFUSED, BE_JOIN_TIMEOUT; the signal's reason
   */
  static async join(options: ParticipantOptions): Promise<Participant> {
    const greeting: Greeting = { name: options.name ?? `${process.title}-${process.pid}`, pid: process.pid };
    const host = await openHost(options.domain);
    try {
      const meeting = {
        timeoutMs: options.timeoutMs ?? 10_000,
        ...(options.signal && { signal: options.signal }),
      };
      const welcome = await host.meet(encodeGreeting(greeting), meeting);
      const view =
        welcome === undefined
          ? firstView(Math.floor(Math.random() * Number.MAX_SAFE_INTEGER), host.self, asJson(greeting))
          : decodeWelcome(welcome);
      return new Participant(host, view, greeting, options);
    } catch (error) {
      await host.close();
      throw error;
    }
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
   * @throws QosError; BowechoError BE_REFUSED where type or consistency do not match the topic's (both sides are named), BE_CLOSED
   */
  async reader<T, V extends InPlaceView>(
    type: TopicType<T, V>,
    options: EndpointOptions = {},
  ): Promise<Reader<T, V>> {
    const qos = resolveReaderQos(options.qos);
    this.#mustBeOpen();
    const hub = this.#hub(options.topic ?? type.name);
    const id = ++this.#endpoints;
    const reader: Reader<T, V> = new Reader(hub, type, qos, () => this.#closeEndpoint(id));
    this.#readers.set(id, reader as unknown as Reader<never>);
    await this.#open(id, 'reader', hub, type, qos);
    return reader;
  }

  /**
   * Opens a writer.
   * @throws QosError; BowechoError BE_REFUSED where type or consistency do not match the topic's (both sides are named), BE_CLOSED
   */
  async writer<T, V extends InPlaceView>(
    type: TopicType<T, V>,
    options: EndpointOptions = {},
  ): Promise<Writer<T, V>> {
    const qos = resolveWriterQos(options.qos);
    this.#mustBeOpen();
    const hub = this.#hub(options.topic ?? type.name);
    const id = ++this.#endpoints;
    hub.allowRing(qos.transport.ringBytesMax);
    const writer: Writer<T, V> = new Writer(hub, type, qos, id, () => this.#closeEndpoint(id));
    this.#writers.set(id, writer as unknown as Writer<never>);
    await this.#open(id, 'writer', hub, type, qos);
    return writer;
  }

  #hub(name: string): TopicHub {
    let hub = this.#hubs.get(name);
    if (hub === undefined) {
      const engine = {
        self: this.id,
        membership: this.#membership,
        poller: this.#poller,
        loop: this.#loop,
        clock: this.#clock,
      };
      hub = new TopicHub(name, engine);
      this.#hubs.set(name, hub);
    }
    return hub;
  }

  async #open<T, V extends InPlaceView>(
    id: number,
    role: 'reader' | 'writer',
    hub: TopicHub,
    type: TopicType<T, V>,
    qos: ReaderQos | WriterQos,
  ): Promise<void> {
    if (qos.consistency === 'persistent') {
      throw new BowechoError(
        'BE_UNSUPPORTED',
        `topic ${hub.name}: persistent topics are not in this version; use atomic`,
      );
    }
    const schema = type.schema.length <= schemaCharactersMax ? type.schema : undefined;
    const topic = { typeName: type.name, typeHash: type.typeHash, schema, consistency: qos.consistency };
    const info: EndpointInfo = { ...topic, participant: this.name, qos: asJson(encodeQos(qos)) };
    const terms = {
      ordered: qos.consistency !== 'raw',
      ringBytes: qos.transport.ringBytesMin,
      largeBytes: qos.transport.largeBytesMax,
      info: asJson(topic),
    };
    const refusal = await new Promise<Refusal | undefined>((settle, fail) => {
      const endpoint = { id, role, topic: hub.name, info: asJson(info) };
      const request = this.#membership.request([{ op: 'open', endpoint, terms }]);
      this.#openings.add({ endpoint: id, request, settle, fail });
      this.#loop.wake();
    });
    if (refusal !== undefined) {
      this.#readers.delete(id);
      this.#writers.delete(id);
      throw new BowechoError('BE_REFUSED', refusal.reason);
    }
  }

  async #closeEndpoint(id: number): Promise<void> {
    if (this.#error !== undefined) return;
    await new Promise<void>((resolve) => {
      const request = this.#membership.request([{ op: 'close', endpoint: id }]);
      this.#openings.add({ endpoint: id, request, settle: () => resolve(), fail: () => resolve() });
      this.#loop.wake();
    });
    this.#readers.get(id)?.end();
    this.#readers.delete(id);
    this.#writers.delete(id);
  }

  // ---- views ----

  #installed(view: View): void {
    this.#watch(view);
    for (const hub of this.#hubs.values()) hub.update(view);
    for (const [id, reader] of this.#readers) {
      if (!view.endpoints.some((endpoint) => endpoint.member === this.id && endpoint.id === id)) continue;
      this.#hubs.get(reader.topic)!.addReader(reader);
      reader.setUnmatched(unmatchedWriters(view, reader));
    }
    for (const [id, writer] of this.#writers) writer.setMatches(matchesOf(view, this.id, id, writer));
    this.#settleOpenings(view);
    this.#welcome(view);
    this.#view.value = describeView(view);
    this.#loop.endTurn();
  }

  #opened(slot: number): void {
    for (const hub of this.#hubs.values()) if (hub.topic?.slot === slot) hub.opened();
    this.#settleOpenings(this.#membership.view);
  }

  /** An endpoint is open once the view has it and its topic can be used. */
  #settleOpenings(view: View): void {
    const { applied } = view.members.find(({ id }) => id === this.id)!;
    for (const opening of this.#openings) {
      if (opening.request > applied) continue;
      const refusal = view.refusals.find(
        ({ member, endpoint }) => member === this.id && endpoint === opening.endpoint,
      );
      const topic = view.endpoints.find(
        ({ member, id }) => member === this.id && id === opening.endpoint,
      )?.topic;
      const subgroup = topic === undefined ? undefined : this.#hubs.get(topic)?.subgroup;
      if (subgroup !== undefined && !subgroup.open) continue;
      this.#openings.delete(opening);
      opening.settle(refusal);
    }
  }

  /** Peers in the view are watched: their death is known at once. */
  #watch(view: View): void {
    const peers = view.members.map(({ id }) => id).filter((id) => id !== this.id);
    for (const peer of this.#watched) {
      if (peers.includes(peer)) continue;
      this.#host.unwatch(peer);
      this.#board.unwatch(peer);
    }
    for (const peer of peers) if (!this.#watched.includes(peer)) this.#host.watch(peer);
    this.#watched = peers;
  }

  #tick(): void {
    this.#board.progress();
    this.#membership.tick();
    this.#loop.wake();
  }

  // ---- the door ----

  #answerDoor(stranger: MemberId, text: string, reply: (reply: DoorReply) => void): void {
    let greeting: Greeting;
    try {
      greeting = decodeGreeting(text);
    } catch (error) {
      reply({ refused: (error as Error).message });
      return;
    }
    if (this.#error !== undefined) {
      reply({ refused: `${this.name} is leaving` });
      return;
    }
    this.#doorstep.set(stranger, reply);
    this.#membership.request([{ op: 'join', member: stranger, info: asJson(greeting) }]);
    this.#welcome(this.#membership.view);
    this.#loop.wake();
  }

  /** Sends the view to the joiners that it has. */
  #welcome(view: View): void {
    for (const [stranger, reply] of this.#doorstep) {
      if (!view.members.some(({ id }) => id === stranger)) continue;
      this.#doorstep.delete(stranger);
      reply({ welcome: encodeWelcome(view) });
    }
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
    if (this.#error === undefined) await this.#whenStable(timeoutMs);
    if (this.#error === undefined) await this.#leave();
    await this.#release(new BowechoError('BE_CLOSED', `participant ${this.name} is closed: join again`));
  }

  async #whenStable(timeoutMs: number): Promise<void> {
    const stable = Promise.allSettled([...this.#writers.values()].map((writer) => writer.whenStable()));
    let timer: NodeJS.Timeout | undefined;
    await Promise.race([stable, new Promise((resolve) => (timer = setTimeout(resolve, timeoutMs)))]);
    clearTimeout(timer);
  }

  async #leave(): Promise<void> {
    const gone = new Promise<void>((resolve) => (this.#left = resolve));
    this.#membership.request([{ op: 'leave' }]);
    this.#loop.wake();
    await gone;
    const deadline = performance.now() + lingerMs;
    while (!this.#membership.mayGo && performance.now() < deadline) {
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
    const asked = !('code' in error && error.code !== 'BE_CLOSED');
    this.#error = error;
    clearInterval(this.#ticker);
    this.#stopSignals();
    this.#loop.close();
    for (const reader of this.#readers.values()) reader.end(asked ? undefined : error);
    for (const writer of this.#writers.values()) writer.end(error);
    for (const opening of this.#openings) opening.fail(error);
    for (const reply of this.#doorstep.values()) reply({ refused: `${this.name} is leaving` });
    if (asked) this.#view.end();
    else this.#view.fail(error);
    // Views of the memory that handlers still hold stay valid; what is given back here is names and descriptors.
    this.#membership.release();
    this.#board.release();
    await this.#host.close();
  }

  #mustBeOpen(): void {
    if (this.#error !== undefined) throw this.#error;
    if (this.#closing !== undefined)
      throw new BowechoError('BE_CLOSED', `participant ${this.name} is closing: join again`);
  }
}

/** Longer schemas do not travel in views. */
const schemaCharactersMax = 4096;

function describeView(view: View): DomainView {
  return {
    viewId: view.viewId,
    members: view.members.map(describeMember),
    endpoints: view.endpoints.map(({ member, id, role, topic, info }: Endpoint) => ({
      member,
      id,
      role,
      topic,
      typeName: asInfo<EndpointInfo>(info).typeName,
    })),
  };
}

function describeMember({ id, info }: Member): ParticipantInfo {
  const { name, pid } = asInfo<Greeting>(info);
  return { id, name, pid };
}

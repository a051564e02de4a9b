import type { InPlaceView, TopicType } from '../../codegen/support/index.js';
import { encodeQos, type ReaderQos, type WriterQos } from '../../qos/index.js';
import { pastOf, wholeOn } from '../membership/topic-past.js';
import type { Endpoint, Refusal, View } from '../membership/view.js';
import { asJson, type EndpointInfo } from './admission.js';
import { BowechoError } from './errors.js';
import { checkEffective } from './effective-qos.js';
import type { Gatekeeper } from './gatekeeper.js';
import { matchReader, matchWriter } from './matching.js';
import { checkRoom } from './memory-room.js';
import { Reader } from './reader.js';
import { checkRepresentations } from './representation.js';
import type { Storage } from './storage.js';
import { type Engine, TopicHub } from './topic-hub.js';
import { Writer } from './writer.js';

interface Opening {
  endpoint: number;
  topic: string;
  request: number;
  settle: (refusal: Refusal | undefined) => void;
  fail: (error: Error) => void;
}

const endpointIdMax = 0xffff;
/** Longer schemas do not travel in views. */
const schemaCharactersMax = 4096;

/** The readers and writers of one participant, and the topics that they are on: opened and closed by the domain's views. */
export class Endpoints {
  readonly #engine: Engine;
  readonly #participant: string;
  readonly #storage: () => Promise<Storage | undefined>;
  readonly #gatekeeper: Gatekeeper;
  readonly #hubs = new Map<string, TopicHub>();
  readonly #readers = new Map<number, Reader<never>>();
  readonly #writers = new Map<number, Writer<never>>();
  readonly #openings = new Set<Opening>();
  /** Of each persistent topic, the last endpoint that has begun to ask to be opened. */
  readonly #turns = new Map<string, Promise<unknown>>();
  #lastId = 0;
  #ended = false;

  /** `storage` gives what keeps the logs of persistent topics; undefined where this participant keeps none. */
  constructor(
    engine: Engine,
    participant: string,
    gatekeeper: Gatekeeper,
    storage: () => Promise<Storage | undefined>,
  ) {
    this.#gatekeeper = gatekeeper;
    this.#engine = engine;
    this.#participant = participant;
    this.#storage = storage;
  }

  hub(topic: string): TopicHub {
    let hub = this.#hubs.get(topic);
    if (hub === undefined) {
      hub = new TopicHub(topic, this.#engine);
      this.#hubs.set(topic, hub);
    }
    return hub;
  }

  async openReader<T, V extends InPlaceView>(
    type: TopicType<T, V>,
    topic: string,
    qos: ReaderQos,
    durableName?: string,
  ): Promise<Reader<T, V>> {
    const id = this.#freeId();
    const reader: Reader<T, V> = new Reader(this.hub(topic), type, qos, () => this.#close(id));
    if (durableName !== undefined) await this.#findPosition(reader, durableName);
    this.#readers.set(id, reader as unknown as Reader<never>);
    await this.#open(id, 'reader', topic, type, qos);
    return reader;
  }

  /** A durable reader goes on where it was. */
  async #findPosition<T, V extends InPlaceView>(reader: Reader<T, V>, durableName: string): Promise<void> {
    const { topic, type, qos } = reader;
    if (qos.durability !== 'persistent')
      throw new BowechoError(
        'BE_UNSUPPORTED',
        `reader ${durableName} of topic ${topic}: a durable reader gets what it missed out of the log, so it needs durability 'persistent', not '${qos.durability}'`,
      );
    const storage = await this.#storage();
    if (storage === undefined) throw withoutStorage(topic, durableName);
    await this.#inTurn(topic, () => this.#openLog(topic, type, qos));
    reader.goOnFrom(await storage.position(topic, durableName, (error) => reader.replayFailed(error)));
  }

  async openWriter<T, V extends InPlaceView>(
    type: TopicType<T, V>,
    topic: string,
    qos: WriterQos,
  ): Promise<Writer<T, V>> {
    const id = this.#freeId();
    const hub = this.hub(topic);
    hub.allowRing(qos.transport.ringBytesMax);
    const writer: Writer<T, V> = new Writer(hub, type, qos, id, () => this.#close(id));
    this.#writers.set(id, writer as unknown as Writer<never>);
    await this.#open(id, 'writer', topic, type, qos);
    return writer;
  }

  /** Frames have 16 bits for a writer's number: after so many, numbers that are free again are taken. */
  #freeId(): number {
    do this.#lastId = (this.#lastId % endpointIdMax) + 1;
    while (this.#readers.has(this.#lastId) || this.#writers.has(this.#lastId));
    return this.#lastId;
  }

  async #open<T, V extends InPlaceView>(
    id: number,
    role: 'reader' | 'writer',
    topic: string,
    type: TopicType<T, V>,
    qos: ReaderQos | WriterQos,
  ): Promise<void> {
    const ask = () => this.#request(id, role, topic, type, qos);
    try {
      checkEffective(topic, qos);
      checkRepresentations(topic, type, qos.representation);
      const { answer } = await (qos.consistency === 'persistent' ? this.#inTurn(topic, ask) : ask());
      const refusal = await answer;
      if (refusal !== undefined) throw new BowechoError('BE_REFUSED', refusal.reason);
    } catch (error) {
      this.#readers.delete(id);
      this.#writers.delete(id);
      throw error;
    }
  }

  /** One after another: only the first endpoint of a topic may find its log in need of what others have kept. */
  #inTurn<R>(topic: string, work: () => Promise<R>): Promise<R> {
    const turn = (this.#turns.get(topic) ?? Promise.resolve()).then(work);
    this.#turns.set(
      topic,
      turn.catch(() => undefined),
    );
    return turn;
  }

  /** Asks for the endpoint, once its topic's log is there; the answer comes with a view. */
  async #request<T, V extends InPlaceView>(
    id: number,
    role: 'reader' | 'writer',
    topic: string,
    type: TopicType<T, V>,
    qos: ReaderQos | WriterQos,
  ): Promise<{ answer: Promise<Refusal | undefined> }> {
    const stores = await this.#openLog(topic, type, qos);
    const { info, terms } = this.#describe(type, qos);
    const holds = qos.durability === 'transientLocal';
    const endpoint = { id, role, topic, info: asJson(info), ...(holds && { holds }), ...stores };
    this.#gatekeeper.checkEndpoint(endpoint);
    const { membership, self } = this.#engine;
    checkRoom(membership.view, this.#engine.freeBytes(), { member: self, ...endpoint }, terms);
    const request = membership.request([{ op: 'open', endpoint, terms }]);
    const answer = new Promise<Refusal | undefined>((settle, fail) => {
      this.#openings.add({ endpoint: id, topic, request, settle, fail });
    });
    this.#engine.loop.wake();
    return { answer };
  }

  /** Whoever opens a persistent topic, and has storage, is a replica of it: its log is there first. */
  async #openLog<T, V extends InPlaceView>(
    topic: string,
    type: TopicType<T, V>,
    { consistency }: ReaderQos | WriterQos,
  ): Promise<Pick<Endpoint, 'stores' | 'disk' | 'reaches' | 'last'>> {
    if (consistency !== 'persistent') return {};
    const storage = await this.#storage();
    if (storage === undefined) return {};
    const { view } = this.#engine.membership;
    const origin = view.logs.find((known) => known.topic === topic);
    const log = await storage.log(topic, type, origin?.lineage);
    this.hub(topic).keepIn(log);
    const { transport } = this.#engine;
    const disk = await storage.disk(transport.aliased);
    const past = pastOf(view, topic);
    if (past === undefined) return { stores: true, disk };
    log.settle(past, disk);
    const rests = !this.#takesPart(topic) && wholeOn(view, topic).length === 0;
    if (transport.aliased && rests && origin !== undefined && !log.reachesEndOf(past))
      await storage.topUp(log, past, origin.lineage);
    return { stores: true, disk, ...log.reach(past) };
  }

  /** An endpoint of this participant is on the topic, or will be: from then on its log is brought on by the epochs, and by nothing else. */
  #takesPart(topic: string): boolean {
    const { membership, self } = this.#engine;
    const isMine = (endpoint: Endpoint) => endpoint.member === self && endpoint.topic === topic;
    return (
      membership.view.endpoints.some(isMine) || [...this.#openings].some((opening) => opening.topic === topic)
    );
  }

  /** What everyone is told of the endpoint, and what it makes of the topic where it is the first. */
  #describe<T, V extends InPlaceView>(type: TopicType<T, V>, qos: ReaderQos | WriterQos) {
    const schema = type.schema.length <= schemaCharactersMax ? type.schema : undefined;
    const topic = { typeName: type.name, typeHash: type.typeHash, schema, consistency: qos.consistency };
    const info: EndpointInfo = { ...topic, participant: this.#participant, qos: asJson(encodeQos(qos)) };
    const terms = {
      ordered: qos.consistency !== 'raw',
      ...(qos.consistency === 'persistent' && { persistent: qos.deliver }),
      ringBytes: qos.transport.ringBytesMin,
      largeBytes: qos.transport.largeBytesMax,
      info: asJson(topic),
    };
    return { info, terms };
  }

  async #close(id: number): Promise<void> {
    if (this.#ended) return;
    await new Promise<void>((resolve) => {
      const request = this.#engine.membership.request([{ op: 'close', endpoint: id }]);
      const topic = (this.#readers.get(id) ?? this.#writers.get(id))!.topic;
      this.#openings.add({ endpoint: id, topic, request, settle: () => resolve(), fail: () => resolve() });
      this.#engine.loop.wake();
    });
    this.#readers.get(id)?.end();
    this.#readers.delete(id);
    this.#writers.delete(id);
  }

  /** A view is installed. */
  installed(view: View): void {
    const { self } = this.#engine;
    const isOpen = (id: number) =>
      view.endpoints.some((endpoint) => endpoint.member === self && endpoint.id === id);
    for (const hub of this.#hubs.values()) hub.update(view);
    for (const [id, reader] of this.#readers) {
      if (!isOpen(id)) continue;
      const hub = this.hub(reader.topic);
      reader.setUnmatched(matchReader(view, reader).unmatched);
      if (reader.qos.durability === 'persistent' && hub.readable !== undefined) {
        hub.addLoggedReader(reader, reader.position?.found);
        if (hub.subgroup !== undefined)
          reader.position?.epochBegan(hub.subgroup.layout.epoch, hub.subgroup.layout.senders);
        continue;
      }
      const isNew = hub.addReader(reader);
      if (isNew && reader.qos.durability === 'transientLocal') hub.addLateReader(reader);
      else if (isNew) reader.historyEnded(0, undefined);
    }
    for (const [id, writer] of this.#writers) {
      if (isOpen(id)) writer.setMatching(matchWriter(view, writer));
    }
    this.#settle(view);
  }

  /** The subgroup in `slot` can be used. */
  opened(slot: number, view: View): void {
    for (const hub of this.#hubs.values()) if (hub.topic?.slot === slot) hub.opened();
    this.#settle(view);
  }

  /** An endpoint is open once the view has it and its topic can be used. */
  #settle(view: View): void {
    const { self } = this.#engine;
    const { applied } = view.members.find(({ id }) => id === self)!;
    for (const opening of this.#openings) {
      if (opening.request > applied) continue;
      const isMine = (other: { member: number }, id: number) =>
        other.member === self && id === opening.endpoint;
      const refusal = view.refusals.find((other) => isMine(other, other.endpoint));
      const topic = view.endpoints.find((other) => isMine(other, other.id))?.topic;
      const subgroup = topic === undefined ? undefined : this.#hubs.get(topic)?.subgroup;
      if (subgroup !== undefined && !subgroup.open) continue;
      this.#openings.delete(opening);
      opening.settle(refusal);
    }
  }

  /** Resolves once everything that was written is stable. */
  async whenStable(): Promise<void> {
    await Promise.allSettled([...this.#writers.values()].map((writer) => writer.whenStable()));
  }

  /** The participant is no member any more: because it was asked to leave, or had to stop (`failure`). */
  end(reason: Error, failure: Error | undefined): void {
    this.#ended = true;
    for (const reader of this.#readers.values()) reader.end(failure);
    for (const writer of this.#writers.values()) writer.end(reason);
    for (const hub of this.#hubs.values()) hub.end(reason);
    for (const opening of this.#openings) opening.fail(reason);
    this.#openings.clear();
  }
}

function withoutStorage(topic: string, durableName: string): BowechoError {
  return new BowechoError(
    'BE_UNSUPPORTED',
    `reader ${durableName} of topic ${topic}: how far a durable reader has come is kept in its participant's storage, and this participant has none: give it one, or open the reader without durableName`,
  );
}

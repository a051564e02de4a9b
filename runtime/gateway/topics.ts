import { BowechoError, type DomainView, type Participant } from '../dds/index.js';
import type { GatewayLimits } from './limits.js';
import { TopicSink } from './topic-sink.js';
import { TopicSource } from './topic-source.js';
import type { Role } from './wire/index.js';

/** The topics that the gateway reads and writes now: one reader and one writer each, whatever the number of clients. */
export class Topics {
  readonly #participant: Participant;
  readonly #limits: GatewayLimits;
  readonly #sources = new Map<string, TopicSource>();
  readonly #sinks = new Map<string, TopicSink>();
  #streams = 0;

  constructor(participant: Participant, limits: GatewayLimits) {
    this.#participant = participant;
    this.#limits = limits;
  }

  /** @throws BowechoError BE_REFUSED where the gateway reads too many topics */
  source(topic: string): TopicSource {
    let source = this.#sources.get(topic);
    if (source === undefined) {
      this.#mustHaveRoom(this.#sources.size);
      const streams = { plain: this.#streams++, conflated: this.#streams++ };
      source = new TopicSource(topic, streams, this.#participant, this.#limits, () =>
        this.#sources.delete(topic),
      );
      this.#sources.set(topic, source);
    }
    return source;
  }

  /** @throws BowechoError BE_REFUSED where the gateway writes too many topics */
  sink(topic: string): TopicSink {
    let sink = this.#sinks.get(topic);
    if (sink === undefined) {
      this.#mustHaveRoom(this.#sinks.size);
      sink = new TopicSink(topic, this.#participant, this.#limits, () => this.#sinks.delete(topic));
      this.#sinks.set(topic, sink);
    }
    return sink;
  }

  #mustHaveRoom(topics: number): void {
    const { topicsMax } = this.#limits;
    if (topics < topicsMax) return;
    throw new BowechoError(
      'BE_REFUSED',
      `the gateway serves ${topicsMax} topics already: raise its topicsMax`,
    );
  }

  /** How many endpoints of the other role the domain has for the topic of an endpoint of this role. */
  matchedBy(role: Role, topic: string): number {
    const { endpoints }: DomainView = this.#participant.view;
    return endpoints.filter((endpoint) => endpoint.topic === topic && endpoint.role !== role).length;
  }

  async close(): Promise<void> {
    const shared = [...this.#sources.values(), ...this.#sinks.values()].map((topic) => topic.shared.close());
    await Promise.allSettled(shared);
  }
}

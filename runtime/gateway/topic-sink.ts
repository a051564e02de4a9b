import type { Participant, Writer } from '../dds/index.js';
import type { GatewayLimits } from './limits.js';
import { passThrough, type RawSample } from './pass-through.js';
import { SharedEndpoint, type Wish } from './shared-endpoint.js';
import type { WriteLane } from './write-lane.js';

/**
 * One topic that external clients write: the gateway's one writer of it. Clients have a lane each; where the topic has no room, lanes
 * take turns, so that a busy client does not hold the others back.
 */
export class TopicSink {
  readonly topic: string;
  readonly shared: SharedEndpoint<Writer<RawSample>>;
  /** Lanes in which samples wait, in the order of their turns. */
  readonly #waiting: WriteLane[] = [];
  #pumping = false;

  constructor(topic: string, participant: Participant, limits: GatewayLimits, onIdle: () => void) {
    this.topic = topic;
    this.shared = new SharedEndpoint(
      {
        open: ({ type, qos }: Wish) => participant.writer(passThrough(type), { topic, qos }),
        started: () => undefined,
        idle: onIdle,
      },
      limits.topicIdleMs,
    );
  }

  /** Writes a sample, or has it wait in its lane. `sample` may point into memory that the caller reuses. */
  write(lane: WriteLane, sample: RawSample): void {
    if (!this.#pumping && this.#tryWrite(lane, sample)) return;
    if (lane.enqueue(sample)) this.#waiting.push(lane);
    void this.#pump();
  }

  /** False where there is no room now. */
  #tryWrite(lane: WriteLane, sample: RawSample): boolean {
    try {
      if (!this.shared.endpoint!.tryWrite(sample)) return false;
      lane.written();
    } catch (error) {
      lane.rejected(error);
    }
    return true;
  }

  async #pump(): Promise<void> {
    if (this.#pumping) return;
    this.#pumping = true;
    for (let lane = this.#waiting.shift(); lane !== undefined; lane = this.#waiting.shift()) {
      const sample = lane.first!;
      if (!this.#tryWrite(lane, sample)) await this.#writeSlowly(lane, sample);
      if (lane.dequeue()) this.#waiting.push(lane);
    }
    this.#pumping = false;
  }

  async #writeSlowly(lane: WriteLane, sample: RawSample): Promise<void> {
    try {
      await this.shared.endpoint!.write(sample);
      lane.written();
    } catch (error) {
      lane.rejected(error);
    }
  }
}

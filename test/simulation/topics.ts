import type { HistoryLimits } from '../../runtime/history/writer-history.js';
import type { TopicTerms } from '../../runtime/membership/view.js';
import { SeededRandom } from '../../transport/simulated/random.js';

/** What a topic keeps for late readers. */
export interface HistoryPlan {
  /** Of each of its writers. */
  readonly limits: HistoryLimits;
  /** A writer's sample number n is of instance n modulo so many. */
  readonly instances: number;
}

export interface TopicPlan {
  readonly name: string;
  readonly terms: TopicTerms;
  /** Undefined where its durability is VOLATILE. */
  readonly history: HistoryPlan | undefined;
}

export function drawTopics(random: SeededRandom): TopicPlan[] {
  return Array.from({ length: random.between(1, 3) }, (_, i) => ({
    name: `t${i}`,
    terms: {
      ordered: random.below(3) > 0,
      ringBytes: 4096 << random.below(3),
      largeBytes: 16384 << random.below(3),
      info: null,
    },
    history: random.below(100) < 45 ? drawHistory(random) : undefined,
  }));
}

export function allOrdered(topics: readonly TopicPlan[]): TopicPlan[] {
  return topics.map((topic) => ({ ...topic, terms: { ...topic.terms, ordered: true } }));
}

function drawHistory(random: SeededRandom): HistoryPlan {
  const bounded = (percent: number, most: number) =>
    random.below(100) < percent ? random.between(1, most) : Infinity;
  return {
    limits: {
      depth: bounded(60, 20),
      // KEEP_ALL is bounded too, so that a run stays small.
      samplesMax: random.between(20, 120),
      instancesMax: bounded(20, 6),
      samplesPerInstanceMax: bounded(20, 10),
      bytesMax: 1024 << random.between(2, 8),
    },
    instances: random.between(1, 12),
  };
}

/** The part that member `id` takes in topic number `topic` from the start: 0 none, 1 reader, 2 writer, 3 both. */
export function roleOf(seed: number, id: number, topic: number): number {
  const drawn = new SeededRandom(seed * 4099 + id * 31 + topic).below(10);
  return [3, 3, 3, 3, 3, 1, 1, 2, 2, 0][drawn]!;
}

/** How many samples of each instance a reader of member `id` asks for of the history; 0: none, it is VOLATILE. */
export function depthOf(seed: number, id: number, topic: string): number {
  const random = new SeededRandom(seed * 8209 + id * 37 + topic.charCodeAt(1));
  const drawn = random.below(10);
  if (drawn < 2) return 0;
  return drawn < 6 ? Infinity : random.between(1, 6);
}

import type { HistoryWriter } from '../../runtime/history/topic-store.js';

/** A sample as an oracle sees it. */
export interface SeenSample {
  readonly epoch: number;
  readonly sequence: number;
  readonly member: number;
  /** The writer's number at its member. */
  readonly writer: number;
  readonly instance: number;
  /** What tells it from all others of its writer. */
  readonly number: number;
  /** As it is counted by `bytesMax`: payload and headers. */
  readonly bytes: number;
}

/** What one writer keeps of its samples, in order: said as simply as it can be. */
function keptBy({ limits }: HistoryWriter, samples: readonly SeenSample[]): SeenSample[] {
  const kept = new Set<SeenSample>();
  const instances = new Map<number, SeenSample[]>();
  let bytes = 0;
  const { depth, samplesPerInstanceMax, samplesMax, instancesMax, bytesMax } = limits;
  const forget = (sample: SeenSample) => {
    kept.delete(sample);
    bytes -= sample.bytes;
    const ofInstance = instances.get(sample.instance)!;
    ofInstance.shift();
    if (ofInstance.length === 0) instances.delete(sample.instance);
  };
  for (const sample of samples) {
    kept.add(sample);
    bytes += sample.bytes;
    const ofInstance = instances.get(sample.instance) ?? [];
    instances.set(sample.instance, ofInstance);
    if (ofInstance.push(sample) > Math.min(depth, samplesPerInstanceMax)) forget(ofInstance[0]!);
    while (kept.size > samplesMax || instances.size > instancesMax || bytes > bytesMax)
      forget(kept.values().next().value!);
  }
  return [...kept];
}

/**
 * The history that a reader gets which begins to read with `epoch`, when `writers` keep some, and `order` is what was agreed: the
 * newest `depth` of each instance of what each writer keeps of the epochs before.
 */
export function expectedHistory(
  order: readonly SeenSample[],
  epoch: number,
  writers: readonly HistoryWriter[],
  depth: number,
): SeenSample[] {
  const before = order.filter((sample) => sample.epoch < epoch);
  const kept = writers
    .flatMap((writer) =>
      keptBy(
        writer,
        before.filter(({ member, writer: number }) => member === writer.member && number === writer.number),
      ),
    )
    .sort((a, b) => a.epoch - b.epoch || a.sequence - b.sequence);
  const counts = new Map<number, number>();
  const isAskedFor = ({ instance }: SeenSample) => {
    const count = (counts.get(instance) ?? 0) + 1;
    counts.set(instance, count);
    return count <= depth;
  };
  return kept.reverse().filter(isAskedFor).reverse();
}

/** What is wrong with `got`, where a reader should have the history and then, as far as it has come, what was agreed since; or undefined. */
export function historyFault(
  got: readonly SeenSample[],
  history: readonly SeenSample[],
  order: readonly SeenSample[],
  epoch: number,
): string | undefined {
  const expected = [...history, ...order.filter((sample) => sample.epoch >= epoch)];
  const name = (sample: SeenSample | undefined) =>
    sample &&
    `${sample.epoch}.${sample.sequence} (${sample.member}:${sample.writer} number ${sample.number})`;
  for (let i = 0; i < got.length; i++) {
    if (name(got[i]) === name(expected[i])) continue;
    const where = i < history.length ? `place ${i} of ${history.length} of its history` : `place ${i}, live`;
    return `${where}: got ${name(got[i])} instead of ${name(expected[i])}`;
  }
  return undefined;
}

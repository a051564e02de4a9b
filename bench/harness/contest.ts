import type { Comparison, Contender, Entry, Readings, Settings } from './comparison.js';
import { median, significant, spread } from './statistics.js';

/** One result, as it is printed by --json. */
export interface Line {
  readonly suite: string;
  readonly case: string;
  readonly value: number | null;
  readonly unit: string;
  readonly reference: string | null;
  readonly referenceValue: number | null;
  /** value / referenceValue. */
  readonly ratio: number | null;
  /** (max - min) / median of our runs. */
  readonly spread: number | null;
  /** Only where a value is null: why. */
  readonly absent?: string;
}

/** What became of a contender in a comparison. */
interface Outcome {
  readonly readings: Readings[];
  absent?: string;
}

/** Measures a comparison, interleaved run by run, and gives its lines. */
export async function contest(
  suite: string,
  comparison: Comparison,
  settings: Settings,
  progress: (text: string) => void,
): Promise<readonly Line[]> {
  const contenders = [...comparison.ours.map(({ contender }) => contender), ...comparison.references];
  const outcomes = new Map<Contender, Outcome>(contenders.map((contender) => [contender, { readings: [] }]));
  for (const [contender, outcome] of outcomes) {
    const absent = await contender.absent?.();
    if (absent !== undefined) outcome.absent = absent;
  }
  for (let run = 1; run <= settings.runs; run++) {
    for (const [contender, outcome] of outcomes) {
      if (outcome.absent !== undefined) continue;
      progress(`${suite}: run ${run} of ${settings.runs}, ${contender.name}`);
      try {
        outcome.readings.push(await contender.run(settings));
      } catch (error) {
        // One failed run spoils the comparison: a median of the lucky runs would hide it.
        outcome.absent = error instanceof Error ? error.message : String(error);
        progress(`${suite}: ${contender.name} failed: ${outcome.absent}`);
      }
    }
  }
  return comparison.ours.flatMap((entry) => linesOf(suite, comparison, entry, outcomes));
}

function linesOf(
  suite: string,
  comparison: Comparison,
  entry: Entry,
  outcomes: ReadonlyMap<Contender, Outcome>,
): Line[] {
  const ours = outcomes.get(entry.contender)!;
  const references = comparison.references.length > 0 ? comparison.references : [undefined];
  return comparison.metrics.flatMap(({ reading, unit, label }) =>
    references.map((reference): Line => {
      const theirs = reference && outcomes.get(reference)!;
      const values = ours.absent === undefined ? valuesOf(ours, reading) : [];
      const value = values.length > 0 ? median(values) : null;
      const referenceValue = theirs && theirs.absent === undefined ? median(valuesOf(theirs, reading)) : null;
      const absent = ours.absent ?? theirs?.absent;
      return {
        suite,
        case: label === undefined ? entry.case : [entry.case, label].filter((part) => part !== '').join(', '),
        value: value === null ? null : significant(value),
        unit,
        reference: reference?.name ?? null,
        referenceValue: referenceValue === null ? null : significant(referenceValue),
        ratio:
          value === null || referenceValue === null || referenceValue === 0
            ? null
            : significant(value / referenceValue, 3),
        spread: value === null ? null : significant(spread(values), 2),
        ...(absent === undefined ? {} : { absent }),
      };
    }),
  );
}

function valuesOf(outcome: Outcome, reading: string): number[] {
  return outcome.readings.map((readings) => {
    const value = readings[reading];
    if (value === undefined || !Number.isFinite(value)) {
      throw new Error(`A run gave no '${reading}': ${JSON.stringify(readings)}.`);
    }
    return value;
  });
}

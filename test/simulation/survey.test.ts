import assert from 'node:assert/strict';
import { dispensable } from './minimise.js';
import type { runSeed } from './run-seed.js';
import { drawScenario } from './scenario.js';
import { survey } from './survey.js';

describe('seeds of the simulator', () => {
  it('300 of them: no violation, and a run worth having', function () {
    this.timeout(180_000);
    const { failed, eventsMedian, viewChangesMedian } = survey(1, 300, 'plain');
    assert.deepEqual(failed, []);
    assert.ok(eventsMedian >= 3000, `a median of ${eventsMedian} events`);
    assert.ok(viewChangesMedian >= 2, `a median of ${viewChangesMedian} view changes`);
  });

  it('that fail keep only the faults that they need', () => {
    const seed = [...Array(100).keys()].find((number) => drawScenario(number).disturbances.length >= 6)!;
    const needed = [1, 4];
    const run = ((_, { without } = {}) => ({
      ...(needed.every((index) => !without!.has(index)) && { violation: { oracle: 'oneTrim' } }),
    })) as typeof runSeed;
    const left = drawScenario(seed).disturbances.map((_, index) => index);
    const without = dispensable(drawScenario(seed), 'oneTrim', run);
    assert.deepEqual(
      left.filter((index) => !without.has(index)),
      needed,
    );
  });
});

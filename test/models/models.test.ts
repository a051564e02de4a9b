import assert from 'node:assert/strict';
import { cases, type ModelCase } from './cases.js';
import { missingTool, search } from './search.js';

/** The rest is `npm run model -- --quick`, a step of `.ci/run` of its own. */
const chosen: [ModelCase['model'], string][] = [
  ['view-change', 'a crash, a request'],
  ['view-change', 'nobody waits for the echo of the trim'],
  ['view-change', 'a decided end of view is added to'],
  ['epoch', 'two messages from each of two'],
  ['epoch', 'room is free before delivery'],
  ['zombie', 'five messages'],
  ['zombie', 'room without the suspected'],
];

describe('the models of the protocol', () => {
  before(function () {
    const missing = missingTool();
    if (missing === undefined) return;
    assert.ok(!process.env['CI'], missing);
    console.log(`      skipped: ${missing}`);
    this.skip();
  });

  it('have no two cases of one name, and mutants of each model', () => {
    const names = cases.map(({ model, name }) => `${model}: ${name}`);
    assert.deepEqual(
      names.filter((name, i) => names.indexOf(name) !== i),
      [],
    );
    for (const model of ['view-change', 'epoch', 'zombie'])
      assert.ok(cases.some((run) => run.model === model && run.expects !== 'holds'));
  });

  for (const [model, name] of chosen) {
    const run = cases.find((one) => one.model === model && one.name === name)!;
    it(`${model}, ${name}: ${run.expects}`, function () {
      this.timeout(60_000);
      const { found, states, trace } = search(run);
      assert.equal(found, run.expects, trace.join('\n'));
      assert.ok(states > 0);
    });
  }
});

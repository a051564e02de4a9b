import assert from 'node:assert/strict';
import { MemberProcess, killAll } from './processes/member-process.js';
import { Sandbox } from './processes/sandbox.js';

const ROUNDS = 20_000;

describe('sleeping members on shared memory', function () {
  this.timeout(90_000);
  let sandbox: Sandbox;

  beforeEach(() => {
    sandbox = new Sandbox();
  });
  afterEach(async () => {
    await killAll();
    sandbox.remove();
  });

  it('are woken by every put for them, in 20,000 rounds with random gaps', async () => {
    const options = { domain: 'court', ...sandbox.options };
    const [one, two] = await Promise.all([MemberProcess.start(options), MemberProcess.start(options)]);
    const startMs = performance.now();
    const sleeps = await Promise.all([
      one.call('pingPong', two.self, ROUNDS, true, 1),
      two.call('pingPong', one.self, ROUNDS, false, 2),
    ]);
    console.log(`      slept ${sleeps.join(' and ')} times in ${Math.round(performance.now() - startMs)} ms`);
    assert.ok(Math.min(...sleeps) > ROUNDS / 100, 'they hardly ever slept: this tested nothing');
  });
});

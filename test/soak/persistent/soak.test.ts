import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { soakPersistent } from './soak.js';

describe('soak of a persistent topic', function () {
  this.timeout(150_000);

  it('one, some and all of its processes are killed for 15 s: nothing acknowledged is lost, nothing comes twice, and all logs are alike', async () => {
    const result = await soakPersistent({ minutes: 0.25, members: 4, seed: 74, base: tmpdir() });
    const { kills, acknowledged, logged, delivered, violations, allToWorkingMs } = result;
    const count = kills.one + kills.some + kills.all;
    console.log(
      `      ${count} kills, ${kills.all} of all; ${acknowledged} samples acknowledged; working again after ${allToWorkingMs.median} ms`,
    );
    assert.deepEqual(violations, []);
    assert.ok(count >= 2 && kills.all >= 1);
    assert.ok(logged >= acknowledged && acknowledged > 100 && delivered > acknowledged);
  });
});

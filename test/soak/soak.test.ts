import assert from 'node:assert/strict';
import { soak } from './soak.js';

describe('soak', function () {
  this.timeout(150_000);

  it('real processes are killed, stopped and started again for 15 s, and those that live agree on all they delivered', async () => {
    const result = await soak({ minutes: 0.25, members: 5, seed: 20, samplesPerSecond: 10_000 });
    const { kills, restarts, viewChanges, deliveredPerSecond, violations } = result;
    console.log(`      ${kills} kills, ${viewChanges} view changes, ${deliveredPerSecond} samples a second`);
    assert.deepEqual(violations, []);
    assert.ok(kills >= 2 && restarts >= kills && viewChanges > 2 * kills);
    assert.ok(deliveredPerSecond > 500);
  });
});

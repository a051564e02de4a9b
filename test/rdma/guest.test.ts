import assert from 'node:assert/strict';
import { runInGuest, secondsMax, whyNoGuest } from './run.js';

describe('RDMA verbs', function () {
  this.timeout((secondsMax + 30) * 1000);

  it('pass their suites in a guest with Soft-RoCE', async function () {
    const missing = whyNoGuest();
    if (missing !== undefined) {
      // Where everything has to hold, .ci/run makes it.
      assert.ok(!process.env['CI'], missing);
      console.log(`      skipped: ${missing}`);
      this.skip();
    }
    const { code, output } = await runInGuest((chunk) => process.stdout.write(chunk));
    assert.equal(code, 0, code === 124 ? `the guest took more than ${secondsMax} s` : output);
    assert.match(output, /^ *[1-9]\d* passing/m);
  });
});

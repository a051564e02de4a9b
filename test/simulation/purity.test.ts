import assert from 'node:assert/strict';
import { ESLint } from 'eslint';
import { ImpureError, purely } from './purity.js';

const impure: Record<string, () => unknown> = {
  'Date.now()': () => Date.now(),
  'new Date()': () => new Date(),
  'performance.now()': () => performance.now(),
  'process.hrtime()': () => process.hrtime(),
  'process.hrtime.bigint()': () => process.hrtime.bigint(),
  'Math.random()': () => Math.random(),
  'crypto.randomUUID()': () => crypto.randomUUID(),
  'setTimeout(() => undefined, 0)': () => setTimeout(() => undefined, 0),
  'setImmediate(() => undefined)': () => setImmediate(() => undefined),
  'queueMicrotask(() => undefined)': () => queueMicrotask(() => undefined),
  'process.nextTick(() => undefined)': () => process.nextTick(() => undefined),
  'Promise.resolve()': () => Promise.resolve(),
  'new Promise(() => undefined)': () => new Promise(() => undefined),
  '(async () => undefined)()': () => (async () => undefined)(),
};

describe('nothing but its seed decides what a run does', () => {
  for (const [text, ask] of Object.entries(impure))
    it(`a run that asks for ${text} fails`, () => {
      assert.throws(() => purely(ask), ImpureError);
    });

  it('afterwards all of it is there again', () => {
    assert.equal(
      purely(() => 7),
      7,
    );
    assert.ok(Date.now() > 0 && new Date().getTime() > 0 && Math.random() < 1 && performance.now() > 0);
    assert.ok(process.hrtime.bigint() > 0n);
  });

  it('the core may not even say it: each is an error of the linter', async function () {
    this.timeout(60_000);
    const eslint = new ESLint();
    for (const text of Object.keys(impure)) {
      const [result] = await eslint.lintText(`export const asked = ${text};\n`, {
        filePath: 'runtime/multicast/frame.ts',
      });
      assert.ok(
        result!.messages.some(({ ruleId }) => ruleId === 'no-restricted-syntax'),
        `${text} passes`,
      );
    }
  });
});

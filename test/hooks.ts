import type { Context, Test } from 'mocha';

/** Where real processes, sockets and clocks are at work. */
const real = /\/test\/(dds|examples|gateway|rdma|transport|soak)\//;

const triedAgain: string[] = [];

/**
 * On the shared machines of CI, what depends on real time is tried once more where it fails, and that is told at the end: a machine that halts for
 * a second is not the code's fault. What is computed, or simulated, is never tried again.
 */
export const mochaHooks =
  process.env['CI'] === 'true'
    ? {
        beforeEach(this: Context) {
          const test = this.currentTest as Test;
          if (real.test(test.file ?? '')) test.retries(1);
        },
        afterEach(this: Context) {
          const test = this.currentTest as Test & { currentRetry(): number };
          if (test.currentRetry() > 0) triedAgain.push(`${test.fullTitle()}: ${test.state}`);
        },
        afterAll() {
          for (const title of triedAgain) console.log(`  tried twice: ${title}`);
        },
      }
    : {};

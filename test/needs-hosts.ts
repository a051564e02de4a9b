import { Hosts } from '../bench/net/hosts.js';

/** Skips a test, and says why, where no hosts can be made of network namespaces; under CI that is a failure. */
export function needsHosts(test: Mocha.Context): void {
  const { absent } = Hosts;
  if (absent === undefined) return;
  if (process.env['CI'] === 'true') throw new Error(absent);
  console.log(`    ${absent}`);
  test.skip();
}

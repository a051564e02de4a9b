import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

/** As Debian installs it. */
const executablePath = '/usr/bin/chromium';
const args = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Skips a test, and says why, where there is none; under CI that is a failure. */
export function needsChromium(test: Mocha.Context): void {
  if (existsSync(executablePath)) return;
  const missing = `${executablePath} is missing: apt-get install -y --no-install-recommends chromium`;
  if (process.env['CI']) throw new Error(missing);
  console.log(`      skipped: ${missing}`);
  test.skip();
}

/** A browser without a window, and without anything of its own that it would say to the network. */
export function launchChromium(): Promise<Browser> {
  return chromium.launch({ executablePath, args });
}

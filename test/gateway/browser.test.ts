import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { build, type BuildOptions } from 'esbuild';
import type { Page } from 'playwright-core';
import { Flight } from '../../examples/flights/generated/flights.js';
import { Text } from '../../runtime/dds/index.js';
import { launchChromium, needsChromium } from '../chromium.js';
import { Scene, until } from './scene.js';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** The text of a browser bundle. Where something needs Node, building it fails. */
async function bundle(entry: string): Promise<string> {
  const options: BuildOptions = {
    absWorkingDir: root,
    entryPoints: [entry],
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'browser',
    alias: { 'bowecho/codegen/support': './codegen/support/index.ts' },
    logLevel: 'silent',
  };
  const { outputFiles } = await build(options);
  return outputFiles![0]!.text;
}

describe('gateway client: in browsers', () => {
  it('its bundle needs nothing of Node', async () => {
    const text = await bundle('runtime/gateway/client/index.ts');
    assert.doesNotMatch(text, /["']node:|require\(/);
    assert.match(text, /bowecho\.v1/);
  });

  it('a page in Chromium reads and writes, and reconnects', async function () {
    needsChromium(this);
    await withPage(async (page, scene) => {
      const flights = await scene.participant.writer(Flight, { topic: 'flights' });
      const answers = await scene.participant.reader(Text, { topic: 'answers' });
      const told: string[] = [];
      answers.samples$.subscribe(({ data }) => told.push(data));
      const seen = () => page.evaluate(() => globalThis.seen);
      await page.waitForFunction(() => globalThis.seen?.includes('ready'));
      await flights.write({
        id: 1,
        date: 2n ** 60n + 1n,
        delay: -3,
        distance: 9,
        origin: 'DTW',
        destination: 'JFK',
      });
      await until(() => told.length === 1, 'the answer');
      assert.deepEqual(told, ['DTW seen']);
      assert.deepEqual(await seen(), ['open', 'ready', `DTW ${2n ** 60n + 1n} 1`]);

      await page.context().setOffline(true);
      await page.context().setOffline(false);
      await flights.write({ id: 2, date: 0n, delay: 0, distance: 0, origin: 'LAX', destination: 'JFK' });
      await until(() => told.length === 2, 'the second answer');
    });
  }).timeout(60_000);

  it('a page of another site is not let in', async function () {
    needsChromium(this);
    await withPage(
      async (page, scene) => {
        await page.waitForTimeout(500);
        assert.deepEqual(await page.evaluate(() => globalThis.seen), []);
        assert.equal(scene.gateway.clients.length, 0);
      },
      () => [],
    );
  }).timeout(60_000);
});

/** A page that Chromium has from a server of its own origin, and a gateway that lets in the origins that it is told. */
async function withPage(
  test: (page: Page, scene: Scene) => Promise<void>,
  allow: (origin: string) => string[] = (origin) => [origin],
): Promise<void> {
  const script = await bundle('test/gateway/page/page.ts');
  const server = createServer(({ url }, response) => {
    const isScript = url === '/page.js';
    response.writeHead(200, { 'Content-Type': isScript ? 'text/javascript' : 'text/html' });
    response.end(
      isScript ? script : '<!doctype html><title>page</title><script type="module" src="/page.js"></script>',
    );
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const scene = await Scene.begin({ allowedOrigins: allow(origin) });
  const browser = await launchChromium();
  try {
    const page = await browser.newPage();
    await page.goto(`${origin}/?gateway=${encodeURIComponent(scene.gateway.url)}`);
    await test(page, scene);
  } finally {
    await browser.close();
    server.close();
    await scene.end();
  }
}

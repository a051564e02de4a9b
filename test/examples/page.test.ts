import { deepEqual, equal, ok } from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { launchChromium, needsChromium } from '../chromium.js';
import { Demo } from './demo-process.js';

const memberNames = ['west', 'east', 'board', 'stats', 'gateway'];

/** Pixels of the canvas on which anything is drawn. */
function drawnPixels(page: Page, id: string): Promise<number> {
  return page.evaluate((canvasId) => {
    const canvas = document.getElementById(canvasId) as HTMLCanvasElement;
    const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
    let drawn = 0;
    for (let i = 3; i < data.length; i += 4) if (data[i]! > 0) drawn++;
    return drawn;
  }, id);
}

const text = (page: Page, selector: string) => page.locator(selector).innerText();
const numberIn = async (page: Page, selector: string) =>
  Number((await text(page, selector)).replaceAll(',', ''));

async function eventually(condition: () => Promise<boolean>, what: string): Promise<void> {
  for (const end = performance.now() + 30_000; performance.now() < end;) {
    if (await condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`not within 30 s: ${what}`);
}

describe('the flights page in a browser', function () {
  this.timeout(90_000);
  let demo: Demo;
  let browser: Browser;
  let page: Page;
  let url: string;
  const requested: string[] = [];
  const errors: string[] = [];

  before(async function () {
    needsChromium(this);
    demo = new Demo(['--port', '0', '--speed', '240']);
    [url] = await demo.prints(/http:\/\/127\.0\.0\.1:\d+/);
    browser = await launchChromium();
    page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    page.on('request', (request) => requested.push(request.url()));
    page.on('websocket', (webSocket) => requested.push(webSocket.url()));
    page.on('pageerror', (error) => errors.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') errors.push(message.text());
    });
    await page.goto(url);
  });

  after(async () => {
    await browser?.close();
    demo?.signal('SIGKILL');
  });

  it('draws the country, and flights as they depart', async () => {
    await eventually(async () => (await drawnPixels(page, 'land')) > 100_000, 'a map');
    await eventually(async () => (await drawnPixels(page, 'flights')) > 500, 'flights on the map');
    await eventually(async () => (await page.locator('#board li').count()) >= 7, 'departures on the board');
  });

  it('counts on', async () => {
    await eventually(async () => (await numberIn(page, '#departures')) > 0, 'departures');
    const before = await numberIn(page, '#departures');
    const clock = await text(page, '#time');
    await eventually(async () => (await numberIn(page, '#departures')) > before + 20, 'more departures');
    await eventually(async () => (await text(page, '#time')) !== clock, 'a clock that goes');
    await eventually(async () => (await numberIn(page, '#rate')) > 0, 'a rate');
    await eventually(async () => (await numberIn(page, '#late')) > 0, 'late flights');
  });

  it('shows every member at its place in the order, with the same hash as all others', async () => {
    const agreed = async () =>
      (await page.locator('#members li[data-step=true]').count()) === memberNames.length;
    await eventually(agreed, 'five members in step');
    // In one go: the next report may come between two questions.
    const cards = await page.evaluate(() =>
      [...document.querySelectorAll<HTMLElement>('#members li')].map((card) => ({
        name: card.dataset.member,
        place: card.querySelector('.place')!.textContent,
        hash: card.querySelector('.hash')!.textContent,
      })),
    );
    deepEqual(
      cards.map(({ name }) => name),
      memberNames,
    );
    for (const { place } of cards) ok(Number(place.replaceAll(',', '')) > 0);
    equal(new Set(cards.map(({ hash }) => hash)).size, 1);
    ok(/^[0-9a-f]{4}( [0-9a-f]{4}){3}$/.test(cards[0]!.hash));
    equal(await page.locator('#verdict').getAttribute('data-agree'), 'true');
  });

  it('looks as it should: see the screenshot', async () => {
    await new Promise((resolve) => setTimeout(resolve, 1500));
    const path = join(mkdtempSync(join(tmpdir(), 'bowecho-flights-')), 'page.png');
    await page.screenshot({ path });
    console.log(`      ${path}`);
  });

  it('loads nothing from anywhere else, and has no errors', () => {
    deepEqual(
      requested.filter(
        (address) => new URL(address).host !== new URL(url).host && !address.startsWith('data:'),
      ),
      [],
    );
    ok(requested.some((address) => address.startsWith('ws:')));
    deepEqual(errors, []);
  });

  it('shows a member that was killed as gone, and the others in step', async () => {
    const [, pid] = await demo.prints(/board (\d+)/);
    process.kill(Number(pid), 'SIGKILL');
    const gone = page.locator('#members li[data-member=board][data-gone=true]');
    await eventually(async () => (await gone.count()) === 1, 'board gone');
    const before = await text(page, '#verdict');
    const others = page.locator('#members li[data-gone=false][data-step=true]');
    await eventually(async () => (await others.count()) === 4, 'the others in step');
    await eventually(async () => (await text(page, '#verdict')) !== before, 'the order goes on');
    ok((await text(page, '#verdict')).startsWith('All 4 members'));
    await demo.prints(/board \(pid \d+\) ended: SIGKILL\. The others go on: stats, gateway, west, east/);
  });

  it('ends with Ctrl-C: the page is told, every member leaves, no file stays', async () => {
    demo.signal('SIGINT');
    const { code, stderr } = await demo.ended;
    equal(code, 0, stderr);
    equal(stderr, '');
    await eventually(async () => (await text(page, '#connection')) !== 'live', 'a page that knows');
    deepEqual(demo.filesLeft(), []);
  });
});

describe('the live demo', function () {
  this.timeout(90_000);

  it('says so where its port is taken, and ends', async () => {
    const first = new Demo(['--port', '0']);
    const [, port] = await first.prints(/http:\/\/127\.0\.0\.1:(\d+)/);
    const second = new Demo(['--port', port!]);
    const { code, stderr } = await second.ended;
    equal(code, 1);
    ok(stderr.includes(`port ${port} is taken: choose another with --port N`), stderr);
    deepEqual(second.filesLeft(), []);
    first.signal('SIGTERM');
    equal((await first.ended).code, 0);
    deepEqual(first.filesLeft(), []);
  });

  it('leaves nothing behind when the demo itself is killed: its members leave', async () => {
    const demo = new Demo(['--port', '0']);
    await demo.prints(/http:/);
    demo.signal('SIGKILL');
    await eventually(() => Promise.resolve(demo.filesLeft().length === 0), 'no file left');
  });
});

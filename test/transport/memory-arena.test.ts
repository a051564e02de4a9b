import assert from 'node:assert/strict';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Arena } from '../../transport/memory/arena.js';
import type { Segment } from '../../transport/memory/arena.js';
import { Sandbox } from './processes/sandbox.js';

const MIB = 1024 * 1024;
/** More than the addresses that an arena reserves at a time have room for. */
const MANY = 400;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Those who look for what was collected are called by the event loop. */
async function collectAll(): Promise<void> {
  for (let round = 0; round < 3; round++) {
    collectGarbage();
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe('memory that is shared segment by segment', () => {
  let sandbox: Sandbox;
  let arena: Arena;
  let made: number;

  beforeEach(() => {
    sandbox = new Sandbox();
    arena = new Arena();
    made = 0;
  });
  afterEach(() => sandbox.remove());

  const nextPath = () => join(sandbox.segmentDirectory, `segment${made++}`);
  /** Whether a file whose name begins so is mapped into this process. */
  const isMapped = (path: string) => readFileSync('/proc/self/maps', 'utf8').includes(path);

  /** A segment that holds 7 wherever one looks for it, and is found by nobody any more. */
  const createSevens = (byteLength: number): Segment => {
    const path = nextPath();
    const segment = arena.create(path, byteLength);
    segment.memory.bytes.fill(7);
    rmSync(path);
    return segment;
  };

  it('is zero, and seen by who attaches it, wherever it lies', () => {
    for (const byteLength of [8, 4096, 5000, 40 * MIB]) {
      const path = nextPath();
      const { memory } = arena.create(path, byteLength);
      const seen = arena.attach(path, byteLength)!.memory;
      assert.deepEqual(
        [memory.bytes.length, memory.view.byteLength, memory.u32.length, memory.f64.length],
        [byteLength, byteLength, byteLength / 4, byteLength / 8],
      );
      assert.ok(memory.bytes.every((byte) => byte === 0));
      memory.f64[byteLength / 8 - 1] = 1.5;
      assert.equal(seen.view.getFloat64(byteLength - 8, true), 1.5);
      assert.equal(seen.f64[0], byteLength === 8 ? 1.5 : 0);
    }
    assert.equal(arena.attach(join(sandbox.segmentDirectory, 'none'), 8), undefined);
  });

  it('is gone as soon as it is given back, and who kept a view of it reads zeros', () => {
    const path = nextPath();
    const own = arena.create(path, MIB);
    const peer = arena.attach(path, MIB)!;
    own.memory.bytes.fill(7);
    const part = peer.memory.bytes.subarray(100, 200);
    assert.ok(part.every((byte) => byte === 7));
    own.giveBack();
    assert.ok(
      part.every((byte) => byte === 7),
      "the peer's view went, too",
    );
    assert.ok(isMapped(path));
    peer.giveBack();
    peer.giveBack();
    assert.ok(!isMapped(path));
    for (const { memory } of [own, peer]) assert.ok(memory.f64.every((word) => word === 0));
    assert.ok(part.every((byte) => byte === 0));
    own.memory.bytes.fill(8);
    assert.ok(peer.memory.bytes.every((byte) => byte === 0));
  });

  it('never shows a view that somebody kept what is mapped later', async () => {
    const kept = Array.from({ length: 20 }, () => {
      const segment = createSevens(MIB);
      segment.giveBack();
      return segment.memory.f64;
    });
    for (let n = 0; n < MANY; n++) {
      createSevens(MIB).giveBack();
      if (n % 100 === 0) await collectAll();
    }
    const alive = createSevens(MIB);
    assert.ok(kept.every((view) => view.every((word) => word === 0)));
    assert.ok(alive.memory.bytes.every((byte) => byte === 7));
  });

  it('is given back by the garbage collector where nobody does, and its addresses are used again', async () => {
    const prefix = join(sandbox.segmentDirectory, 'segment');
    const held = createSevens(MIB);
    const before = process.memoryUsage().external;
    for (let n = 0; n < MANY; n++) {
      createSevens(MIB);
      if (n % 100 === 0) await collectAll();
    }
    assert.ok(process.memoryUsage().external - before < MIB);
    held.giveBack();
    await collectAll();
    assert.ok(!isMapped(prefix));
  });

  it('is told to the engine once for many segments', () => {
    const first = createSevens(MIB);
    const before = process.memoryUsage().external;
    const others = Array.from({ length: 100 }, () => createSevens(MIB));
    assert.ok(process.memoryUsage().external - before < MIB);
    for (const { giveBack } of [first, ...others]) giveBack();
  });
});

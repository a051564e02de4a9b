import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { CalledProcess, killAll } from '../transport/processes/called-process.js';
import { sendFlag } from '../../transport/verbs/structs.js';
import { readList, type Request } from '../transport/verbs-requests.js';
import { resources } from './domain.js';
import { End } from './end.js';
import type { PeerMethods } from './peer.js';

const BYTES = 1 << 20;
const peerFile = fileURLToPath(new URL('peer.mjs', import.meta.url));
const sleepMs = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

describe('a queue pair between two processes', () => {
  let end: End;
  let peer: CalledProcess<PeerMethods> | undefined;

  async function connect(byteLength = BYTES): Promise<CalledProcess<PeerMethods>> {
    end = new End(byteLength);
    peer ??= new CalledProcess<PeerMethods>(peerFile);
    end.connect(await peer.call('open', byteLength));
    await peer.call('connect', end.invitation);
    return peer;
  }

  async function kill(): Promise<void> {
    await killAll();
    peer = undefined;
  }

  afterEach(() => {
    end.close();
  });
  after(kill);

  it('writes into the memory of the other, which does nothing for it', async () => {
    const peer = await connect();
    end.put(3, 42);
    assert.equal(await peer.call('read', 3), 0);
    end.link.flush();
    await end.settle();
    assert.equal(await peer.call('read', 3), 42);
    await peer.call('put', 4, 43);
    await sleepMs(100);
    assert.equal(end.memory.f64[4], 43);
  });

  it('brings short and long, in order, however much gathers', async () => {
    // More than the device takes in one message, which is 8 MiB with Soft-RoCE.
    const peer = await connect(10 << 20);
    const { memory, link, registration, target } = end;
    memory.bytes.fill(3, 4096);
    link.putPayload(registration, 4096, memory.bytes.length, target);
    for (const bytes of [8, 64, 256, 264, 1000]) link.put(memory, 4096, 4096 + bytes, target);
    for (let i = 1; i <= 300; i++) end.put(0, i);
    link.flush();
    await end.settle();
    assert.equal(link.broken, undefined);
    assert.equal(await peer.call('read', 0), 300);
    assert.equal(await peer.call('sum'), 3 * ((10 << 20) - 4096) + 114 + 192 + 64);
  });

  it('hands over what gathered by one call, and with it what is short', async () => {
    const peer = await connect();
    const calls = end.device.calls as {
      -readonly [Name in keyof typeof end.device.calls]: (typeof end.device.calls)[Name];
    };
    const lists: Request[][] = [];
    const { postSend } = calls;
    calls.postSend = (pair, first, refused) => {
      lists.push(readList(first));
      return postSend(pair, first, refused);
    };
    for (let value = 1; value <= 10; value++) end.put(value, value);
    end.link.put(end.memory, 4096, 4096 + 1000, end.target);
    assert.equal(lists.length, 0);
    end.link.flush();
    await end.settle();
    assert.equal(await peer.call('read', 10), 10);
    const [list, ...others] = lists as [Request[]];
    assert.deepEqual(others, []);
    assert.deepEqual(
      list.map(({ byteLength, flags }) => [byteLength, (flags & sendFlag.inline) !== 0]),
      [...Array.from({ length: 10 }, () => [8, true]), [1000, false]],
    );
    assert.ok(list.filter(({ flags }) => flags & sendFlag.signaled).length <= 2);
  });

  it('never shows a guard before the values that were put before it', async () => {
    const peer = await connect();
    const rounds = 400;
    const watched = peer.call('watchGuard', rounds, 4);
    for (let round = 1; round <= rounds; round++) {
      for (let value = 1; value <= 4; value++) end.put(value, round);
      end.put(0, round);
      end.link.flush();
      end.completions.poll();
      if (round % 20 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    await end.settle();
    const seen = await watched;
    assert.ok(seen > 1, `the guard was seen ${seen} times`);
  });

  it('goes on taking puts while the other has no time to look, and brings them then', async () => {
    const peer = await connect();
    for (let i = 1; i <= 200; i++) {
      end.put(0, i);
      end.link.flush();
      end.completions.poll();
    }
    await sleepMs(300);
    end.completions.poll();
    assert.equal(end.link.broken, undefined);
    assert.ok(end.link.waiting > 0, 'the other has room for no more notices');
    for (let i = 0; i < 200 && end.link.waiting > 0; i++) {
      await peer.call('poll');
      end.completions.poll();
    }
    assert.equal(end.link.waiting, 0);
    assert.equal(await peer.call('read', 0), 200);
  });

  it('wakes the other where it sleeps, which costs it nothing meanwhile', async () => {
    const peer = await connect();
    for (let sleep = 1; sleep <= 3; sleep++) {
      const woken = peer.call('sleep');
      await sleepMs(300);
      end.put(0, sleep);
      end.link.flush();
      const { events, cpuUs } = await woken;
      assert.equal(events, sleep);
      assert.ok(cpuUs < 150_000, `it took ${cpuUs} µs of its processor`);
      assert.equal(await peer.call('read', 0), sleep);
    }
  });

  it('breaks where the other never allowed that memory to be written, and writes nothing', async () => {
    const peer = await connect();
    end.target = { ...end.target, remoteKey: end.target.remoteKey ^ 0x5500 };
    end.put(1, 7);
    end.link.flush();
    await end.settle();
    assert.deepEqual(end.link.broken, { reason: 'remote access error' });
    assert.equal(await peer.call('read', 1), 0);
  });

  it('breaks where a put goes beyond the memory of the other', async () => {
    await connect();
    end.target = { ...end.target, address: end.target.address + BYTES - 8 };
    end.put(1, 7);
    end.link.flush();
    await end.settle();
    assert.deepEqual(end.link.broken, { reason: 'remote access error' });
  });

  it('changes nothing any more at a member that has broken it', async () => {
    const peer = await connect();
    end.put(1, 7);
    end.link.flush();
    await end.settle();
    await peer.call('break');
    end.put(1, 8);
    end.link.flush();
    await end.settle();
    assert.ok(end.link.broken);
    assert.equal(await peer.call('read', 1), 7);
  });

  it('breaks soon where the other was killed', async () => {
    await connect();
    await kill();
    const beganMs = performance.now();
    end.put(1, 7);
    end.link.flush();
    await end.settle();
    console.log(`      broken after ${(performance.now() - beganMs).toFixed(0)} ms`);
    assert.deepEqual(end.link.broken, { reason: 'transport retry counter exceeded' });
    end.put(1, 8);
    end.link.flush();
  });

  it('leaves nothing behind where it was closed, in whatever state, or its process killed', async () => {
    const before = resources();
    const peer = await connect();
    assert.notEqual(resources(), before);
    for (let i = 0; i < 300; i++) end.put(0, i);
    end.link.flush();
    await peer.call('close');
    end.close();
    assert.equal(resources(), before);
    await connect();
    await kill();
    end.close();
    for (let i = 0; i < 100 && resources() !== before; i++) await sleepMs(20);
    assert.equal(resources(), before);
  });
});

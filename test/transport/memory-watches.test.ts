import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Socket } from 'node:net';
import { Worker } from 'node:worker_threads';
import { openRendezvous } from '../../transport/memory/directory.js';
import type { Rendezvous } from '../../transport/memory/directory.js';
import { createMemberLock, memberPath, segmentPath } from '../../transport/memory/member-files.js';
import type { FileLock } from '../../transport/memory/system.js';
import { Watches } from '../../transport/memory/watches.js';
import { scriptOf } from '../script.js';
import { Sandbox } from './processes/sandbox.js';

const PEER = 7;
const sleepMs = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** Waits for what has to come, however busy the machine is. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await sleepMs(1);
}

/** The peer is a lock and a socket in this process, so that the one can go without the other. */
describe('who watches a peer', () => {
  let sandbox: Sandbox;
  let rendezvous: Rendezvous;
  let lock: FileLock;
  let watches: Watches;
  let deaths: number[];
  let connections: Socket[];
  const server = createServer((socket) => connections.push(socket.resume()));

  beforeEach(async () => {
    sandbox = new Sandbox();
    rendezvous = openRendezvous('tower', sandbox.options);
    lock = createMemberLock(rendezvous, PEER)!;
    deaths = [];
    connections = [];
    server.listen(memberPath(rendezvous, PEER, 'sock'));
    await once(server, 'listening');
    watches = new Watches(rendezvous, 1, (peer) => deaths.push(peer));
  });
  afterEach(() => {
    watches.close();
    lock.release();
    for (const socket of connections) socket.destroy();
    server.close();
    sandbox.remove();
  });

  it('does not take the end of the connection for a death while the lock is held, and connects again', async () => {
    watches.watch(PEER);
    await until(() => connections.length === 1);
    connections[0]!.destroy();
    await sleepMs(50);
    assert.deepEqual(deaths, []);
    await until(() => connections.length === 2);
    lock.release();
    connections[1]!.destroy();
    await until(() => deaths.length > 0);
    assert.deepEqual(deaths, [PEER]);
    assert.ok(watches.isDead(PEER));
  });

  it('notices the free lock soon where the connection ended first', async () => {
    watches.watch(PEER);
    await until(() => connections.length === 1);
    connections[0]!.destroy();
    await sleepMs(20);
    assert.deepEqual(deaths, []);
    lock.release();
    await until(() => deaths.length > 0);
    assert.deepEqual(deaths, [PEER]);
    assert.equal(connections.length, 1);
  });

  it('learns of no death any more after it has stopped to watch', async () => {
    watches.watch(PEER);
    await until(() => connections.length === 1);
    watches.unwatch(PEER);
    lock.release();
    connections[0]!.destroy();
    await sleepMs(50);
    assert.deepEqual(deaths, []);
  });

  /** The thread is the peer's life; lock and connection stay. */
  async function endLife(how: 'orderly' | 'suddenly'): Promise<void> {
    const thread = new Worker(await scriptOf('transport/processes/life'), {
      workerData: segmentPath(rendezvous, PEER, 'flags'),
    });
    await once(thread, 'message');
    watches.watch(PEER);
    watches.look();
    assert.deepEqual(deaths, []);
    thread.postMessage(how);
    await once(thread, 'exit');
    assert.deepEqual(deaths, []);
    watches.look();
  }

  it('sees at a look that the kernel has ended its life, though its lock is held and its connection stands', async () => {
    await endLife('suddenly');
    assert.deepEqual(deaths, [PEER]);
    assert.ok(watches.isDead(PEER));
  });

  it('takes an orderly end for no death', async () => {
    await endLife('orderly');
    assert.deepEqual(deaths, []);
  });
});

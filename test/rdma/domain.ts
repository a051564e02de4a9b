import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { Host } from '../../transport/host.js';
import { openHost } from '../../transport/open-host.js';
import type { Members } from '../transport/conformance.js';
import { Machines } from '../transport/mixed-domain.js';
import { freePort, linkAll } from '../transport/tcp-domain.js';

/** How many of each kind of resource the kernel has of the device: `pd 1 cq 1 …`. */
export function resources(): string {
  return execFileSync('rdma', ['resource', 'show'], { encoding: 'utf8' })
    .replace(/^.*rxe0: /, '')
    .trim();
}

/** Packets that the device has sent since it is there, for whichever process: its own count, which the kernel shows anew every 10 ms only. */
export async function packetsSent(): Promise<number> {
  await new Promise((resolve) => setTimeout(resolve, 50));
  return Number(readFileSync('/sys/class/infiniband/rxe0/ports/1/hw_counters/sent_pkts', 'latin1'));
}

/** A turn of the event loop takes long where a processor is emulated. */
const SETTLE_MS = 100;

async function settle(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
}

/** Looks again and again, until what it sees is right. */
export async function soon<Value>(
  look: () => Promise<Value>,
  isRight: (value: Value) => boolean,
): Promise<Value> {
  for (const endMs = performance.now() + 60_000; ;) {
    const value = await look();
    if (isRight(value)) return value;
    if (performance.now() > endMs) throw new Error(`in vain; at last it was ${JSON.stringify(value)}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/**
 * Members in one process that have each other's addresses, and are linked. To its peers, one that closes is one that is gone. With `places` each is on the
 * machine that is named for it, as far as shared memory goes, and shares pages; the guest has one device, which all use.
 */
export async function rdma(count: number, places?: readonly number[]): Promise<Members<Host>> {
  const before = resources();
  const machines = new Machines();
  const address = `rdma://127.0.0.1:${await freePort()}/tower`;
  const members: Host[] = [];
  for (let i = 0; i < count; i++) {
    const options = places && { tcp: { sharePages: true }, ...machines.options(places[i]!) };
    members.push(await openHost(address, options));
  }
  await linkAll(members);
  return {
    members,
    slowness: 10,
    settle,
    ...(places && { shares: (owner, peer) => places[owner] === places[peer] }),
    kill: (index) => members[index]!.close(),
    end: async () => {
      await Promise.all(members.map((member) => member.close()));
      assert.equal(resources(), before, 'the members have left something behind');
      const left = machines.files();
      machines.remove();
      assert.deepEqual(left, [], 'the members have left files behind');
    },
  };
}

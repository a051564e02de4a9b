import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { TcpHost } from '../../transport/tcp/host.js';
import type { TcpOptions } from '../../transport/tcp/options.js';
import type { Host } from '../../transport/host.js';
import type { Members } from './conformance.js';

/** A port of 127.0.0.1 that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** Waits until `condition` holds. */
export async function until(condition: () => boolean, what: string): Promise<void> {
  for (const end = performance.now() + 10_000; !condition();) {
    if (performance.now() > end) throw new Error(`in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

/** Members that have each other's addresses, and are linked. */
export async function linked(count: number, options: TcpOptions = {}): Promise<TcpHost[]> {
  const address = `//127.0.0.1:${await freePort()}/tower`;
  const members: TcpHost[] = [];
  for (let i = 0; i < count; i++) members.push(await TcpHost.open({ ...options, address }));
  await linkAll(members);
  return members;
}

/** Gives them each other's addresses, and waits until each sees what the others put. */
export async function linkAll(members: readonly Host[]): Promise<void> {
  introduceAll(members);
  const probes = members.map((member) => member.allocate('probe', 8, []));
  await until(
    () =>
      members.every((one) => members.every(({ self }) => one.self === self || one.attach(self, 'probe', 8))),
    'all are linked',
  );
  for (const probe of probes) probe.release();
}

export function introduceAll(
  members: readonly Pick<Host, 'self' | 'address' | 'subject' | 'introduce'>[],
): void {
  for (const one of members)
    for (const other of members) one.introduce!(other.self, other.address!, other.subject);
}

export async function settle(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 15));
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
}

/** To its peers, one that closes is one that is gone; what needs processes is in tcp-processes.test.ts. */
export async function tcp(count: number, options: TcpOptions = {}): Promise<Members<Host>> {
  const members = await linked(count, options);
  return {
    members,
    settle,
    kill: (index) => members[index]!.close(),
    end: async () => {
      await Promise.all(members.map((member) => member.close()));
    },
  };
}

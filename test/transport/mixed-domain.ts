import { MixedHost } from '../../transport/mixed/host.js';
import type { TcpOptions } from '../../transport/tcp/options.js';
import type { Host } from '../../transport/host.js';
import type { Members } from './conformance.js';
import { Sandbox } from './processes/sandbox.js';
import { freePort, linkAll, settle, until } from './tcp-domain.js';

/** Machines, as far as shared memory goes: each has a `/dev/shm` of its own, and a folder of its own to meet in. */
export class Machines {
  readonly #sandboxes = new Map<number, Sandbox>();

  options(machine: number): { runtimeDirectory: string; segmentDirectory: string } {
    let sandbox = this.#sandboxes.get(machine);
    if (sandbox === undefined) this.#sandboxes.set(machine, (sandbox = new Sandbox()));
    return sandbox.options;
  }

  /** Every file that is there. */
  files(): string[] {
    return [...this.#sandboxes.values()].flatMap((sandbox) => sandbox.files());
  }

  remove(): void {
    for (const sandbox of this.#sandboxes.values()) sandbox.remove();
  }
}

/**
 * A member on each of the machines that are named, linked with all others, in one process; to its peers, one that closes is one that is gone. What needs
 * processes is in mixed-processes.test.ts.
 */
export async function mixed(places: readonly number[], options: TcpOptions = {}): Promise<Members<Host>> {
  const machines = new Machines();
  const address = `//127.0.0.1:${await freePort()}/tower`;
  const members: MixedHost[] = [];
  for (const place of places)
    members.push(await MixedHost.open({ ...options, ...machines.options(place), address }));
  await linkAll(members);
  await until(
    () => members.every((member) => member.traffic().length === members.length - 1),
    'all have links',
  );
  return {
    members,
    settle,
    shares: (owner, peer) => places[owner] === places[peer],
    kill: (index) => members[index]!.close(),
    end: async () => {
      await Promise.all(members.map((member) => member.close()));
      const left = machines.files();
      machines.remove();
      if (left.length > 0) throw new Error(`left behind: ${left.join(', ')}`);
    },
  };
}

import type { Host } from '../../transport/host.js';
import { LocalHost } from '../../transport/local/host.js';
import { MemoryHost } from '../../transport/memory/host.js';
import { SimulatedNetwork } from '../../transport/simulated/network.js';
import { hostConformance, transportConformance } from './conformance.js';
import type { Members } from './conformance.js';
import { Sandbox } from './processes/sandbox.js';
import { Authority } from './certificates.js';
import { mixed } from './mixed-domain.js';
import { tcp } from './tcp-domain.js';

/** Some time, then a whole turn of the event loop: on a busy machine the time may have passed before the loop looked around. */
async function settle(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 15));
  for (let turn = 0; turn < 2; turn++) await new Promise((resolve) => setImmediate(resolve));
}

function simulated(mode: 'delayed' | 'aliased', count: number): Promise<Members> {
  const network = new SimulatedNetwork({ seed: count, mode, delayUs: { min: 1, max: 1_000 } });
  const members = Array.from({ length: count }, (_, i) => network.addMember(i + 1));
  return Promise.resolve({
    members,
    settle: () => {
      while (network.step());
      return Promise.resolve();
    },
    kill: (index) => {
      network.crash(members[index]!.self);
      return Promise.resolve();
    },
    end: () => Promise.resolve(),
  });
}

function local(count: number): Promise<Members<Host>> {
  const members = Array.from({ length: count }, () => new LocalHost({ domain: 'tower' }));
  return Promise.resolve({
    members,
    settle,
    kill: (index) => {
      members[index]!.kill();
      return Promise.resolve();
    },
    end: async () => {
      await Promise.all(members.map((member) => member.close()));
    },
  });
}

/** In one process; what needs several is in memory-processes.test.ts. To its peers, one that closes is one that is gone. */
async function memory(count: number): Promise<Members<Host>> {
  const sandbox = new Sandbox();
  const options = { domain: 'tower', ...sandbox.options };
  const members = await Promise.all(Array.from({ length: count }, () => MemoryHost.open(options)));
  return {
    members,
    settle,
    kill: (index) => members[index]!.close(),
    end: async () => {
      await Promise.all(members.map((member) => member.close()));
      const left = sandbox.files();
      sandbox.remove();
      if (left.length > 0) throw new Error(`left behind: ${left.join(', ')}`);
    },
  };
}

let certificate: ReturnType<Authority['issue']> | undefined;

async function tcpWithCertificates(count: number): Promise<Members<Host>> {
  certificate ??= (await Authority.create()).issue('member');
  return await tcp(count, { tls: await certificate });
}

/** Machines of three members: most of the suite is about what the second sees of the first. */
const mixtures = [
  ['TCP, the first and the second on one machine', [1, 1, 2]],
  ['TCP, the first and the third on one machine', [1, 2, 1]],
  ['TCP, all on one machine', [1, 1, 1]],
] as const;
for (const [title, places] of mixtures) {
  transportConformance(`shared pages and ${title}`, () => mixed(places));
  hostConformance(`shared pages and ${title}`, () => mixed(places));
}

transportConformance('the simulated network with delays', (count) => simulated('delayed', count));
transportConformance('the simulated network with aliased memory', (count) => simulated('aliased', count));
transportConformance('members in one process', local);
transportConformance('shared memory', memory);
transportConformance('TCP', tcp);
transportConformance('TCP with certificates', tcpWithCertificates);
hostConformance('members in one process', local);
hostConformance('shared memory', memory);
hostConformance('TCP', tcp);
hostConformance('TCP with certificates', tcpWithCertificates);
hostConformance('TCP with a secret', (count) => tcp(count, { secret: 'known to all members', plain: false }));

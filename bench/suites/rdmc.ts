import type { Contender, Readings, Suite } from '../harness/comparison.js';
import type { Json } from '../harness/json.js';
import { type RoleSpec, roleScript, runRoles } from '../harness/session.js';
import { Hosts } from '../net/hosts.js';
import { size, sizeName } from './sizes.js';

const bytes = 64 * size.mib1;
const timeoutMs = 90_000;

interface Net {
  readonly name: string;
  /** In the words of tc. */
  readonly rate: string;
  readonly bytesPerSecond: number;
}

const slow: Net = { name: '100 Mbit/s', rate: '100mbit', bytesPerSecond: 12.5e6 };
const fast: Net = { name: '1 Gbit/s', rate: '1gbit', bytesPerSecond: 125e6 };

/** Who dies: the last one that the first relays of a binomial pipeline pass blocks on to, and pass on itself. */
const victim = 2;

const metrics = [
  { reading: 'rate', unit: 'MB/s' },
  { reading: 'sent', unit: 'bytes/byte', label: 'sent by one link at most' },
  { reading: 'got', unit: 'bytes/byte', label: 'received by one link at most' },
];

/** Two racks whose members come in turn, as the sender sees them; what joins them has as much as one member's link. */
interface Racks {
  readonly of: readonly number[];
  readonly uplinkRate: string;
}

const twoRacks: Racks = { of: [0, 1, 0, 1, 0, 1], uplinkRate: '100mbit' };

const rackMetrics = [
  ...metrics,
  { reading: 'uplink', unit: 'bytes/byte', label: 'received by the uplink of the second rack' },
];

/** One large message to all, on hosts with a link each: until the last member has it. */
export const rdmc: Suite = {
  name: 'rdmc',
  about: 'one message of 64 MiB to all members, each on a host with a link of its own: until the last has it',
  comparisons: () => [
    ...[2, 4, 8].map((members) => comparison(members, slow, ['binomial', 'tree', 'sequential'])),
    ...[2, 3, 4].map((members) => comparison(members, fast, ['binomial', 'sequential'])),
    comparison(8, slow, ['binomial'], true),
    acrossRacks(twoRacks, slow),
  ],
};

/** By racks, and as if there were none. */
function acrossRacks(racks: Racks, net: Net) {
  const name = `${racks.of.length} members in two racks, ${sizeName(bytes)}, ${net.name}`;
  return {
    metrics: rackMetrics,
    ours: [undefined, 'binomial'].map((schedule) => ({
      case: `${name}, ${schedule ?? 'by racks'}`,
      contender: spread(racks.of.length, net, schedule, false, racks),
    })),
    references: [link(net, racks)],
  };
}

function comparison(members: number, net: Net, schedules: readonly string[], dies = false) {
  const name = `${members} members, ${sizeName(bytes)}, ${net.name}`;
  return {
    metrics,
    ours: schedules.map((schedule) => ({
      case: `${name}, ${schedule}${dies ? ', a relay dies' : ''}`,
      contender: spread(members, net, schedule, dies),
    })),
    references: [link(net)],
  };
}

function spread(
  members: number,
  net: Net,
  schedule: string | undefined,
  dies: boolean,
  racks?: Racks,
): Contender {
  const cast = (hosts: Hosts) => {
    const domain = `tcp://${hosts.address(0)}:7400/bench`;
    const spreading = { bandwidth: net.bytesPerSecond, ...(schedule !== undefined && { schedule }) };
    const diesAfterMs = (bytes / net.bytesPerSecond) * 500;
    const script = roleScript(import.meta.url, '../product/bulk-role.js');
    return Array.from({ length: members }, (_, host) => {
      const tcp = { plain: true, spreading, ...(racks && { rack: String(racks.of[host]) }) };
      return {
        script,
        args: { domain, tcp, bytes, ...(dies && { victim, diesAfterMs }) },
        mayDie: dies && host === victim,
        within: hosts.within(host),
      };
    });
  };
  return onHosts(`bowecho, ${schedule ?? 'by racks'}`, members, net, cast, racks);
}

/** The same bytes over one link, by a bare socket; from one rack to the other, where there are any. */
function link(net: Net, racks?: Racks): Contender {
  const cast = (hosts: Hosts) =>
    [0, 1].map((host) => ({
      script: roleScript(import.meta.url, '../limits/link-role.js'),
      args: { address: hosts.address(1), bytes },
      within: hosts.within(host),
    }));
  return onHosts('link', 2, net, cast, racks && { ...racks, of: [0, 1] });
}

function onHosts(
  name: string,
  members: number,
  { rate }: Net,
  cast: (hosts: Hosts) => readonly RoleSpec[],
  racks?: Racks,
): Contender {
  return {
    name,
    absent: () => Promise.resolve(Hosts.absent),
    run: async () => {
      const hosts = Hosts.open(members, { rate, racks: racks?.of, uplinkRate: racks?.uplinkRate });
      try {
        const results = await runRoles(cast(hosts), timeoutMs);
        const carried = results.map((_, host) => hosts.bytes(host));
        const uplink = racks && { uplink: hosts.uplinkBytes(1).received / bytes };
        return { ...readingsOf(results, carried), ...uplink };
      } finally {
        hosts.close();
      }
    },
  };
}

interface Times {
  readonly writtenMs?: number;
  readonly atMs?: number;
}

function readingsOf(
  results: readonly Json[],
  carried: readonly { readonly sent: number; readonly received: number }[],
): Readings {
  const times = results.map((result) => (result ?? {}) as Times);
  const lastMs = Math.max(...times.map(({ atMs }) => atMs ?? 0));
  const seconds = (lastMs - times[0]!.writtenMs!) / 1000;
  return {
    rate: bytes / seconds / 1e6,
    sent: Math.max(...carried.map(({ sent }) => sent)) / bytes,
    got: Math.max(...carried.map(({ received }) => received)) / bytes,
  };
}

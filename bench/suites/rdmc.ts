import type { Comparison, Contender, Readings, Suite } from '../harness/comparison.js';
import type { Json } from '../harness/json.js';
import { type RoleSpec, roleScript, runRoles } from '../harness/session.js';
import { Hosts } from '../net/hosts.js';
import { size, sizeName } from './sizes.js';

const mib64 = 64 * size.mib1;
const mib256 = 256 * size.mib1;
const timeoutMs = 120_000;

interface Net {
  readonly name: string;
  /** In the words of tc. */
  readonly rate: string;
  readonly bytesPerSecond: number;
  /** Whether the members are told the rate. Otherwise they assume what their transport does, until a message has shown how quick the links are. */
  readonly told: boolean;
  /**
   * Of the message before the one that counts, at most. Where the processors are what is scarce, it is as large as that one: with the first, memory is new, and code is run
   * for the first times.
   */
  readonly firstBytesMax: number;
}

const slow: Net = {
  name: '100 Mbit/s',
  rate: '100mbit',
  bytesPerSecond: 12.5e6,
  told: true,
  firstBytesMax: size.mib1,
};
const fast: Net = {
  name: '1 Gbit/s',
  rate: '1gbit',
  bytesPerSecond: 125e6,
  told: true,
  firstBytesMax: mib256,
};
/** The message before is large enough to tell how quick the links are. */
const slowUntold: Net = { ...slow, told: false, firstBytesMax: mib64 };

/** Whom it befalls: the last one that the first relays of a binomial pipeline pass blocks on to, and pass on itself. */
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

const fastMetrics = [...metrics, { reading: 'first', unit: 'MB/s', label: 'the first' }];

const rackMetrics = [
  ...metrics,
  { reading: 'uplink', unit: 'bytes/byte', label: 'received by the uplink of the second rack' },
];

/** What is to reach whom. */
interface Task {
  readonly bytes: number;
  readonly net: Net;
  readonly members: number;
  readonly racks?: Racks;
}

/** How it goes. */
interface Way {
  readonly label: string;
  /** Undefined: as is quickest. */
  readonly schedule?: string;
  readonly security?: { readonly secret: string };
  /** What befalls one that passes blocks on when half of the message should be there: it is killed, or its link is cut. */
  readonly blow?: 'kill' | 'cut';
}

const binomial: Way = { label: 'binomial', schedule: 'binomial' };
const tree: Way = { label: 'tree', schedule: 'tree' };
const sequential: Way = { label: 'sequential', schedule: 'sequential' };
const dying: Way = { ...binomial, label: 'binomial, a relay dies', blow: 'kill' };
const cutOff: Way = { ...binomial, label: 'binomial, a link is cut', blow: 'cut' };
const untold: Way = { ...binomial, label: 'binomial, rate not told' };
const overTls: Way = {
  ...binomial,
  label: 'binomial, TLS',
  security: { secret: 'what all members of the bench know' },
};

const on = (net: Net, bytes: number, members: readonly number[], ways: readonly Way[]) =>
  members.map((members) => comparison(`${members} members`, { bytes, net, members }, ways));

/** One large message to all, on hosts with a link each: until the last member has it. */
export const rdmc: Suite = {
  name: 'rdmc',
  about: 'one large message to all members, each on a host with a link of its own: until the last has it',
  comparisons: () => [
    ...on(slow, mib64, [2, 4, 8], [binomial, overTls, tree, sequential]),
    ...on(fast, mib64, [2, 3, 4], [binomial, overTls, tree, sequential]),
    ...on(slow, mib256, [2, 4, 8], [binomial, overTls]),
    ...on(fast, mib256, [2, 3, 4], [binomial, overTls]),
    ...on(slowUntold, mib64, [8], [untold]),
    ...on(slow, mib64, [8], [dying, cutOff]),
    comparison(
      `${twoRacks.of.length} members in two racks`,
      { bytes: mib64, net: slow, members: twoRacks.of.length, racks: twoRacks },
      [{ label: 'by racks' }, binomial],
    ),
  ],
};

function comparison(who: string, task: Task, ways: readonly Way[]): Comparison {
  const { bytes, net, racks } = task;
  return {
    metrics: racks !== undefined ? rackMetrics : net === fast ? fastMetrics : metrics,
    ours: ways.map((way) => ({
      case: `${who}, ${sizeName(bytes)}, ${net.name}, ${way.label}`,
      contender: spread(task, way),
    })),
    references: [link(task)],
  };
}

function spread(task: Task, { label, schedule, security, blow }: Way): Contender {
  const { bytes, net, members, racks } = task;
  return onHosts(`bowecho, ${label}`, task, (hosts) => {
    const domain = `tcp://${hosts.address(0)}:7400/bench`;
    const spreading = {
      ...(net.told && { bandwidth: net.bytesPerSecond }),
      ...(schedule !== undefined && { schedule }),
    };
    const blowAfterMs = (bytes / net.bytesPerSecond) * 500;
    const script = roleScript(import.meta.url, '../product/bulk-role.js');
    return Array.from({ length: members }, (_, host) => {
      const rack = racks && { rack: String(racks.of[host]) };
      const tcp = { ...(security ?? { plain: true }), spreading, ...rack };
      return {
        script,
        args: {
          domain,
          tcp,
          bytes,
          firstBytes: firstBytesOf(task),
          ...(blow && { victim, blow, blowAfterMs }),
        },
        mayDie: blow !== undefined && host === victim,
        within: hosts.within(host),
      };
    });
  });
}

/** The same bytes over one link, by a bare socket; from one rack to the other, where there are any. */
function link({ bytes, net, racks }: Task): Contender {
  const task = { bytes, net, members: 2, ...(racks && { racks: { ...racks, of: [0, 1] } }) };
  return onHosts('link', task, (hosts) =>
    [0, 1].map((host) => ({
      script: roleScript(import.meta.url, '../limits/link-role.js'),
      args: { address: hosts.address(1), bytes },
      within: hosts.within(host),
    })),
  );
}

function onHosts(name: string, task: Task, cast: (hosts: Hosts) => readonly RoleSpec[]): Contender {
  const { bytes, net, members, racks } = task;
  return {
    name,
    absent: () => Promise.resolve(Hosts.absent),
    run: async () => {
      const hosts = Hosts.open(members, { rate: net.rate, racks: racks?.of, uplinkRate: racks?.uplinkRate });
      try {
        const results = await runRoles(cast(hosts), timeoutMs);
        const uplink = racks && { uplink: hosts.uplinkBytes(1).received / bytes };
        return { ...readingsOf(results, task), ...uplink };
      } finally {
        hosts.close();
      }
    },
  };
}

/** What a member gives, or an end of the bare link; of one that died, nothing. */
interface Result {
  readonly firstWrittenMs?: number;
  readonly firstAtMs?: number;
  readonly writtenMs?: number;
  readonly atMs?: number;
  readonly sent?: number;
  readonly got?: number;
}

function firstBytesOf({ bytes, net }: Task): number {
  return Math.min(bytes, net.firstBytesMax);
}

function readingsOf(results: readonly Json[], task: Task): Readings {
  const { bytes } = task;
  const all = results.map((result) => (result ?? {}) as Result);
  const most = (of: (result: Result) => number | undefined) => Math.max(...all.map((one) => of(one) ?? 0));
  const [{ firstWrittenMs, writtenMs }] = all as [Result];
  const rateOf = (length: number, sinceMs: number, atMs: number) => length / (atMs - sinceMs) / 1000;
  const rate = rateOf(
    bytes,
    writtenMs!,
    most(({ atMs }) => atMs),
  );
  return {
    rate,
    // The bare socket sends nothing before.
    first:
      firstWrittenMs === undefined
        ? rate
        : rateOf(
            firstBytesOf(task),
            firstWrittenMs,
            most(({ firstAtMs }) => firstAtMs),
          ),
    sent: most(({ sent }) => sent) / bytes,
    got: most(({ got }) => got) / bytes,
  };
}

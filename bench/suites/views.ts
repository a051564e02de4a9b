import type { Contender, Readings, Settings, Suite } from '../harness/comparison.js';
import type { Json } from '../harness/json.js';
import { median } from '../harness/statistics.js';
import { product, times } from '../product/product.js';
import { size } from './sizes.js';

/** View changes in one run: each needs a domain of its own. */
const changesPerRun = 5;
const loadSeconds = 0.5;

interface Change {
  readonly case: string;
  readonly members: number;
  readonly event: 'kill' | 'leave' | 'join';
  readonly victim?: 'leader' | 'follower';
  /** Memory that each member holds besides: the kernel takes it apart when it dies. */
  readonly ballastBytes?: number;
}

const small = [3, 8].flatMap((members): Change[] => [
  { case: `SIGKILL, ${members} members`, members, event: 'kill', victim: 'follower' },
  { case: `SIGKILL of the leader, ${members} members`, members, event: 'kill', victim: 'leader' },
  { case: `join, ${members} members`, members, event: 'join' },
  { case: `leave, ${members} members`, members, event: 'leave' },
]);

const changes: readonly Change[] = [
  ...small,
  { case: 'SIGKILL, 3 members of 512 MiB', members: 3, event: 'kill', ballastBytes: 512 * 2 ** 20 },
];

/** How long a view change takes under load, at the member that has it last. */
export const views: Suite = {
  name: 'views',
  about:
    'crash, join and leave of a member under load: time to the new view at the last survivor, median and worst',
  comparisons: () =>
    changes.map((change) => ({
      metrics: ['median', 'worst'].map((reading) => ({ reading, unit: 'ms', label: reading })),
      ours: [{ case: change.case, contender: repeated(changesPerRun, once(change)) }],
      references: [],
    })),
};

function once({ case: name, members, event, victim = 'follower', ballastBytes = 0 }: Change): Contender {
  const args = { event, bytes: size.kib1, ballastBytes };
  const script = './views-role.js';
  // Who leads is known only once they have met: any of them may be the one that is killed.
  const member = { script, args: { ...args, part: 'member' }, mayDie: event === 'kill' };
  const cast = {
    kill: times(members, member),
    leave: [...times(members - 1, member), { script, args: { ...args, part: 'subject' } }],
    join: [...times(members, member), { script, args: { ...args, part: 'latecomer' } }],
  }[event];
  const conductor = { script: '../harness/conductor-role.js', args: { event, victim, loadSeconds } };
  return product(`bowecho, ${name}`, () => [...cast, conductor], lastInstalled);
}

function lastInstalled(results: readonly Json[]): Readings {
  const found = results.filter((result): result is Readings => result !== null);
  return { installed: Math.max(...found.map(({ installed }) => installed!)) };
}

function repeated(count: number, contender: Contender): Contender {
  return {
    ...contender,
    run: async (settings: Settings) => {
      const installed: number[] = [];
      for (let i = 0; i < count; i++) installed.push((await contender.run(settings))['installed']!);
      return { median: median(installed), worst: Math.max(...installed) };
    },
  };
}

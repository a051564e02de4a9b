import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { Demo, lastLine } from './demo-process.js';

interface Summary {
  members: number;
  samples: number;
  deliveredByMember: Record<string, number>;
  orderHashByMember: Record<string, string>;
  seconds: number;
  deliveredPerSecond: number;
}

interface ChaosSummary extends Summary {
  planned: number;
  kills: {
    member: string;
    role: 'reader' | 'feed';
    fraction: number;
    sent: number;
    deliveredBefore: number;
    sentByIt?: number;
    deliveredFromIt?: Record<string, number>;
  }[];
}

describe('npm run demo -- --once', function () {
  this.timeout(90_000);

  it('delivers every flight to every member in one order, and says so', async () => {
    const demo = new Demo(['--once', '--repeat', '2']);
    const ended = await demo.ended;
    equal(ended.code, 0, ended.stderr);
    match(ended.stdout, /^member +from west +from east +delivered +hash of the order$/m);
    const summary = lastLine<Summary>(ended);
    equal(summary.samples, 40_000);
    equal(summary.members, 4);
    deepEqual(summary.deliveredByMember, { board: 40_000, stats: 40_000, west: 40_000, east: 40_000 });
    deepEqual(Object.keys(summary.orderHashByMember), ['board', 'stats', 'west', 'east']);
    equal(new Set(Object.values(summary.orderHashByMember)).size, 1);
    match(summary.orderHashByMember.board!, /^[0-9a-f]{16}$/);
    ok(summary.seconds > 0);
    ok(
      Math.abs(summary.deliveredPerSecond - summary.samples / summary.seconds) <
        summary.deliveredPerSecond / 100,
    );
    deepEqual(demo.filesLeft(), []);
  });

  it('kills a reader and a feed under way, and those that live agree on what the dead feed wrote', async () => {
    const demo = new Demo(['--once', '--chaos']);
    const ended = await demo.ended;
    equal(ended.code, 0, ended.stderr);
    const summary = lastLine<ChaosSummary>(ended);
    deepEqual(
      summary.kills.map(({ role, member }) => [role, member]),
      [
        ['reader', 'stats'],
        ['feed', 'west'],
      ],
    );
    for (const { fraction } of summary.kills) ok(fraction >= 0.2 && fraction <= 0.8, `killed at ${fraction}`);
    equal(new Set(Object.values(summary.orderHashByMember)).size, 1);
    deepEqual(Object.values(summary.deliveredByMember), [summary.samples, summary.samples]);
    const { deliveredFromIt } = summary.kills[1]!;
    deepEqual(Object.keys(deliveredFromIt!), ['board', 'east']);
    const [fromDead, ...others] = Object.values(deliveredFromIt!);
    ok(fromDead! > 0 && others.every((count) => count === fromDead));
    match(
      ended.stdout,
      /west had sent [\d,]+ when it last said so; delivered of it: [\d,]+, the same everywhere/,
    );
    ok(summary.samples < summary.planned);
    deepEqual(demo.filesLeft(), []);
  });

  for (const [args, message] of [
    [['--onec'], /Unknown option '--onec'/],
    [['--chaos'], /--chaos goes with --once/],
    [['--once', '--repeat', '0'], /--repeat takes a whole number from 1 to 1000, not '0'/],
    [['--speed', 'fast'], /--speed takes a number from 0.1 to 1000000, not 'fast'/],
    [['once'], /Unexpected argument 'once'/],
  ] as const) {
    it(`refuses ${args.join(' ')}, says what it takes, and exits with 2`, async () => {
      const { code, stdout, stderr } = await new Demo(args, false).ended;
      equal(code, 2);
      equal(stdout, '');
      match(stderr, message);
      match(stderr, /npm run demo -- --once/);
    });
  }

  it('leaves its domain and no file behind when it is told to end in the middle', async () => {
    const demo = new Demo(['--once', '--repeat', '1000']);
    while (demo.filesLeft().length < 8) await new Promise((resolve) => setTimeout(resolve, 20));
    await new Promise((resolve) => setTimeout(resolve, 700));
    demo.signal('SIGTERM');
    const { code } = await demo.ended;
    equal(code, 130);
    deepEqual(demo.filesLeft(), []);
  });
});

import { Chaos } from './chaos.js';
import type { Flags } from './flags.js';
import { sides } from './flights-data.js';
import type { Assignment } from './messages.js';
import { Pacing } from './pacing.js';
import { judge, type Run, summary, table } from './report.js';
import { type MemberProcess, Team } from './team.js';

/** The processes that only read; the feeds read as well. */
const readers = ['board', 'stats'] as const;
/** Samples between two checkpoints, and between two words of a feed on its progress. */
const every = 500;
/** With chaos: who is killed, and how much of all samples is sent by then. */
const readerKilled = { name: 'stats', at: 0.35 } as const;
const feedKilled = { name: 'west', at: 0.5 } as const;
/** A run in which nobody has said anything for so long has failed. */
const stallMsMax = 20_000;
const interruptedExitCode = 130;

/** Replays everything as fast as it goes and says what came of it. Gives the exit code. */
export async function replayOnce(flags: Flags): Promise<number> {
  const team = new Team();
  const stop = () => void team.leave().then(() => process.exit(interruptedExitCode));
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  try {
    const run = await team.unlessFailed(Promise.race([replay(team, flags), stall(team)]));
    const slow = await team.leave();
    const problems = [...judge(run), ...slow.map((name) => `${name} did not leave in time`)];
    for (const line of table(run)) console.log(line);
    for (const problem of problems) console.error(`FAILED: ${problem}`);
    console.log(JSON.stringify(summary(run)));
    return problems.length === 0 ? 0 : 1;
  } catch (error) {
    console.error(`FAILED: ${(error as Error).message}`);
    await team.leave();
    return 1;
  } finally {
    process.off('SIGINT', stop);
    process.off('SIGTERM', stop);
  }
}

/** A member that has joined: a feed with the number of samples that it is going to write. */
interface Recruit {
  readonly member: MemberProcess;
  readonly id: number;
  readonly planned: number;
}

async function replay(team: Team, flags: Flags): Promise<Run> {
  const { recruits, chaos } = await recruit(team, flags);
  const feeds = recruits.filter(({ planned }) => planned > 0);
  const pacing = new Pacing(new Map(feeds.map(({ member, planned }) => [member, planned])), !flags.chaos);
  const casualties = chaos.run(pacing);
  const endings = feeds
    .filter(({ member }) => !chaos.dooms(member))
    .map(async ({ member, id }) => ({ id, ...(await member.hear('written')) }));
  for (const { member } of feeds) member.order({ kind: 'go', startMs: 0 });

  const written = await Promise.all(endings);
  const dead = await casualties;
  return {
    results: await resultsOf(recruits, chaos, written),
    feeds: feeds.map(({ member: { name }, id }) => ({
      name,
      id,
      written: written.find((ending) => ending.id === id)?.count,
    })),
    planned: pacing.planned,
    startedMs: Math.min(...written.map(({ startedMs }) => startedMs)),
    casualties: dead,
    chaos: flags.chaos,
  };
}

/** Starts all members, and waits until they have joined and the writers are matched with all readers. */
async function recruit(team: Team, flags: Flags): Promise<{ recruits: Recruit[]; chaos: Chaos }> {
  const mayDie = (member: MemberProcess) => chaos.dooms(member);
  const assignment = (name: string): Assignment => ({
    domain: flags.domain,
    name,
    readers: readers.length + sides.length,
    live: false,
    repeat: flags.repeat,
    speed: 0,
    every,
    port: 0,
  });
  for (const name of readers) team.start(name, assignment(name), mayDie);
  for (const name of sides) team.start('feed', assignment(name), mayDie);
  const kills = flags.chaos ? [readerKilled, feedKilled] : [];
  const chaos = new Chaos(kills.map(({ name, at }) => ({ victim: team.member(name), at })));
  const recruits = team.members.map(async (member) => ({ member, ...(await member.hear('ready')) }));
  return { recruits: await Promise.all(recruits), chaos };
}

/** What each survivor delivered, once it has all that the surviving feeds wrote and knows that the dead are gone. */
async function resultsOf(
  recruits: readonly Recruit[],
  chaos: Chaos,
  written: readonly { id: number; count: number }[],
): Promise<Run['results']> {
  const survivors = recruits.filter(({ member }) => !chaos.dooms(member));
  const results = survivors.map(async ({ member }) => (await member.hear('result')).result);
  for (const { member } of survivors) {
    member.order({
      kind: 'finish',
      written: written.map(({ id, count }) => [id, count]),
      gone: recruits.filter((one) => chaos.dooms(one.member)).map(({ id }) => id),
    });
  }
  return Promise.all(results);
}

/** Rejects when no member has said anything for too long. */
function stall(team: Team): Promise<never> {
  return new Promise((_, reject) => {
    const timer = setInterval(() => {
      if (performance.now() - team.heardMs < stallMsMax) return;
      clearInterval(timer);
      const living = team.living.map(({ name, pid }) => `${name} (pid ${pid})`).join(', ');
      reject(new Error(`no progress for ${stallMsMax / 1000} s; alive: ${living}`));
    }, 500);
    timer.unref();
  });
}

import { type Casualty, readerKill, feedKill } from './chaos.js';
import type { Flags } from './flags.js';
import { sides } from './flights-data.js';
import type { Assignment, Result } from './messages.js';
import { Pacing } from './pacing.js';
import { judge, type Run, summary, table } from './report.js';
import { type MemberProcess, Team } from './team.js';

/** The processes that do nothing but read. */
const readers = ['board', 'stats'] as const;
/** Samples between two checkpoints. */
const every = 500;
/** A run without any progress for so long has failed. */
const stallMsMax = 20_000;

/** Replays everything as fast as it goes and says what came of it. Gives the exit code. */
export async function replayOnce(flags: Flags): Promise<number> {
  const team = new Team();
  const stop = stopOnSignals(team);
  try {
    const run = await team.unlessFailed(Promise.race([replay(team, flags), stall(team)]));
    const problems = judge(run);
    const slow = await team.leave();
    if (slow.length > 0) problems.push(`${slow.join(' and ')} did not leave in time`);
    for (const line of table(run)) console.log(line);
    for (const problem of problems) console.error(`FAILED: ${problem}`);
    console.log(JSON.stringify(summary(run)));
    return problems.length === 0 ? 0 : 1;
  } catch (error) {
    console.error(`FAILED: ${(error as Error).message}`);
    return 1;
  } finally {
    await team.leave();
    stop();
  }
}

async function replay(team: Team, flags: Flags): Promise<Run> {
  const killed = new Set<MemberProcess>();
  const mayDie = (member: MemberProcess) => killed.has(member);
  const names = [...readers, ...sides];
  const assignment = (name: string): Assignment => ({
    domain: flags.domain,
    name,
    readers: names.length,
    live: false,
    repeat: flags.repeat,
    speed: 0,
    every,
    port: 0,
  });
  const [board, stats] = readers.map((name) => team.start(name, assignment(name), mayDie)) as [
    MemberProcess,
    MemberProcess,
  ];
  const feeds = sides.map((name) => team.start('feed', assignment(name), mayDie));
  const ready = await Promise.all(team.members.map((member) => member.hear('ready')));
  const idOf = new Map(team.members.map((member, i) => [member, ready[i]!.id]));

  const planned = new Map(feeds.map((feed) => [feed, ready[team.members.indexOf(feed)]!.planned]));
  const pacing = new Pacing(planned, !flags.chaos);
  const written = new Map(feeds.map((feed) => [feed, feed.hear('written')]));
  const known = rememberCheckpoints([board, stats, ...feeds]);
  const casualties: Casualty[] = [];
  const kills = flags.chaos ? [readerKill(stats), feedKill(feeds[0]!)] : [];
  for (const { victim, at } of kills) {
    void pacing.whenSent(at).then(async () => {
      killed.add(victim);
      const casualty = { victim, fraction: pacing.fraction, sent: pacing.sent };
      victim.kill();
      casualties.push({ ...casualty, ownSent: feeds.includes(victim) ? pacing.sentBy(victim) : undefined });
      await victim.ended;
      pacing.grant();
    });
  }
  for (const feed of feeds) feed.order({ kind: 'go', startMs: 0 });

  const doomed = new Set(kills.map(({ victim }) => victim));
  const survivors = team.members.filter((member) => !doomed.has(member));
  const lastWords = await Promise.all(
    feeds.filter((feed) => !doomed.has(feed)).map(async (feed) => ({ feed, ...(await written.get(feed)!) })),
  );
  await Promise.all([...doomed].map(({ ended }) => ended));
  const results = Promise.all(survivors.map(async (member) => (await member.hear('result')).result));
  for (const member of survivors) {
    member.order({
      kind: 'finish',
      written: lastWords.map(({ feed, count }) => [idOf.get(feed)!, count]),
      gone: [...doomed].map((victim) => idOf.get(victim)!),
    });
  }
  return {
    results: await results,
    feeds: feeds.map((feed) => ({
      name: feed.name,
      id: idOf.get(feed)!,
      written: lastWords.find((words) => words.feed === feed)?.count,
    })),
    planned: pacing.planned,
    startedMs: Math.min(...lastWords.map(({ startedMs }) => startedMs)),
    casualties: casualties.map((casualty) => ({ ...casualty, checkpoints: known.get(casualty.victim)! })),
    chaos: flags.chaos,
  };
}

/** The checkpoints that each member has told: what is known of those that cannot be asked any more. */
function rememberCheckpoints(members: readonly MemberProcess[]) {
  const known = new Map<MemberProcess, Result['checkpoints'][number][]>();
  for (const member of members) {
    const checkpoints: Result['checkpoints'][number][] = [];
    known.set(member, checkpoints);
    member.onWord((word) => {
      if (word.kind === 'checkpoint') checkpoints.push(word.checkpoint);
    });
  }
  return known;
}

/** Rejects when no member has said anything for too long. */
function stall(team: Team): Promise<never> {
  return new Promise((_, reject) => {
    let last = performance.now();
    const listened = new Set<MemberProcess>();
    const timer = setInterval(() => {
      for (const member of team.members) {
        if (listened.has(member)) continue;
        listened.add(member);
        member.onWord(() => (last = performance.now()));
      }
      if (performance.now() - last < stallMsMax) return;
      clearInterval(timer);
      const living = team.living.map(({ name, pid }) => `${name} (pid ${pid})`).join(', ');
      reject(new Error(`no progress for ${stallMsMax / 1000} s; alive: ${living}`));
    }, 500);
    timer.unref();
  });
}

function stopOnSignals(team: Team): () => void {
  const stop = () => void team.leave().then(() => process.exit(130));
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  return () => {
    process.off('SIGINT', stop);
    process.off('SIGTERM', stop);
  };
}

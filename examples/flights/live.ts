import type { Flags } from './flags.js';
import { sides } from './flights-data.js';
import { type Assignment, nowMs } from './messages.js';
import { Screen } from './screen.js';
import { type MemberProcess, Team } from './team.js';

const readers = ['board', 'stats', 'gateway'] as const;

/** Shows the flights on a page until the demo is told to end. Gives the exit code. */
export async function showLive(flags: Flags): Promise<number> {
  const team = new Team();
  const stopped = new Promise<void>((resolve) => {
    process.once('SIGINT', resolve);
    process.once('SIGTERM', resolve);
  });
  try {
    await team.unlessFailed(Promise.race([show(team, flags), stopped]));
    await team.unlessFailed(stopped);
    return 0;
  } catch (error) {
    console.error((error as Error).message);
    return 1;
  } finally {
    const slow = await team.leave();
    if (slow.length > 0) console.error(`${slow.join(' and ')} did not leave in time`);
  }
}

async function show(team: Team, flags: Flags): Promise<void> {
  let running = false;
  // Once all is running, members may be killed to see what becomes of the others; only without the gateway there is nothing to see.
  const mayDie = (member: MemberProcess) => running && member.name !== 'gateway';
  const names = [...readers, ...sides];
  const assignment = (name: string): Assignment => ({
    domain: flags.domain,
    name,
    readers: names.length,
    live: true,
    repeat: 0,
    speed: flags.speed,
    every: 0,
    port: flags.port,
  });
  const [gateway] = readers.map((name) => team.start(name, assignment(name), mayDie)).slice(-1) as [
    MemberProcess,
  ];
  const feeds = sides.map((name) => team.start('feed', assignment(name), mayDie));
  const page = gateway.hear('page');
  const screen = new Screen(process.stdout);
  team.member('board').onWord((word) => {
    if (word.kind === 'board') screen.show(word.lines);
  });
  await Promise.all(team.members.map((member) => member.hear('ready')));
  running = true;
  for (const member of team.members)
    void member.ended.then((cause) => tellOfEnd(screen, team, member, cause));
  screen.say(greeting((await page).url, flags, team));
  for (const feed of feeds) feed.order({ kind: 'go', startMs: nowMs() });
}

function greeting(url: string, { domain, speed }: Flags, team: Team): string {
  const members = team.members.map(({ name, pid }) => `${name} ${pid}`).join(', ');
  return `
  ${url}

  Domain ${domain} over shared memory, ${speed} simulated minutes a second.
  Its members are processes of their own: ${members}.
  Kill one (kill -9 …) and see the others go on. Ctrl-C ends all.
`;
}

function tellOfEnd(screen: Screen, team: Team, { name, pid }: MemberProcess, cause: string): void {
  if (team.ending) return;
  screen.say(
    `${name} (pid ${pid}) ended: ${cause}. The others go on: ${team.living.map((member) => member.name).join(', ')}`,
  );
}

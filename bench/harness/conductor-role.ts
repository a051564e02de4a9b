import { playRole } from './role.js';
import { pause } from './stream.js';

interface Args {
  readonly event: 'kill' | 'leave' | 'join';
  /** Which of the members is killed. */
  readonly victim: 'leader' | 'follower';
  readonly loadSeconds: number;
}

/** Lets the load run for a while, then makes the event happen, and says when, just before it kills. Is no member itself. */
playRole<Args>(async ({ event, victim, loadSeconds }, role) => {
  const standings = (await role.barrier('standing')) as readonly ({ pid: number; leads: boolean } | null)[];
  await pause(loadSeconds * 1000);
  await role.barrier('now');
  if (event !== 'kill') {
    await role.barrier('changed');
    return null;
  }
  // The one to be killed waits for nothing: it is under load, as the others are.
  await pause(20);
  const chosen = standings.find((standing) => standing !== null && standing.leads === (victim === 'leader'));
  const killedAt = performance.timeOrigin + performance.now();
  process.kill(chosen!.pid, 'SIGKILL');
  await role.barrier('changed', killedAt);
  return null;
});

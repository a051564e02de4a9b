import { playRole } from './role.js';
import { watchProcesses } from './process-cost.js';
import { pause } from './stream.js';

/**
 * Watches the other roles of its session while they are idle. They give their process id at the barrier `idle`, wait at
 * `watched`, and end.
 */
playRole<{ seconds: number; settleSeconds: number }>(async ({ seconds, settleSeconds }, role) => {
  const pids = (await role.barrier('idle')).filter((pid): pid is number => typeof pid === 'number');
  await pause(settleSeconds * 1000);
  const costs = await watchProcesses(pids, seconds);
  await role.barrier('watched');
  // The worst member: the target is for each.
  return {
    cpu: Math.max(...costs.map(({ cpuPercent }) => cpuPercent)),
    memory: Math.max(...costs.map(({ privateMiB }) => privateMiB)),
  };
});

import { rmSync } from 'node:fs';
import { playRole } from '../../bench/harness/role.js';

/** A role that does as it is told, for the tests of the harness. */
playRole<{ value: string; act: 'meet' | 'throw' | 'die' | 'hang' | 'tidy' }>(async ({ value, act }, role) => {
  if (act === 'throw') throw new Error('told to throw');
  if (act === 'die') process.kill(process.pid, 'SIGKILL');
  // Its value is a file that it removes as it exits.
  if (act === 'tidy') process.on('exit', () => rmSync(value));
  if (act === 'hang') await new Promise((resolve) => setTimeout(resolve, 60_000));
  return (await role.barrier('meeting', value)).join('+');
});

import type { Contender } from '../harness/comparison.js';
import { processes, onlyReadings } from '../harness/comparison.js';
import { roleScript } from '../harness/session.js';

/** One memory copy of the same size, as fast as JavaScript makes it: `rate` in copies/s, `throughput` in bytes/s. */
export function copy(bytes: number): Contender {
  const script = roleScript(import.meta.url, './copy-role.js');
  return processes(
    'copy',
    ({ seconds, warmupSeconds }) => [{ script, args: { bytes, seconds, warmupSeconds } }],
    onlyReadings,
  );
}

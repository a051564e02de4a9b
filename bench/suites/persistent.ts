import { type Contender, type Readings, type Suite, onlyReadings, processes } from '../harness/comparison.js';
import { diskAbsent } from '../harness/bench-folder.js';
import type { Json } from '../harness/json.js';
import { roleScript } from '../harness/session.js';
import { agreedRate } from '../limits/ring.js';
import { programAbsent } from '../peers/server-process.js';
import { product, times } from '../product/product.js';
import { size } from './sizes.js';

const members = 3;
/** What the others have on their way of `many`: more does not make them faster. */
const manyInFlight = 256;
const startMs = 20_000;

const rate = { reading: 'rate', unit: 'samples/s' };
const waits = ['p50', 'p99'].map((reading) => ({ reading, unit: 'µs', label: reading }));

/** Three replicas: a sample counts once it is on all three disks. It refuses memory as a disk. */
export const persistent: Suite = {
  name: 'persistent',
  about: 'a persistent topic of 3 members, 1 KiB, until it is on the disks of all three',
  comparisons: () =>
    (['many', 'one'] as const).map((inFlight) => ({
      warmupSeconds: 4,
      metrics: inFlight === 'one' ? [rate, ...waits] : [rate],
      ours: [false, true].map((signed) => ({
        case: `3 members, 1 KiB, ${inFlight === 'one' ? 'one at a time' : 'many'}${signed ? ', signed' : ''}`,
        contender: bowecho(inFlight, signed),
      })),
      references: [
        bareDisks(inFlight),
        server('etcd', 'etcd-server', inFlight),
        server('redis', 'redis-server', inFlight),
      ],
    })),
};

function bowecho(inFlight: 'one' | 'many', signed: boolean): Contender {
  const args = { bytes: size.kib1, inFlight, signed };
  return product(
    signed ? 'bowecho, signed' : 'bowecho',
    () => times(members, { script: './persistent-role.js', args }),
    inFlight === 'one' ? onlyReadings : agreedRate,
    { absent: diskAbsent },
  );
}

/** As many processes, each with a file of its own. */
function bareDisks(inFlight: 'one' | 'many'): Contender {
  const script = roleScript(import.meta.url, '../limits/bare-disk-role.js');
  const batch = inFlight === 'one' ? 1 : 'many';
  return processes(
    'bare',
    ({ seconds, warmupSeconds }) =>
      times(members, { script: '', args: { bytes: size.kib1, batch, seconds, warmupSeconds } }).map(
        ({ args }) => ({ script, args }),
      ),
    slowestReadings,
    { absent: diskAbsent },
  );
}

/** Of each reading that of the slowest process. */
function slowestReadings(results: readonly Json[]): Readings {
  return (results as readonly Readings[]).reduce((slowest, each) =>
    each['rate']! < slowest['rate']! ? each : slowest,
  );
}

function server(name: 'etcd' | 'redis', debianPackage: string, inFlight: 'one' | 'many'): Contender {
  const script = roleScript(import.meta.url, `../peers/${name}-role.js`);
  const program = name === 'etcd' ? 'etcd' : 'redis-server';
  const args = { bytes: size.kib1, inFlight: inFlight === 'one' ? 1 : manyInFlight };
  return processes(
    name,
    ({ seconds, warmupSeconds }) => [{ script, args: { ...args, seconds, warmupSeconds } }],
    onlyReadings,
    {
      absent: async () => programAbsent(program, debianPackage) ?? (await diskAbsent()),
      extraMs: startMs,
    },
  );
}

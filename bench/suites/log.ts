import { type Contender, type Suite, onlyReadings, processes } from '../harness/comparison.js';
import { diskAbsent } from '../harness/bench-folder.js';
import { roleScript } from '../harness/session.js';
import { size } from './sizes.js';

const batches = [1, 16, 256, 'many'] as const;
const mebibytes = { read: 1024, grown: 2048 };
/** Writing gigabytes takes its time. */
const extraMs = 120_000;

function appending(name: string, script: string, batch: number | 'many', signed = false): Contender {
  const cast = ({ seconds, warmupSeconds }: { seconds: number; warmupSeconds: number }) => [
    {
      script: roleScript(import.meta.url, script),
      args: { bytes: size.kib1, batch, seconds, warmupSeconds, signed },
    },
  ];
  return processes(name, cast, onlyReadings, { absent: diskAbsent });
}

function ofSize(mib: number): Contender {
  const script = roleScript(import.meta.url, '../product/log-size-role.js');
  const cast = () => [{ script, args: { mebibytes: mib, bytes: size.kib1 } }];
  return processes('bowecho', cast, onlyReadings, { absent: diskAbsent, extraMs });
}

/** The log of one topic, without a domain around it. It refuses memory as a disk. */
export const log: Suite = {
  name: 'log',
  about: 'the log on disk: 1 KiB appended until it is durable, in batches; opening and reading 1 GiB; memory',
  comparisons: () => [
    ...batches.map((batch) => ({
      metrics: [{ reading: 'rate', unit: 'records/s' }],
      ours: [false, true].map((signed) => ({
        case: `1 KiB, ${batch === 'many' ? batch : `batch of ${batch}`}${signed ? ', signed' : ''}`,
        contender: appending(
          signed ? 'bowecho, signed' : 'bowecho',
          '../product/log-append-role.js',
          batch,
          signed,
        ),
      })),
      references: [
        appending('bare', '../limits/bare-disk-role.js', batch),
        appending('lmdb', '../peers/lmdb-role.js', batch),
      ],
    })),
    {
      metrics: [
        { reading: 'open', unit: 'ms', label: 'opened' },
        { reading: 'recovered', unit: 'MB/s', label: 'recovered' },
        { reading: 'read', unit: 'MB/s', label: 'read and checked' },
      ],
      ours: [{ case: '1 GiB', contender: ofSize(mebibytes.read) }],
      references: [],
    },
    {
      metrics: [{ reading: 'memory', unit: 'MiB', label: 'memory from 256 MiB on' }],
      ours: [{ case: '2 GiB', contender: ofSize(mebibytes.grown) }],
      references: [],
    },
  ],
};

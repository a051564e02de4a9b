import { availableParallelism, freemem, totalmem } from 'node:os';
import { unsuitedOrder } from '../../transport/ordering.js';
import { packageInfo } from '../package-info.js';
import type { Finding } from './report.js';
import { fails, ok, warning } from './report.js';
import { mebibytes } from './text.js';

/** What every address needs. */
export function lookAtMachine(): Finding[] {
  const cores = availableParallelism();
  const memory = `${mebibytes(freemem())} of ${mebibytes(totalmem())} free`;
  return [
    nodeFinding(),
    cores > 1
      ? ok('processors', `${cores}, memory: ${memory}`)
      : warning(
          'processors',
          `one, memory: ${memory}`,
          'members that share a core wait for each other: give it more',
        ),
  ];
}

function nodeFinding(): Finding {
  const wanted = packageInfo.engines.node;
  const found = `Node ${process.versions.node} on ${process.platform}, ${process.arch}`;
  if (atLeast(process.versions.node, wanted.replace(/^>=/, ''))) return ok('Node', found);
  return fails('Node', found, `install Node ${wanted}`);
}

/** Whether a version is not before another one; both are numbers with dots between. */
export function atLeast(version: string, wanted: string): boolean {
  const [have, want] = [version, wanted].map((text) => text.split('.').map(Number)) as [number[], number[]];
  for (let i = 0; i < want.length; i++) if ((have[i] ?? 0) !== want[i]) return (have[i] ?? 0) > want[i]!;
  return true;
}

/** What shared memory and RDMA need: Linux, on a processor that orders stores. */
export function platformFinding(): Finding {
  const found = `${process.platform} on ${process.arch}`;
  if (process.platform !== 'linux') return fails('platform', found, 'use tcp: or local: here');
  const unsuited = unsuitedOrder(process.arch);
  return unsuited === undefined ? ok('platform', found) : fails('platform', found, unsuited);
}

/** How deaths are told. */
export function libraryFinding(): Finding {
  const { header } = process.report.getReport() as unknown as {
    header: { glibcVersionRuntime?: string };
  };
  const version = header.glibcVersionRuntime;
  if (version !== undefined) return ok('C library', `glibc ${version}`);
  return warning(
    'C library',
    'is not glibc',
    'deaths are told by socket and lock only, which takes longer for large processes: use an image with glibc',
  );
}

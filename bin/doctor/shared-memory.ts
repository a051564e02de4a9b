import { statfsSync } from 'node:fs';
import { resolveWriterQos } from '../../qos/index.js';
import { checkRoom, epochBytes } from '../../runtime/dds/memory-room.js';
import { firstView } from '../../runtime/membership/view.js';
import { MemoryHost } from '../../transport/memory/host.js';
import { libraryFinding, platformFinding } from './machine.js';
import type { Finding } from './report.js';
import { failed, fails, ok, warning } from './report.js';
import { mebibytes } from './text.js';

const segments = '/dev/shm';
/** The domain in mind: so many members that all read and write one topic. */
const members = 3;
const probeBytes = 1 << 20;
const wakeMs = 2_000;

/** What members on one host need: memory for their rings, and what lets one of them put and another see it, wake, and learn of an end. */
export async function lookAtSharedMemory(): Promise<Finding[]> {
  const platform = platformFinding();
  if (platform.status === 'fails') return [platform];
  return [platform, libraryFinding(), roomFinding(), ...(await lookAtMembers())];
}

function roomFinding(): Finding {
  let total: number;
  let free: number;
  try {
    const { blocks, bavail, bsize } = statfsSync(segments);
    [total, free] = [blocks * bsize, bavail * bsize];
  } catch (error) {
    return fails(segments, (error as Error).message, 'mount a tmpfs there');
  }
  const { ringBytesMin, ringBytesMax } = resolveWriterQos().transport;
  const view = viewOfOneTopic();
  const grown = epochBytes(view, 'probe', ringBytesMax);
  const needed = `${members} members take ${mebibytes(epochBytes(view, 'probe', ringBytesMin))} for a topic, and ${mebibytes(grown)} once its rings have grown`;
  const found = `${mebibytes(free)} of ${mebibytes(total)} free; ${needed}: room for ${Math.floor(free / grown)} such topics`;
  try {
    const last = { member: members, role: 'writer', topic: 'probe' } as const;
    checkRoom(view, free, last, { ringBytes: ringBytesMin });
  } catch (error) {
    return failed(segments, error);
  }
  if (grown * 2 <= free) return ok(segments, found);
  return warning(
    segments,
    found,
    'rings stay short: in Docker use --shm-size=1g, else mount it larger (mount -o remount,size=1g /dev/shm)',
  );
}

function viewOfOneTopic() {
  const ids = Array.from({ length: members }, (_, i) => i + 1);
  const view = firstView(0, 1, null);
  for (const member of ids)
    for (const [at, role] of (['writer', 'reader'] as const).entries())
      view.endpoints.push({ member, id: at + 1, role, topic: 'probe', info: null });
  return view;
}

/** Two members of a domain of their own, for a moment: one puts, and rings; the other sees it. */
async function lookAtMembers(): Promise<Finding[]> {
  const findings: Finding[] = [];
  const open: MemoryHost[] = [];
  const domain = `doctor-${process.pid}`;
  try {
    for (let i = 0; i < 2; i++) open.push(await MemoryHost.open({ domain }));
    const [one, two] = open as [MemoryHost, MemoryHost];
    findings.push(ok('members', 'a domain’s folder, locks, sockets and bells can be made'));
    const region = one.allocate('probe', probeBytes, [two.self]);
    const seen = two.attach(one.self, 'probe', probeBytes);
    const woken = new Promise<boolean>((resolve) => {
      two.onBell(() => resolve(true));
      setTimeout(() => resolve(false), wakeMs).unref();
    });
    two.raiseSleeping();
    region.memory.f64[0] = process.pid;
    region.put(0, 8);
    one.flush();
    findings.push(
      (await woken) && seen?.memory.f64[0] === process.pid
        ? ok('segments', 'what one member puts another sees, and is woken by')
        : fails(
            'segments',
            `what one member put another did not see within ${wakeMs} ms`,
            'report it, with what this command says',
          ),
      one.isDeathTold
        ? ok('robust futex', 'the kernel tells of the end of a process at once')
        : warning(
            'robust futex',
            'the kernel does not tell of the end of a process at once',
            'deaths are told by socket and lock only: use glibc, and no sandbox that hides robust futexes',
          ),
    );
    region.release();
    seen?.release();
  } catch (error) {
    findings.push(failed(findings.length === 0 ? 'members' : 'segments', error));
  } finally {
    for (const host of open) await host.close();
  }
  return findings;
}

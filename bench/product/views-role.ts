import { Bytes, Participant } from '../../runtime/dds/index.js';
import { playRole } from '../harness/role.js';
import { pause } from '../harness/stream.js';
import { Payload, Tally } from './payload.js';
import { bytesSource, writeFast } from './write-fast.js';

interface Args {
  readonly domain: string;
  /** A `latecomer` joins when the event comes; the `subject` is the one to whom it happens. */
  readonly part: 'member' | 'subject' | 'latecomer';
  readonly event: 'kill' | 'leave' | 'join';
  readonly bytes: number;
  readonly ballastBytes: number;
}

/** Held to the end of the process. */
const ballast: Buffer[] = [];

/** What is told at the barrier before the event. */
export interface Standing {
  readonly pid: number;
  readonly leads: boolean;
}

/** Milliseconds of a clock that all processes of a host share. */
export function hostNow(): number {
  return performance.timeOrigin + performance.now();
}

/** A member of a domain under load, to whom or beside whom a view change happens; gives when it had the new view. */
playRole<Args>(async (args, role) => {
  const { part, event } = args;
  ballast.push(Buffer.alloc(args.ballastBytes, 1));
  if (part === 'latecomer') {
    await role.barrier('standing');
    await role.barrier('now');
    const startedAt = hostNow();
    const participant = await Participant.join({ domain: args.domain });
    await role.barrier('changed', startedAt);
    await participant.close();
    return null;
  }
  const participant = await Participant.join({ domain: args.domain });
  const endpoint = { topic: 'views', qos: 'atomic' };
  const reader = await participant.reader(Bytes, endpoint);
  reader.borrow(new Tally().take);
  const writer = await participant.writer(Bytes, endpoint);
  // The last two roles are the latecomer, where there is one, and the conductor.
  const members = event === 'join' ? role.count - 2 : role.count - 1;
  await writer.whenMatched(members);
  const source = bytesSource(writer, new Payload(args.bytes, role.index));
  await role.barrier('standing', {
    pid: process.pid,
    leads: participant.view.members[0]!.id === participant.id,
  });
  let loading = true;
  const load = (async () => {
    while (loading) await writeFast(source);
  })();
  const changed = new Promise<number>((resolve) => {
    participant.view$.subscribe((view) => {
      if (view.members.length !== members) resolve(hostNow());
    });
  });
  await role.barrier('now');
  if (part === 'subject' && event === 'leave') {
    loading = false;
    await load;
    const startedAt = hostNow();
    await participant.close();
    await role.barrier('changed', startedAt);
    return null;
  }
  const installedAt = await changed;
  loading = false;
  await load;
  // Whoever was killed cannot say when: the conductor does. The others know by themselves.
  const startedAt = (await role.barrier('changed')).find((time): time is number => typeof time === 'number');
  if (startedAt === undefined) throw new Error('Nobody says when it happened.');
  await pause(0);
  await participant.close();
  return { installed: installedAt - startedAt };
});

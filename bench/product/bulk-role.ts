import { execFileSync } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { Bytes, Participant, type ParticipantOptions } from '../../runtime/dds/index.js';
import { type Role, playRole } from '../harness/role.js';
import { carried } from '../net/carried.js';

interface Plan extends Required<Pick<ParticipantOptions, 'domain' | 'tcp'>> {
  readonly bytes: number;
  /** Of the message before the one that counts. */
  readonly firstBytes: number;
  /** Of the members, which one is killed, or cut off, and so long after the writing began. */
  readonly victim?: number;
  readonly blow?: 'kill' | 'cut';
  readonly blowAfterMs?: number;
}

interface Arrival {
  readonly atMs: number;
  readonly bytes: number;
}

const settleMs = 100;
const clockMs = () => performance.timeOrigin + performance.now();

function die(): void {
  process.kill(process.pid, 'SIGKILL');
}

/** Takes down the link of this host, the only one it has, and ends once its participant has given up. */
function cutOff(participant: Participant): void {
  execFileSync('ip', ['link', 'set', 'e0', 'down']);
  participant.view$.subscribe({ error: die });
}

/** What each gets once those before it have theirs: schedules go by the order in which members joined. */
async function inTurn<T>(role: Role, get: () => Promise<T>): Promise<T> {
  let own: T | undefined;
  for (let turn = 0; turn < role.count; turn++) {
    if (turn === role.index) own = await get();
    await role.barrier(`turn ${turn}`);
  }
  return own!;
}

/** A member of a domain in which the first writes two large messages, one after the other, and all read them; gives when each was written, and when it was there. */
playRole<Plan>(async (plan, role) => {
  const { domain, tcp, bytes, firstBytes } = plan;
  const participant = await inTurn(role, () => Participant.join({ domain, tcp }));
  const endpoint = { topic: 'bulk', qos: 'atomic' };
  const reader = await participant.reader(Bytes, endpoint);
  const arrivals: Arrival[] = [];
  let arrived = () => {};
  reader.borrow((message) => {
    arrivals.push({ atMs: clockMs(), bytes: message.length });
    arrived();
  });
  const received = (count: number) =>
    new Promise<void>((resolve) => {
      arrived = () => {
        if (arrivals.length === count) resolve();
      };
      arrived();
    });
  const writer = role.index === 0 ? await participant.writer(Bytes, endpoint) : undefined;
  await writer?.whenMatched(role.count);
  await role.barrier('matched');
  const message = new Uint8Array(writer ? bytes : 0).fill(7);
  await role.barrier('filled');
  const firstWrittenMs = clockMs();
  await writer?.write(message.subarray(0, firstBytes));
  await received(1);
  // Until the writer knows that all are done with it, and gives its memory to the next.
  await delay(settleMs);
  await role.barrier('warm');
  const before = carried();
  const writtenMs = clockMs();
  if (plan.victim === role.index)
    setTimeout(plan.blow === 'cut' ? () => cutOff(participant) : die, plan.blowAfterMs);
  await writer?.write(message);
  await received(2);
  const [{ atMs: firstAtMs }, { atMs, bytes: length }] = arrivals as [Arrival, Arrival];
  if (length !== bytes) throw new Error(`A message of ${length} bytes came, not of ${bytes}.`);
  await role.barrier('done');
  const { sent, got } = carried();
  await participant.close();
  return { firstWrittenMs, firstAtMs, writtenMs, atMs, sent: sent - before.sent, got: got - before.got };
});

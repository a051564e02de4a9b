import { randomInt } from 'node:crypto';
import { unlinkSync } from 'node:fs';
import { attachShared, createShared, schedYield } from '../../transport/memory/system.js';
import { type Role, playRole } from '../harness/role.js';
import { type RoundTripPlan, RoundTrips } from '../harness/round-trip.js';
import { type StreamPlan, pause } from '../harness/stream.js';
import { type RingGroup, RingMember } from './ring-member.js';
import { RingSegment } from './ring-segment.js';

export interface RingArgs {
  readonly group: RingGroup;
  readonly plan:
    ({ readonly form: 'stream' } & StreamPlan) | ({ readonly form: 'round trip' } & RoundTripPlan);
}

/** The waiting policy of docs/architecture.md; sleeping is left out, as a busy group never sleeps. */
const turnMs = 0.05;
const idlePassesPerYield = 20;
/** Often enough to keep others moving, rarely enough that counters do not bounce between cores for every message. */
const passBytes = 1 << 16;
const framesPerPassMax = 256;

playRole<RingArgs>(async ({ group, plan }, role) => {
  const member = new RingMember(group, await mapAll(group, role), role.index);
  return plan.form === 'stream' ? stream(member, group, plan, role) : roundTrips(member, plan, role);
});

async function stream(member: RingMember, group: RingGroup, plan: StreamPlan, role: Role) {
  const sends = role.index < group.senders;
  const receives = group.receivers.includes(role.index);
  const framesPerPass = Math.max(1, Math.min(framesPerPassMax, Math.floor(passBytes / plan.bytes)));
  let writing = false;
  let nullsDue = 0;
  const stop = poll(() => {
    let moved = false;
    if (writing) {
      const sourceTime = performance.now();
      for (let i = 0; i < framesPerPass && member.write(sourceTime); i++) moved = true;
      if (moved) member.publish();
    } else if (nullsDue > 0 && member.writeNulls(nullsDue)) {
      nullsDue = 0;
      member.publish();
    }
    if (!receives) return moved;
    if (member.receive()) moved = true;
    return member.deliver(framesPerPass) > 0 || moved;
  });
  await role.barrier('go');
  writing = sends;
  await pause(plan.warmupSeconds * 1000);
  const [countBefore, timeBefore] = [member.delivered, performance.now()];
  await pause(plan.seconds * 1000);
  const [countAfter, timeAfter] = [member.delivered, performance.now()];
  writing = false;
  const written = await role.barrier('written', member.turns);
  // Members stop at different turns; whoever is behind fills its turns, so that the last messages become deliverable.
  const turns = Math.max(...written.map(Number));
  if (sends) nullsDue = turns - member.turns;
  while (receives && member.next < turns * group.senders) await pause(1);
  await role.barrier('received');
  await stop();
  if (!receives) return null;
  const rate = ((countAfter - countBefore) * 1000) / (timeAfter - timeBefore);
  return { rate, hash: member.hash, delivered: member.delivered };
}

async function roundTrips(member: RingMember, plan: RoundTripPlan, role: Role) {
  const asks = role.index === 0;
  const say = (): void => {
    member.write(0);
    member.publish();
  };
  const timing = new RoundTrips(plan, say);
  const stop = poll(() => {
    const moved = member.receive();
    // One frame at a time: every second one is the other's, and answers mine.
    if (member.deliver(1) === 0) return moved;
    const mine = member.next % 2 === 1 ? 0 : 1;
    if (mine === role.index) return true;
    if (asks) timing.answered();
    else say();
    return true;
  });
  await role.barrier('go');
  const readings = asks ? await timing.run() : null;
  await role.barrier('over');
  await stop();
  return readings;
}

/** Runs passes in turns until stopped: at most 50 µs each, giving the core away while nothing moves. */
function poll(pass: () => boolean): () => Promise<void> {
  let stopped: (() => void) | undefined;
  let idlePasses = 0;
  const turn = (): void => {
    const end = performance.now() + turnMs;
    do {
      if (pass()) idlePasses = 0;
      else if (++idlePasses % idlePassesPerYield === 0) schedYield();
    } while (performance.now() < end);
    if (stopped) stopped();
    else setImmediate(turn);
  };
  setImmediate(turn);
  return () =>
    new Promise((resolve) => {
      stopped = resolve;
    });
}

/** Makes my segment, maps everyone's, and unlinks mine as soon as all have it: nothing is left behind, however this ends. */
async function mapAll(group: RingGroup, role: Role): Promise<readonly RingSegment[]> {
  const path = `/dev/shm/bowecho-bench-${process.pid}-${randomInt(2 ** 32)}`;
  const byteLength = RingSegment.controlBytes + group.ringBytes;
  const mine = createShared(path, byteLength);
  const paths = await role.barrier('created', path);
  const memories = paths.map((each) => (each === path ? mine : attachShared(String(each), byteLength)));
  await role.barrier('mapped');
  unlinkSync(path);
  return memories.map((memory) => {
    if (memory === undefined) throw new Error('The segment of another member is gone.');
    return new RingSegment(memory);
  });
}

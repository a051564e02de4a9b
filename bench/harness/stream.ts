import type { Readings } from './comparison.js';
import type { Role } from './role.js';

/** A stream from its writers to its receivers, for so long, of messages of this size. */
export interface StreamPlan {
  readonly bytes: number;
  readonly seconds: number;
  readonly warmupSeconds: number;
}

const settleMsMax = 15_000;

/**
 * A writer's side of a stream. `pump` writes for a while (awaiting room where its medium asks for that) and gives the
 * number of messages written since it was last called; it is called until the time is over.
 */
export async function writeStream(role: Role, plan: StreamPlan, pump: () => Promise<number>): Promise<void> {
  await role.barrier('go');
  const end = performance.now() + (plan.warmupSeconds + plan.seconds) * 1000;
  let written = 0;
  while (performance.now() < end) written += await pump();
  await role.barrier('written', written);
  await role.barrier('received');
}

/**
 * A receiver's side of a stream. `received` tells the count so far; the rate is what arrived between the end of
 * the warm-up and the end of the time. Fails unless exactly what the writers wrote arrives: a stream that loses is not one.
 */
export async function receiveStream(role: Role, plan: StreamPlan, received: () => number): Promise<Readings> {
  await role.barrier('go');
  await pause(plan.warmupSeconds * 1000);
  const [countBefore, timeBefore] = [received(), performance.now()];
  await pause(plan.seconds * 1000);
  const [countAfter, timeAfter] = [received(), performance.now()];
  const counts = await role.barrier('written', 0);
  const written = counts.reduce<number>((sum, count) => sum + (typeof count === 'number' ? count : 0), 0);
  for (let waitedMs = 0; received() < written && waitedMs < settleMsMax; waitedMs += 5) await pause(5);
  if (received() !== written) throw new Error(`${written} messages were written, ${received()} received.`);
  await role.barrier('received');
  return { rate: ((countAfter - countBefore) * 1000) / (timeAfter - timeBefore) };
}

/** Reads a word of each cache line, as every receiver of the bench does; gives their sum, so that no compiler drops it. */
export function touch(bytes: Uint8Array): number {
  let sum = bytes[bytes.length - 1] ?? 0;
  for (let i = 0; i < bytes.length; i += cacheLineBytes) sum = (sum + bytes[i]!) | 0;
  return sum;
}

export const cacheLineBytes = 64;

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

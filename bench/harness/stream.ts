import type { Readings } from './comparison.js';
import type { Json } from './json.js';
import type { Role } from './role.js';

/** A stream from its writers to its receivers, for so long, of messages of this size. */
export interface StreamPlan {
  readonly bytes: number;
  readonly seconds: number;
  readonly warmupSeconds: number;
}

const settleMsMax = 15_000;

/** Writes for a while, awaiting room where its medium asks for that; gives how many messages it wrote. */
export type Pump = () => Promise<number>;

/** A writer's side of a stream: the pump is called until the time is over. */
export async function writeStream(role: Role, plan: StreamPlan, pump: Pump): Promise<void> {
  await role.barrier('go');
  await role.barrier('written', await pumpFor(plan, pump));
  await role.barrier('received');
}

/**
 * A receiver's side of a stream. `received` tells the count so far; the rate is what arrived between the end of
 * the warm-up and the end of the time. Fails unless exactly what the writers wrote arrives: a stream that loses is not one.
 */
export async function receiveStream(role: Role, plan: StreamPlan, received: () => number): Promise<Readings> {
  await role.barrier('go');
  const readings = await rateOf(plan, received);
  await receiveAll(await role.barrier('written', 0), received);
  await role.barrier('received');
  return readings;
}

/** The side of a member that does both. */
export async function exchangeStream(
  role: Role,
  plan: StreamPlan,
  pump: Pump,
  received: () => number,
): Promise<Readings> {
  await role.barrier('go');
  const [readings, written] = await Promise.all([rateOf(plan, received), pumpFor(plan, pump)]);
  await receiveAll(await role.barrier('written', written), received);
  await role.barrier('received');
  return readings;
}

async function pumpFor(plan: StreamPlan, pump: Pump): Promise<number> {
  const end = performance.now() + (plan.warmupSeconds + plan.seconds) * 1000;
  let written = 0;
  while (performance.now() < end) written += await pump();
  return written;
}

async function rateOf(plan: StreamPlan, received: () => number): Promise<Readings> {
  await pause(plan.warmupSeconds * 1000);
  const [countBefore, timeBefore] = [received(), performance.now()];
  await pause(plan.seconds * 1000);
  const [countAfter, timeAfter] = [received(), performance.now()];
  return { rate: ((countAfter - countBefore) * 1000) / (timeAfter - timeBefore) };
}

async function receiveAll(counts: readonly Json[], received: () => number): Promise<void> {
  const written = counts.reduce<number>((sum, count) => sum + (typeof count === 'number' ? count : 0), 0);
  for (let waitedMs = 0; received() < written && waitedMs < settleMsMax; waitedMs += 5) await pause(5);
  if (received() !== written) throw new Error(`${written} messages were written, ${received()} received.`);
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

import {
  type Contender,
  type Readings,
  type Settings,
  onlyReadings,
  processes,
} from '../harness/comparison.js';
import type { Json } from '../harness/json.js';
import type { Pace } from '../harness/round-trip.js';
import { type RoleSpec, roleScript } from '../harness/session.js';
import type { RingArgs } from './ring-role.js';

/**
 * Tried with 16 B to 10 KiB: 256 KiB to 4 MiB, and with 1 MiB messages 4 to 16 MiB, while other work shared the two cores. No size
 * stood out from the noise (runs of one size lay further apart than the medians of the sizes), so these are plain choices.
 */
const smallRingBytes = 1 << 20;
const largeRingBytes = 8 << 20;
const largePayloadBytes = 100 * 1024;

/**
 * The bare limit of ordered multicast over shared memory in JavaScript: the same number of processes, total order,
 * stability, waiting policy, frame sizes and touch of bytes as the product, and nothing else.
 */
export function orderRing(members: number, payloadBytes: number, ringBytes?: number): Contender {
  const ranks = Array.from({ length: members }, (_, rank) => rank);
  return ring({ senders: members, receivers: ranks, payloadBytes, ringBytes }, members);
}

/** The same with one writer that receives nothing itself. */
export function fanoutRing(receivers: number, payloadBytes: number, ringBytes?: number): Contender {
  const ranks = Array.from({ length: receivers }, (_, index) => index + 1);
  return ring({ senders: 1, receivers: ranks, payloadBytes, ringBytes }, receivers + 1);
}

/** A question and its answer, both in total order, between two members. */
export function roundTripRing(payloadBytes: number, pace: Pace): Contender {
  return processes(
    'ring',
    (settings) =>
      cast(2, {
        group: { senders: 2, receivers: [0, 1], payloadBytes, ringBytes: smallRingBytes },
        plan: { form: 'round trip', bytes: payloadBytes, pace, ...times(settings) },
      }),
    onlyReadings,
  );
}

function ring(
  group: Omit<RingArgs['group'], 'ringBytes'> & { ringBytes: number | undefined },
  members: number,
): Contender {
  const ringBytes =
    group.ringBytes ?? (group.payloadBytes >= largePayloadBytes ? largeRingBytes : smallRingBytes);
  return processes(
    'ring',
    (settings) =>
      cast(members, {
        group: { ...group, ringBytes },
        plan: { form: 'stream', bytes: group.payloadBytes, ...times(settings) },
      }),
    agreedRate,
  );
}

function cast(members: number, args: RingArgs): RoleSpec[] {
  const script = roleScript(import.meta.url, './ring-role.js');
  return Array.from({ length: members }, () => ({ script, args: args as unknown as Json }));
}

function times({ seconds, warmupSeconds }: Settings): { seconds: number; warmupSeconds: number } {
  return { seconds, warmupSeconds };
}

/** The rate of the slowest member, if all delivered the same messages in the same order. */
export function agreedRate(results: readonly Json[]): Readings {
  const receivers = results.filter((result): result is Readings => result !== null);
  const { hash, delivered } = receivers[0]!;
  if (receivers.some((each) => each['hash'] !== hash || each['delivered'] !== delivered)) {
    throw new Error(`The members did not deliver the same order: ${JSON.stringify(receivers)}.`);
  }
  return { rate: Math.min(...receivers.map((each) => each['rate']!)) };
}

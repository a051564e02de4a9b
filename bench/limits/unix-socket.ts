import { type Contender, lowestReadings, onlyReadings, processes } from '../harness/comparison.js';
import type { Pace } from '../harness/round-trip.js';
import { roleScript } from '../harness/session.js';

const script = roleScript(import.meta.url, './unix-socket-role.js');

/** A bare Unix socket to each subscriber, messages gathered into large writes: the floor under every broker and library. */
export function unixSocketStream(subscribers: number, bytes: number): Contender {
  return processes(
    'unix socket',
    ({ seconds, warmupSeconds }) =>
      Array.from({ length: subscribers + 1 }, (_, rank) => ({
        script,
        args: { part: rank === 0 ? 'writer' : 'reader', plan: { bytes, seconds, warmupSeconds } },
      })),
    lowestReadings,
  );
}

export function unixSocketRoundTrip(bytes: number, pace: Pace): Contender {
  return processes(
    'unix socket',
    ({ seconds, warmupSeconds }) =>
      ['asker', 'answerer'].map((part) => ({
        script,
        args: { part, plan: { bytes, pace, seconds, warmupSeconds } },
      })),
    onlyReadings,
  );
}

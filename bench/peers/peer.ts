import { type Contender, lowestReadings, onlyReadings, processes } from '../harness/comparison.js';
import type { Pace, RoundTripPlan } from '../harness/round-trip.js';
import { roleScript } from '../harness/session.js';
import type { StreamPlan } from '../harness/stream.js';

/** What the role of a peer is told. `server` is the port of a broker, 0 where the peer has none. */
export type PeerArgs =
  | { readonly part: 'publisher' | 'subscriber'; readonly server: number; readonly plan: StreamPlan }
  | { readonly part: 'asker' | 'answerer'; readonly server: number; readonly plan: RoundTripPlan };

export interface Peer {
  readonly name: string;
  /** The role script, beside this module. */
  readonly script: string;
  readonly absent?: () => Promise<string | undefined>;
  /** Port of the broker, once `absent` has found or started it. */
  readonly server?: () => number;
}

/** One publisher to so many subscribers; `rate` is what the slowest of them received, none losing any. */
export function peerStream(peer: Peer, subscribers: number, bytes: number): Contender {
  const script = roleScript(import.meta.url, peer.script);
  return processes(
    peer.name,
    ({ seconds, warmupSeconds }) =>
      Array.from({ length: subscribers + 1 }, (_, rank) => ({
        script,
        args: {
          part: rank === 0 ? 'publisher' : 'subscriber',
          server: peer.server?.() ?? 0,
          plan: { bytes, seconds, warmupSeconds },
        },
      })),
    lowestReadings,
    peer,
  );
}

/** A question published by one process and the answer published by another; p50 and p99 in microseconds. */
export function peerRoundTrip(peer: Peer, bytes: number, pace: Pace): Contender {
  const script = roleScript(import.meta.url, peer.script);
  return processes(
    peer.name,
    ({ seconds, warmupSeconds }) =>
      ['asker', 'answerer'].map((part) => ({
        script,
        args: { part, server: peer.server?.() ?? 0, plan: { bytes, pace, seconds, warmupSeconds } },
      })),
    onlyReadings,
    peer,
  );
}

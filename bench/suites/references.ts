import type { Comparison, Contender, Suite } from '../harness/comparison.js';
import { copy } from '../limits/copy.js';
import { fanoutRing, orderRing, roundTripRing } from '../limits/ring.js';
import { unixSocketRoundTrip, unixSocketStream } from '../limits/unix-socket.js';
import { nats } from '../peers/nats.js';
import { peerRoundTrip, peerStream } from '../peers/peer.js';
import { ws } from '../peers/ws.js';
import { zeromq } from '../peers/zeromq.js';
import { size, sizeName } from './sizes.js';

const peers = [zeromq, nats, ws];
const rate = [{ reading: 'rate', unit: 'msg/s' }];

/** The references alone, without the product: what the machine and the others allow. */
export const references: Suite = {
  name: 'references',
  about: 'the bare limits and the peers alone, each against the limit under it',
  comparisons: () => [
    ...[2, 3].flatMap((members) =>
      [size.b16, size.kib1, size.kib10, size.kib100, size.mib1].map((bytes) =>
        alone(
          rate,
          `order, ${members} members, ${sizeName(bytes)}`,
          [orderRing(members, bytes)],
          copy(bytes),
        ),
      ),
    ),
    ...[1, 3].flatMap((readers) =>
      [size.b16, size.b128, size.kib1, size.kib10, size.kib100, size.mib1].map((bytes) =>
        alone(
          rate,
          `1 to ${readers}, ${sizeName(bytes)}`,
          [fanoutRing(readers, bytes), ...peers.map((peer) => peerStream(peer, readers, bytes))],
          unixSocketStream(readers, bytes),
        ),
      ),
    ),
    ...(['paced', 'busy'] as const).map((pace) =>
      alone(
        ['p50', 'p99'].map((reading) => ({ reading, unit: 'µs', label: reading })),
        `round trip, ${pace}`,
        [
          ...(pace === 'busy' ? [roundTripRing(size.kib1, pace)] : []),
          ...peers.map((peer) => peerRoundTrip(peer, size.kib1, pace)),
        ],
        unixSocketRoundTrip(size.kib1, pace),
      ),
    ),
  ],
};

function alone(
  metrics: Comparison['metrics'],
  name: string,
  contenders: readonly Contender[],
  limit: Contender,
): Comparison {
  return {
    metrics,
    ours: contenders.map((contender) => ({ case: `${name}, ${contender.name}`, contender })),
    references: [limit],
  };
}

import { type Suite, onlyReadings } from '../harness/comparison.js';
import { roundTripRing } from '../limits/ring.js';
import { unixSocketRoundTrip } from '../limits/unix-socket.js';
import { nats } from '../peers/nats.js';
import { peerRoundTrip } from '../peers/peer.js';
import { ws } from '../peers/ws.js';
import { zeromq } from '../peers/zeromq.js';
import { product } from '../product/product.js';
import { size } from './sizes.js';

/** Round trips of 1 KiB between two members of an atomic topic. */
export const latency: Suite = {
  name: 'latency',
  about: 'round trip of 1 KiB, every 2 ms (paced) and back to back (busy): p50 and p99',
  comparisons: () =>
    (['paced', 'busy'] as const).map((pace) => ({
      metrics: ['p50', 'p99'].map((reading) => ({ reading, unit: 'µs', label: reading })),
      ours: [
        {
          case: pace,
          contender: product(
            'bowecho',
            () =>
              ['asker', 'answerer'].map((part) => ({
                script: './latency-role.js',
                args: { part, bytes: size.kib1, pace },
              })),
            onlyReadings,
          ),
        },
      ],
      references: [
        // The bare ring never sleeps, so only its busy round trip can be compared.
        ...(pace === 'busy' ? [roundTripRing(size.kib1, pace)] : []),
        peerRoundTrip(zeromq, size.kib1, pace),
        peerRoundTrip(nats, size.kib1, pace),
        peerRoundTrip(ws, size.kib1, pace),
        unixSocketRoundTrip(size.kib1, pace),
      ],
    })),
};

import type { Json } from '../harness/json.js';
import type { Suite } from '../harness/comparison.js';
import { agreedRate } from '../limits/ring.js';
import { tcpSockets } from '../limits/tcp-socket.js';
import { product, times } from '../product/product.js';
import { size, sizeName } from './sizes.js';

const members = 3;
let domains = 0;

/** Each run has an address of its own: all of 127.0.0.0/8 is this machine. */
function newAddress(): string {
  return `tcp://127.1.${(process.pid >> 8) & 0xff}.${process.pid & 0xff}:${7400 + ++domains}/bench`;
}

/** TLS even here, with keys from a secret: certificates would add nothing but their check at the beginning. */
const tls: Json = { secret: 'what all members of the bench know', plain: false };

/** Every member writes as fast as there is room, and delivers everything in the same order; nothing is shared but sockets, unless the case says so. */
export const tcp: Suite = {
  name: 'tcp',
  about: 'total order over TCP on loopback, 3 members, all send: messages delivered at each member',
  comparisons: () =>
    [size.b16, size.kib1, size.kib100, size.mib1].map((bytes) => ({
      warmupSeconds: 4,
      metrics: [{ reading: 'rate', unit: 'msg/s' }],
      ours: [
        { label: 'plain', tcp: {} },
        { label: 'TLS', tcp: tls },
        { label: 'shared pages', tcp: { sharePages: true } },
      ].map(({ label, tcp }) => ({
        case: `${members} members, ${sizeName(bytes)}, ${label}`,
        contender: product(
          `bowecho, ${label}`,
          () => times(members, { script: './order-role.js', args: { bytes, tcp, domain: newAddress() } }),
          agreedRate,
        ),
      })),
      references: [tcpSockets(members, bytes)],
    })),
};

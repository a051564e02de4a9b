import { type Contender, type Suite, lowestReadings } from '../harness/comparison.js';
import { fanoutRing } from '../limits/ring.js';
import { unixSocketStream } from '../limits/unix-socket.js';
import { nats } from '../peers/nats.js';
import { peerStream } from '../peers/peer.js';
import { ws } from '../peers/ws.js';
import { zeromq } from '../peers/zeromq.js';
import type { Way } from '../product/form.js';
import { product, times } from '../product/product.js';
import { size, sizeName } from './sizes.js';

const sizes = [size.b16, size.b128, size.kib1, size.kib10, size.kib100];
const forms = ['bytes', 'in place', 'protobuf', 'protobuf, varied texts'] as const;
/** Sizes at which the slower way to read is measured as well: those whose cost is not the copying of bytes. */
const observedSizes: readonly number[] = [size.b128, size.kib1];

/** One writer, one or three readers. The name of a case alone means `borrow`, the fastest way to read. */
export const fanout: Suite = {
  name: 'fanout',
  about: '1 writer to 1 and 3 readers: messages received at each reader',
  comparisons: () =>
    [3, 1].flatMap((readers) =>
      sizes.map((bytes) => ({
        metrics: [{ reading: 'rate', unit: 'msg/s' }],
        ours: forms.flatMap((form) =>
          waysOf(form, bytes).map((way) => ({
            case: `1 to ${readers}, ${sizeName(bytes)}, ${form}${way === 'borrow' ? '' : `, ${way}`}`,
            contender: bowecho(readers, bytes, form, way),
          })),
        ),
        references: [
          fanoutRing(readers, bytes),
          peerStream(zeromq, readers, bytes),
          peerStream(nats, readers, bytes),
          peerStream(ws, readers, bytes),
          unixSocketStream(readers, bytes),
        ],
      })),
    ),
};

/** Texts that come again are decoded faster: what that is worth is told for owned samples. */
function waysOf(form: (typeof forms)[number], bytes: number): readonly Way[] {
  const observed = observedSizes.includes(bytes);
  if (form === 'protobuf, varied texts') return observed ? ['samples$'] : [];
  return observed ? ['borrow', 'samples$'] : ['borrow'];
}

function bowecho(readers: number, bytes: number, form: (typeof forms)[number], way: Way): Contender {
  return product(
    `bowecho ${form}, ${way}`,
    () => [
      { script: './fanout-role.js', args: { part: 'writer', bytes, form, way } },
      ...times(readers, { script: './fanout-role.js', args: { part: 'reader', bytes, form, way } }),
    ],
    lowestReadings,
  );
}

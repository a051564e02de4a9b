import type { Suite } from '../harness/comparison.js';
import { copy } from '../limits/copy.js';
import { agreedRate, orderRing } from '../limits/ring.js';
import { product, times } from '../product/product.js';
import { size, sizeName } from './sizes.js';

const sizes = [size.b16, size.kib1, size.kib10, size.kib100, size.mib1];

/** Every member writes as fast as there is room, and delivers everything in the same order. */
export const order: Suite = {
  name: 'order',
  about: 'total order, 2 and 3 members, all send: messages delivered at each member',
  comparisons: () =>
    [3, 2].flatMap((members) =>
      sizes.map((bytes) => ({
        metrics: [{ reading: 'rate', unit: 'msg/s' }],
        ours: [
          {
            case: `${members} members, ${sizeName(bytes)}`,
            contender: product(
              'bowecho',
              () => times(members, { script: './order-role.js', args: { bytes } }),
              agreedRate,
            ),
          },
        ],
        references: [
          orderRing(members, bytes),
          // From here on the memory is the limit, and one copy is the least that a writer can do.
          ...(bytes >= size.kib100 ? [copy(bytes)] : []),
        ],
      })),
    ),
};

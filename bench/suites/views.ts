import { type Suite, lowestReadings } from '../harness/comparison.js';
import type { Json } from '../harness/json.js';
import type { Readings } from '../harness/comparison.js';
import { product, times } from '../product/product.js';
import { size } from './sizes.js';

const survivors = 2;

/** How long a view change takes under load, and the longest pause between two samples while it lasts. */
export const views: Suite = {
  name: 'views',
  about: 'crash, leave and join of a member under load: time to the new view, at the slowest survivor',
  comparisons: () =>
    ['crash', 'leave', 'join'].map((event) => ({
      metrics: [{ reading: 'installed', unit: 'ms' }],
      ours: [
        {
          case: event,
          contender: product(
            `bowecho ${event}`,
            () => [
              ...times(survivors, {
                script: './views-role.js',
                args: { part: 'survivor', event, bytes: size.kib1 },
              }),
              {
                script: './views-role.js',
                args: { part: 'other', event, bytes: size.kib1 },
                mayDie: event === 'crash',
              },
            ],
            slowest,
          ),
        },
      ],
      references: [],
    })),
};

function slowest(results: readonly Json[]): Readings {
  const negated = results.map((result) =>
    result === null ? null : { installed: -Number((result as Readings)['installed']) },
  );
  return { installed: -lowestReadings(negated)['installed']! };
}

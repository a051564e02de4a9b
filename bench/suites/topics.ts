import { type Contender, type Suite, lowestReadings } from '../harness/comparison.js';
import { product, times } from '../product/product.js';
import { size } from './sizes.js';

const members = 2;

/** What open but quiet topics cost a busy one, and whether a reader that starts on one topic holds up another. */
export const topics: Suite = {
  name: 'topics',
  about: '200 topics open and one busy, against that one alone; a reader that starts on another topic',
  comparisons: () => [
    {
      metrics: [{ reading: 'rate', unit: 'msg/s' }],
      ours: [{ case: '200 open, 1 busy', contender: busyOneOf(200, 'bowecho, 200 topics') }],
      references: [busyOneOf(1, 'one topic')],
    },
    {
      // The longest time between two samples of B in each window in which a reader starts on A, in which nothing happens, and in which a
      // process does the same in a domain of its own: what it takes of the two cores alone.
      warmupSeconds: 12,
      metrics: [
        { reading: 'gap', unit: 'ms', label: 'gap on B' },
        { reading: 'worst', unit: 'ms', label: 'gap on B, worst' },
      ],
      ours: [{ case: 'reader starts on A', contender: longestGap('here', 'bowecho, joining') }],
      references: [
        longestGap('nowhere', 'nobody starts'),
        longestGap('elsewhere', 'starts in another domain'),
      ],
    },
  ],
};

function busyOneOf(count: number, name: string): Contender {
  return product(
    name,
    () => times(members, { script: './topics-role.js', args: { topics: count, bytes: size.kib1 } }),
    lowestReadings,
  );
}

function longestGap(starting: 'here' | 'elsewhere' | 'nowhere', name: string): Contender {
  return product(
    name,
    () =>
      ['writer', 'reader', 'starter'].map((part) => ({
        script: './starting-reader-role.js',
        args: { part, starting, bytes: size.kib1 },
      })),
    lowestReadings,
  );
}

import type { Suite } from '../harness/comparison.js';
import { onlyReadings } from '../harness/comparison.js';
import { product } from '../product/product.js';

const lines = 100_000;

/** The compiler's front end on a large file: cold, as a command runs it, and the memory that it takes at most. */
export const idl: Suite = {
  name: 'idl',
  about: 'a file of 100,000 lines of IDL, checked in a new process: lines a second, and the most memory',
  comparisons: () => [
    {
      metrics: [
        { reading: 'rate', unit: 'lines/s', label: 'check' },
        { reading: 'memory', unit: 'MiB', label: 'memory' },
      ],
      ours: [
        {
          case: '100,000 lines',
          contender: product('bowecho', () => [{ script: './idl-role.js', args: { lines } }], onlyReadings),
        },
      ],
      references: [],
    },
  ],
};

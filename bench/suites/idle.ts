import { type Suite, onlyReadings, processes } from '../harness/comparison.js';
import { roleScript } from '../harness/session.js';
import { product, times } from '../product/product.js';

const members = 3;
/** Long enough that what happens once a second or so has its share. */
const watchedSeconds = 10;
/** V8 tidies its heap in the first half minute after a program has come to rest; that is the end of its work, not a part of its idleness. */
const settleSeconds = 25;

const extraMs = (watchedSeconds + settleSeconds) * 1000;

/** What is spent before a member does anything: Node with the libraries that it needs. */
const bareNode = processes(
  'bare node',
  () => [
    { script: roleScript(import.meta.url, '../limits/bare-node-role.js'), args: null },
    {
      script: roleScript(import.meta.url, '../harness/observer-role.js'),
      args: { seconds: watchedSeconds, settleSeconds },
    },
  ],
  onlyReadings,
  { extraMs },
);

/** A domain of three members with one topic, in which nothing happens. */
export const idle: Suite = {
  name: 'idle',
  about: 'an idle domain of 3 members, one topic: processor time and private memory of the costliest member',
  comparisons: () => [
    {
      metrics: [
        { reading: 'cpu', unit: '%', label: 'cpu' },
        { reading: 'memory', unit: 'MiB', label: 'memory' },
      ],
      ours: [
        {
          case: '',
          contender: product(
            'bowecho',
            () => [
              ...times(members, { script: './idle-role.js', args: {} }),
              { script: '../harness/observer-role.js', args: { seconds: watchedSeconds, settleSeconds } },
            ],
            onlyReadings,
            { extraMs },
          ),
        },
      ],
      references: [bareNode],
    },
  ],
};

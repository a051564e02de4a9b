import type { Mutant } from '../mutant.js';

const clock = 'runtime/multicast/logical-clock.ts';
const settling = 'runtime/multicast/settling.ts';

/** Times, and how far the past is settled: section 3. */
export const pastMutants: readonly Mutant[] = [
  {
    name: 'clock-not-passed',
    breaks:
      'Section 3, Settle: what is written after a clock was shown is later. Here it may be of the same time.',
    edits: [{ file: clock, find: 'time[0]! += 1;', replace: '' }],
    oracles: ['settledIsComplete', 'settledIsFinal', 'timesFollowCausality'],
    draw: 'persistent',
  },
  {
    name: 'command-applied-again',
    breaks:
      'Section 7: a replicated state is the same at one version everywhere. Here what the log has from before a snapshot is applied to it again.',
    edits: [
      {
        file: 'runtime/dds/applied.ts',
        find: 'if (!isAfter(epoch, sequence, this.version.epoch, this.version.sequence)) return false;',
        replace: '',
      },
    ],
    oracles: ['statesAreAlike'],
    draw: 'persistent',
    seed: 1,
  },
  {
    name: 'settled-before-committed',
    breaks:
      'Section 3, Settle: a time is settled once all is committed that was public when the clocks were read. Here at once.',
    edits: [{ file: settling, find: 'if (committed >= this.#end) this', replace: 'this' }],
    oracles: ['settledIsComplete'],
    draw: 'persistent',
  },
  {
    name: 'writers-not-asked',
    breaks: 'Section 3, Settle: the least clock of all members. Here of the receivers.',
    edits: [
      {
        file: settling,
        find: 'for (const rows of [senderRows, receiverRows])',
        replace: 'for (const rows of [receiverRows])',
      },
    ],
    oracles: ['settledIsFinal', 'settledIsComplete'],
    draw: 'persistent',
  },
  {
    name: 'received-and-not-observed',
    breaks:
      'Section 3, Receive: what follows from a sample is later. Here the clock does not see what is received.',
    edits: [
      {
        file: 'runtime/multicast/inbox.ts',
        find: 'this.#clock.observe(senderRows[s]![columns.stabilityClock]!);',
        replace: '',
      },
    ],
    oracles: ['timesFollowCausality'],
    draw: 'persistent',
  },
  {
    name: 'clocks-not-handed-on',
    breaks:
      'Section 6, step 7: whoever installs a view is later than all who ended the epochs before it. Here a new writer may be behind them.',
    edits: [
      {
        file: 'runtime/membership/membership.ts',
        find: 'this.#clock.observe(this.#table.latestClock());',
        replace: '',
      },
    ],
    oracles: ['settledIsFinal', 'timesFollowCausality'],
    draw: 'persistent',
    seed: 158,
  },
];

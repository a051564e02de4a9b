import type { Mutant } from '../mutant.js';

const topicHistory = 'runtime/history/topic-history.ts';
const boundary = 'runtime/history/boundary.ts';
const exchange = 'runtime/history/exchange.ts';

/** Faults in what late readers get of the history (protocol.md, section 8). */
export const historyMutants: readonly Mutant[] = [
  {
    name: 'joins-skip-the-history',
    breaks:
      'Section 8: whoever begins to hold a topic gets what its holders keep. Here it begins with nothing.',
    edits: [
      {
        file: boundary,
        find: ': others.some(({ since }) => since < epoch);',
        replace: ': false;',
      },
    ],
    oracles: ['historyIsWhole'],
  },
  {
    name: 'history-deeper-than-asked',
    breaks: 'Section 8: a late reader gets as much of each instance as it asks for. Here one sample more.',
    edits: [
      {
        file: topicHistory,
        find: 'if (count <= reader.historyDepth)',
        replace: 'if (count <= reader.historyDepth + 1)',
      },
    ],
    oracles: ['historyInOrder'],
  },
  {
    name: 'lost-while-history-comes',
    breaks:
      'Section 8: the newcomer holds back what comes while it waits for the history. Here that is lost.',
    edits: [{ file: topicHistory, find: 'this.#backlog.push(item);', replace: '' }],
    oracles: ['liveAfterHistory'],
  },
  {
    name: 'history-given-up',
    breaks:
      'Section 8: the newcomer waits for any holder that may have the history. Here it gives up at once.',
    edits: [{ file: exchange, find: 'if (hope) return false;', replace: '' }],
    oracles: ['historyLostWithItsHolders'],
    seed: 5,
  },
  {
    name: 'rest-of-history-is-missed',
    breaks:
      'Section 8: whoever began to hold a topic while only the failed knew where an epoch ended takes the history anew once that is known. Here it gives others what it has, without the rest.',
    edits: [{ file: boundary, find: '? this.lacksRest && unsettled === undefined', replace: '? false' }],
    oracles: ['historyInOrder', 'historyIsWhole'],
    draw: 'large',
    seed: 256,
  },
  {
    name: 'held-back-goes-with-the-history',
    breaks:
      'Section 8: whoever ceases to hold a topic while it waits for the history hands out what it held back. Here its readers never get that.',
    edits: [
      {
        file: topicHistory,
        find: "this.#giveUp(new HistoryError('BE_HISTORY_LOST', 'this participant holds the topic no more'));",
        replace: '(this.#needs = 0), (this.#pending = []);',
      },
    ],
    oracles: ['liveAfterHistory'],
    draw: 'persistent',
    seed: 7628,
  },
];

import type { Mutant } from '../mutant.js';

const replicaLog = 'runtime/durability/replica/replica-log.ts';
const logSource = 'runtime/durability/replica/log-source.ts';
const installed = 'runtime/membership/installed.ts';
const subgroup = 'runtime/multicast/subgroup.ts';
const logSink = 'runtime/durability/replica/log-sink.ts';

/** Faults in how a replica comes back with its log (protocol.md, section 8). */
export const rejoinMutants: readonly Mutant[] = [
  {
    name: 'unfinished-joiner-is-whole',
    breaks: 'Section 8: a replica that lacks something gathers what comes. Here it counts as whole at once.',
    edits: [
      {
        file: replicaLog,
        find: 'if (ended < 0 || isWhole || hasEnded)',
        replace: 'if (ended < 0 || isWhole || hasEnded || true)',
      },
    ],
    oracles: ['logsSkipNothing', 'wholeLogsAlike'],
    draw: 'persistent',
    seed: 1,
  },
  {
    name: 'catch-up-skips-one',
    breaks:
      'Section 8: what is given follows what the two logs agree on. Here the sample after that is left out.',
    edits: [{ file: logSource, find: 'sequence: sequence + 1', replace: 'sequence: sequence + 2' }],
    oracles: ['logsFollowTheOrder', 'logsSkipNothing', 'wholeLogsAlike'],
    draw: 'persistent',
    seed: 11,
  },
  {
    name: 'catch-up-repeats',
    breaks:
      'Section 8: a log gets only what it lacks. Here it gets its last sample again, and takes what it is given.',
    edits: [
      { file: logSource, find: 'sequence: sequence + 1', replace: 'sequence' },
      {
        file: logSink,
        find: 'if (!isAfter(epoch, sequence, last.epoch, last.sequence))',
        replace: 'if (epoch < last.epoch)',
      },
    ],
    oracles: ['logsFollowTheOrder', 'logsSkipNothing'],
    draw: 'persistent',
    seed: 11,
  },
  {
    name: 'gathered-while-moved',
    breaks:
      'Section 8: while the last of what was gathered is moved into the log, nothing new is taken. Here it is.',
    edits: [{ file: replicaLog, find: 'this.#waits = true;', replace: '' }],
    oracles: ['logsFollowTheOrder', 'logsSkipNothing'],
    draw: 'persistent',
    seed: 2,
  },
  {
    name: 'whole-before-durable',
    breaks: 'Section 8: a log is marked whole once all of it is durable. Here as soon as it is written.',
    edits: [{ file: replicaLog, find: 'yield* this.#until(() => isDurable(this.log));', replace: '' }],
    oracles: ['wholeLogsAlike'],
    draw: 'persistent',
    seed: 2,
  },
  {
    name: 'lost-end-sent-again',
    breaks:
      'Section 8: what the log that comes back has of an epoch whose end only the failed knew is not sent again. Here it is.',
    edits: [{ file: installed, find: ', this.#kept.get(topic.name)', replace: '' }],
    oracles: ['logsHaveNothingTwice'],
    draw: 'persistent',
    seed: 127,
  },
  {
    name: 'lost-end-not-delivered',
    breaks:
      'Section 8: who was in an epoch whose end only the failed knew delivers the rest of it once one of them is back. Here nobody does.',
    edits: [
      {
        file: subgroup,
        find: 'this.#inbox?.deliverInOrder(Math.min(lastSequence + 1, row[columns.received]!));',
        replace: '',
      },
    ],
    oracles: ['lostEndIsDelivered'],
    draw: 'persistent',
    seed: 127,
  },
  {
    name: 'lost-end-is-final',
    breaks:
      'Section 8: an epoch whose end only the failed know can go on behind its trim. Here what follows that counts as nothing.',
    edits: [
      {
        file: subgroup,
        find: "if (loses && this.layout.persistent === 'commit') this.#inbox?.deliverInOrder(trimEnd(trim));\n    else ",
        replace: '',
      },
    ],
    oracles: ['lostEndIsDelivered'],
    draw: 'persistent',
    seed: 127,
  },
];

import type { Mutant } from '../mutant.js';

const subgroup = 'runtime/multicast/subgroup.ts';
const inbox = 'runtime/multicast/inbox.ts';
const row = 'runtime/multicast/row.ts';
const walk = 'runtime/multicast/walk.ts';
const outbox = 'runtime/multicast/outbox.ts';
const ring = 'runtime/multicast/ring.ts';

/** Faults between two view changes: rings, order, nulls, stability (protocol.md, sections 3 and 4). */
export const steadyStateMutants: readonly Mutant[] = [
  {
    name: 'delivery-before-stability',
    breaks: 'Section 3: what every receiver has is delivered. Here what I have.',
    edits: [
      {
        file: subgroup,
        find: 'return least(this.#memory.receiverRows, this.#memory.columns.received);',
        replace: 'return this.#memory.row[this.#memory.columns.received]!;',
      },
    ],
    oracles: ['stableBeforeDelivery'],
  },
  {
    name: 'stability-over-senders',
    breaks: 'Section 3: stability is over all receivers. Here over those that send, too.',
    edits: [
      {
        file: subgroup,
        find: 'return least(this.#memory.receiverRows, this.#memory.columns.received);',
        replace: `const rows = this.#memory.receiverRows.filter((_, r) => this.layout.senders.includes(this.layout.receivers[r]!));
        return least(rows.length > 0 ? rows : this.#memory.receiverRows, this.#memory.columns.received);`,
      },
    ],
    oracles: ['stableBeforeDelivery'],
  },
  {
    name: 'stability-without-the-newest',
    breaks:
      'Section 3: stability is over the receivers of this epoch. Here over those of a stale set, without the newest.',
    edits: [
      {
        file: subgroup,
        find: 'return least(this.#memory.receiverRows, this.#memory.columns.received);',
        replace:
          'const rows = this.#memory.receiverRows;\nreturn least(rows.length > 1 ? rows.slice(0, -1) : rows, this.#memory.columns.received);',
      },
    ],
    oracles: ['stableBeforeDelivery'],
  },
  {
    name: 'acknowledged-too-early',
    breaks: "Section 3: a writer's turn is stable when every receiver has it. Here when any has.",
    edits: [
      {
        file: row,
        find: 'if (value < result) result = value;',
        replace: 'if (value > result) result = value;',
      },
      {
        file: subgroup,
        find: 'return least(this.#memory.receiverRows, this.#memory.columns.received);',
        replace:
          'return Math.min(...this.#memory.receiverRows.map((row) => row[this.#memory.columns.received]!));',
      },
    ],
    oracles: ['acknowledgedIsKept'],
    seed: 3,
  },
  {
    name: 'room-by-the-fastest',
    breaks:
      'Section 3: room is what the slowest receiver has consumed. Here what the fastest has: frames are overwritten.',
    edits: [
      {
        file: outbox,
        find: 'if (consumed < freed) freed = consumed;',
        replace: 'if (consumed > freed) freed = consumed;',
      },
    ],
    oracles: ['nothingInvented'],
  },
  {
    name: 'room-before-the-pad',
    breaks: 'Section 3: a frame goes where there is room for it. Here the pad before it is not counted.',
    edits: [
      {
        file: ring,
        find: 'if (this.room < contiguous + frame) return false;',
        replace: 'if (this.room < frame) return false;',
      },
    ],
    oracles: ['agreementAndOrder'],
    seed: 24,
  },
  {
    name: 'sent-before-its-frames',
    breaks: 'Section 3: the ring is put, then `sent`. Here `sent` is put first.',
    edits: [
      {
        file: outbox,
        find: 'const from = ring.offsetOf(this.#pushedPosition);',
        replace:
          'row[columns.real] = ring.real;\nrow[columns.sent] = ring.turns;\nthis.#memory.putRow();\nconst from = ring.offsetOf(this.#pushedPosition);',
      },
    ],
    oracles: ['agreementAndOrder'],
    seed: 33,
  },
  {
    name: 'wrapped-range-not-put',
    breaks: 'Section 3: all that was committed is put. Here not what lies beyond the end of the ring.',
    edits: [
      {
        file: outbox,
        find: 'if (past > 0) region.putPayload(',
        replace: 'if (past > 0 && past < 0) region.putPayload(',
      },
    ],
    oracles: ['fifoAtMostOnce'],
    seed: 3,
  },
  {
    name: 'nulls-answer-nulls',
    breaks:
      'Section 3: only real messages are answered, up to their turn. Here nulls are, too, and a turn beyond.',
    edits: [
      { file: outbox, find: 'row[columns.real] = ring.real;', replace: 'row[columns.real] = ring.turns;' },
      { file: outbox, find: 'mySender < s ? real : real - 1', replace: 'mySender < s ? real + 1 : real' },
    ],
    oracles: ['idleIsSilent'],
  },
  {
    name: 'null-run-too-short',
    breaks: 'Section 3: who comes before a speaker fills up to its turn. Here one less.',
    edits: [{ file: outbox, find: 'mySender < s ? real : real - 1', replace: 'real - 1' }],
    oracles: ['progressAfterHealing'],
  },
  {
    name: 'null-run-off-by-one',
    breaks: 'Section 3: a run of nulls is as many turns as it says. Here the reader takes one more.',
    edits: [{ file: walk, find: 'reader.nulls = length - 1;', replace: 'reader.nulls = length;' }],
    oracles: ['noGap'],
  },
  {
    name: 'received-by-the-newest',
    breaks: 'Section 2: `received` is the minimum over all senders. Here over those that have just sent.',
    edits: [
      {
        file: inbox,
        find: 'numReceived[s] = here;',
        replace: 'numReceived[s] = here;\nlatest = Math.min(latest, here * senders + s);',
      },
      { file: inbox, find: 'let moved = false;', replace: 'let moved = false;\nlet latest = Infinity;' },
      { file: inbox, find: 'row[columns.received] = received;', replace: 'row[columns.received] = latest;' },
    ],
    oracles: ['countersGrow'],
  },
  {
    name: 'row-put-without-news',
    breaks: 'Section 7: idle is silent. Here a row is put whenever it is looked at.',
    edits: [{ file: subgroup, find: 'if (moved) this.#publish();', replace: 'this.#publish();' }],
    oracles: ['idleIsSilent'],
  },
  {
    name: 'large-room-too-early',
    breaks:
      'Section 4: large messages are freed in the order of their frames. Here as soon as they are sent.',
    edits: [
      {
        file: 'runtime/multicast/large.ts',
        find: 'this.#frameEnds[this.#oldest]! <= freed',
        replace: 'this.#frameEnds[this.#oldest]! <= freed + 1024',
      },
    ],
    oracles: ['nothingInvented'],
  },
];

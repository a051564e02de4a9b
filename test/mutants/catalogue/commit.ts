import type { Mutant } from '../mutant.js';

const commit = 'runtime/multicast/commit.ts';
const viewEnd = 'runtime/membership/view-end.ts';
const preparation = 'runtime/membership/preparation.ts';
const subgroup = 'runtime/multicast/subgroup.ts';

/** Persistent topics: sections 3 and 6. */
export const commitMutants: readonly Mutant[] = [
  {
    name: 'one-replica-is-enough',
    breaks: 'Section 3: what every replica has on its disk is committed. Here what any has.',
    edits: [
      {
        file: commit,
        find: 'least(replicaRows, columns.persisted)',
        replace: 'Math.max(...replicaRows.map((row) => row[columns.persisted]!))',
      },
    ],
    oracles: ['committedBeforeDelivery', 'committedIsDurable'],
    draw: 'persistent',
  },
  {
    name: 'own-disk-is-enough',
    breaks: 'Section 3: a replica delivers what is committed. Here what it has on its own disk.',
    edits: [
      {
        file: commit,
        find: "if (this.#memory.layout.persistent === 'commit' || this.#memory.keepsNothing) return this.committed;",
        replace:
          "if (this.#memory.stores && this.#memory.layout.persistent === 'commit') return this.#memory.row[this.#memory.columns.persisted]!;\nif (this.#memory.layout.persistent === 'commit' || this.#memory.keepsNothing) return this.committed;",
      },
    ],
    oracles: ['committedBeforeDelivery'],
    draw: 'persistent',
  },
  {
    name: 'record-after-delivery',
    breaks:
      'Section 3: a persistent topic delivers what is committed. Here what is stable, and persists behind.',
    edits: [
      {
        file: commit,
        find: "if (this.#memory.layout.persistent === 'commit' ||",
        replace: 'if (',
      },
    ],
    oracles: ['committedBeforeDelivery'],
    draw: 'persistent',
  },
  {
    name: 'record-after-delivery-on-one-host',
    breaks:
      'Section 3: a persistent topic delivers what is committed, on one host too. Here what is stable where members share memory.',
    edits: [
      {
        file: commit,
        find: "if (this.#memory.layout.persistent === 'commit' ||",
        replace: "if ((this.#memory.layout.persistent === 'commit' && !this.#memory.transport.aliased) ||",
      },
    ],
    oracles: ['committedBeforeDelivery'],
    draw: 'persistent',
  },
  {
    name: 'persisted-when-written',
    breaks: 'Section 3: a replica shows what is durable. Here what it has handed to its log.',
    edits: [
      {
        file: commit,
        find: 'const durable = this.#durable(this.#walk);',
        replace: 'const durable = this.#walk.passed;',
      },
    ],
    oracles: ['committedBeforeDelivery', 'committedIsDurable'],
    draw: 'persistent',
  },
  {
    name: 'received-is-recorded',
    breaks: 'Section 3: a replica records what is stable. Here what it has received itself.',
    edits: [
      {
        file: subgroup,
        find: 'commit.record(stable);',
        replace: 'commit.record(this.#memory.row[this.#memory.columns.received]!);',
      },
    ],
    oracles: ['logsEndAlike', 'logsFollowTheOrder'],
    draw: 'persistent',
    seed: 7,
  },
  {
    name: 'ring-freed-before-the-log',
    breaks:
      'Section 3: what lies in a ring is needed until the log has a copy. Here topics that deliver what is stable do not wait for it.',
    edits: [
      {
        file: commit,
        find: 'return this.#walk === undefined ? stable : Math.min(stable, this.#walk.passed);',
        replace: 'return stable;',
      },
    ],
    oracles: ['logsFollowTheOrder', 'nobodyIsCorrupt'],
    draw: 'persistent',
    seed: 33,
  },
  {
    name: 'delivery-without-a-replica',
    breaks:
      'Section 6, step 5: without a replica nothing is committed, and a trim keeps nothing. Here it keeps what was received.',
    edits: [
      {
        file: subgroup,
        find: 'if (keepsNothing) return this.layout.senders.map(() => 0);',
        replace:
          'if (keepsNothing && this.layout.receivers.length === 0) return this.layout.senders.map(() => 0);',
      },
    ],
    unmasked: [
      {
        file: subgroup,
        find: 'if (keepsNothing) return turns === 0;',
        replace: 'if (keepsNothing) return true;',
      },
    ],
    oracles: ['committedBeforeDelivery'],
    draw: 'persistent',
    seed: 14,
  },
  {
    name: 'trim-before-it-is-persisted',
    breaks:
      'Section 6, step 6: what the trim brings is persisted before it is delivered. Here it is not waited for.',
    edits: [
      {
        file: viewEnd,
        find: 'if (!end.persist(left)) persisted = false;',
        replace: 'end.persist(left);',
      },
    ],
    oracles: ['committedBeforeDelivery', 'logsEndAlike'],
    draw: 'persistent',
  },
  {
    name: 'trim-persisted-here-alone',
    breaks:
      'Section 6, step 6: all replicas that are left persist what the trim brings. Here each looks at itself.',
    edits: [
      {
        file: viewEnd,
        find: 'const left = this.#suspicions.survivors();',
        replace: 'const left = [this.#table.ids[this.#table.me]!];',
      },
    ],
    oracles: ['committedBeforeDelivery'],
    draw: 'persistent',
  },
  {
    name: 'acting-before-prepared',
    breaks:
      'Section 6, step 6: nobody acts on a trim before all have prepared the next view. Here nobody waits.',
    edits: [
      {
        file: viewEnd,
        find: 'if (!this.#preparation.evaluate(selfCheck)) return false;',
        replace: 'this.#preparation.evaluate(selfCheck);',
      },
    ],
    oracles: ['preparedBeforeTheTrim'],
    draw: 'persistent',
  },
  {
    name: 'prepared-before-durable',
    breaks:
      'Section 6, step 6: who has prepared has the record on its disk. Here it has only begun to write it.',
    edits: [
      {
        file: preparation,
        find: 'if (!this.#isDurable(record)) return false;',
        replace: 'this.#isDurable(record);',
      },
    ],
    oracles: ['preparedBeforeTheTrim'],
    draw: 'persistent',
  },
  {
    name: 'own-record-is-enough',
    breaks: 'Section 6, step 6: every survivor prepares the next view. Here each waits for itself alone.',
    edits: [
      {
        file: preparation,
        find: 'return this.#survivors().every((rank) =>',
        replace: 'return [table.me].every((rank) =>',
      },
    ],
    oracles: ['preparedBeforeTheTrim'],
    draw: 'persistent',
  },
  {
    name: 'record-without-trims',
    breaks: 'Section 6, step 6: the record says where the epochs end. Here it leaves that out.',
    edits: [
      {
        file: preparation,
        find: '{ slot, trim: null } : this.#table.notesOf(noting)!.trims.get(slot)!',
        replace: '{ slot, trim: null } : { slot, trim: null }',
      },
    ],
    unmasked: [{ file: preparation, find: 'this.#check(record);', replace: '' }],
    oracles: ['preparedBeforeTheTrim'],
    draw: 'persistent',
  },
  {
    name: 'record-not-adopted',
    breaks:
      'Section 6, step 6: a leader takes over the record that a survivor shows, and records are compared. Here it makes one of its own, and any will do.',
    edits: [{ file: preparation, find: 'if (shown !== undefined) return shown;', replace: '' }],
    unmasked: [
      {
        file: preparation,
        find: 'table.hasPrepared(rank) && this.#recordOf(rank) === record',
        replace: 'table.hasPrepared(rank)',
      },
    ],
    oracles: ['preparedBeforeTheTrim'],
    draw: 'persistent',
    seed: 79,
  },
  {
    name: 'any-trims-record',
    breaks:
      'Section 6, step 6: nobody acts before all survivors show the same record of the trims. Here any record will do, and a new leader makes one of its own.',
    edits: [
      {
        file: preparation,
        find: 'table.hasPrepared(rank) && this.#recordOf(rank) === record',
        replace: 'table.hasPrepared(rank)',
      },
    ],
    unmasked: [{ file: preparation, find: 'if (shown !== undefined) return shown;', replace: '' }],
    oracles: ['preparedBeforeTheTrim'],
    draw: 'persistent',
    seed: 79,
  },
  {
    name: 'no-barrier-for-the-record',
    breaks:
      'Section 6, step 6: a new leader waits for the barrier, and records are compared. Here it does not wait, and any will do.',
    edits: [{ file: preparation, find: 'if (!this.#suspicions.barrier()) return undefined;', replace: '' }],
    unmasked: [
      {
        file: preparation,
        find: 'table.hasPrepared(rank) && this.#recordOf(rank) === record',
        replace: 'table.hasPrepared(rank)',
      },
    ],
    oracles: ['preparedBeforeTheTrim'],
    draw: 'persistent',
    seed: 765,
  },
];

import type { Mutant } from '../mutant.js';

const epochEnd = 'runtime/membership/epoch-end.ts';
const relay = 'runtime/multicast/relay.ts';
const standIn = 'runtime/multicast/stand-in.ts';
const walk = 'runtime/multicast/walk.ts';

/** Faults in how survivors pass on to each other what they received of a raw topic (protocol.md, section 6, step 5). */
export const relayMutants: readonly Mutant[] = [
  {
    name: 'no-relay',
    breaks:
      'Section 6, step 5: what a survivor has received of a raw topic reaches all of them. Here the trim alone says so.',
    edits: [{ file: epochEnd, find: 'if (!subgroup.share(members)) return false;', replace: '' }],
    oracles: ['virtualSynchrony'],
    draw: 'raw',
    seed: 3,
  },
  {
    name: 'trim-before-the-relay',
    breaks:
      'Section 6, step 5: a trim is put, and echoed, once all survivors have what it keeps. Here at once.',
    edits: [
      {
        file: epochEnd,
        find: 'if (!subgroup.share(members)) return false;',
        replace: 'subgroup.share(members);',
      },
    ],
    unmasked: [
      {
        file: 'runtime/multicast/subgroup.ts',
        find: ' && turns <= (this.#relay?.held(s) ?? Infinity)',
        replace: '',
      },
    ],
    oracles: ['virtualSynchrony'],
    draw: 'raw',
    seed: 3,
  },
  {
    name: 'trim-of-what-i-lack',
    breaks:
      'Section 6, step 5: a trim is put once all survivors have what it keeps. Here at once, and whoever lacks some of it takes its leader for corrupt.',
    edits: [
      {
        file: epochEnd,
        find: 'if (!subgroup.share(members)) return false;',
        replace: 'subgroup.share(members);',
      },
    ],
    oracles: ['nobodyIsCorrupt'],
    draw: 'raw',
    seed: 13,
  },
  {
    name: 'relay-by-the-lowest',
    breaks:
      'Section 6, step 5: the lowest rank that has received it all passes it on. Here the lowest of all, whatever it has.',
    edits: [
      {
        file: relay,
        find: 'const holder = receivers[received.indexOf(most)]!;',
        replace: 'const holder = receivers[0]!;',
      },
      {
        file: relay,
        find: 'if (receivers.includes(self) && this.held(s) < most) this.#take(s, most, holder);',
        replace: `if (holder === self && !survivors.includes(sender) && this.held(s) < most) {
          this.#give(s, most, receivers);
          this.#memory.row[columns.held + s] = most;
          this.#memory.putRow();
        }
        if (receivers.includes(self) && this.held(s) < most) this.#take(s, most, holder);`,
      },
    ],
    oracles: ['virtualSynchrony'],
    draw: 'raw',
    seed: 3,
  },
  {
    name: 'relay-counts-as-received',
    breaks:
      'Section 6, step 5: what is passed on is what a survivor received itself. Here also what it got from another, which is not in its copy of the ring.',
    edits: [
      {
        file: relay,
        find: 'const received = rows.map((row) => row[columns.numReceived + s]!);',
        replace: 'const received = rows.map((row) => this.#heldIn(row, s));',
      },
    ],
    oracles: ['virtualSynchrony'],
    draw: 'raw',
    seed: 13,
  },
  {
    name: 'relay-awaits-the-dead',
    breaks: 'Section 6, step 5: what only the failed have received is not asked for. Here it is.',
    edits: [
      {
        file: relay,
        find: 'layout.receivers.filter((receiver) => survivors.includes(receiver))',
        replace: 'layout.receivers',
      },
    ],
    oracles: ['progressAfterHealing'],
    draw: 'raw',
    seed: 3,
  },
  {
    name: 'relay-from-its-beginning',
    breaks:
      'Section 6, step 5: a receiver goes on where it was. Here where the relay begins, which is where the slowest was.',
    edits: [
      {
        file: standIn,
        find: 'row[columns.sent] = turns;',
        replace: 'row[columns.consumed] = start;\nrow[columns.sent] = turns;',
      },
      {
        file: walk,
        find: 'this.#readers[s] = this.#readerOf(s, ring, position);',
        replace:
          'this.#readers[s] = this.#readerOf(s, ring, ring.f64[this.#memory.columns.consumed] ?? position);',
      },
    ],
    oracles: ['fifoAtMostOnce'],
    draw: 'raw',
    seed: 61,
  },
  {
    name: 'relay-without-large-messages',
    breaks: 'Section 6, step 5: large messages are passed on with the frames that refer to them. Here not.',
    edits: [
      {
        file: standIn,
        find: 'const large = showLarge(memory, inbox, s, ring, start, end, peers);',
        replace:
          'const large = peers.length < 0 ? showLarge(memory, inbox, s, ring, start, end, peers) : undefined;',
      },
    ],
    oracles: ['virtualSynchrony'],
    draw: 'raw',
    seed: 9,
  },
];

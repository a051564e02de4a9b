import type { Mutant } from '../mutant.js';

const spread = 'runtime/multicast/rdmc/spread.ts';
const draw = 'large';

/** Faults in how large messages spread from member to member (protocol.md, section 4), and in what is kept of them (section 6, step 7). */
export const spreadMutants: readonly Mutant[] = [
  {
    name: 'racks-forgotten',
    breaks:
      'Section 4: where all say their racks, a message comes into each of them once. Here it goes as if there were none.',
    edits: [
      {
        file: 'runtime/multicast/rdmc/plan.ts',
        find: 'return racks === undefined ? kinds.binomial : byRacks;',
        replace: 'return kinds.binomial;',
      },
    ],
    oracles: ['intoRackOnce'],
    draw,
    seed: 1,
  },
  {
    name: 'block-sent-before-held',
    breaks: 'Section 4: a member sends a block once it has it. Here when its turn comes.',
    edits: [
      {
        file: spread,
        find: 'if (held[block] === 0 || !this.#isFree(step % windowMax)) return moved;',
        replace: 'if (!this.#isFree(step % windowMax)) return moved;',
      },
    ],
    oracles: ['sentOnceHeld'],
    draw,
    seed: 1,
  },
  {
    name: 'block-from-anyone',
    breaks:
      'Section 4: a block is taken from whom the schedule names. Here from anyone who has sent in that step.',
    edits: [
      {
        file: spread,
        find: 'const { peer, block, step } = receives;',
        replace: `const { block, step } = receives;
        const peer = this.#rows.group.findIndex((_, member) => member !== this.#rows.me && this.#rows.hasSent(member, step));
        if (peer < 0) return moved;`,
      },
    ],
    oracles: ['takenAsScheduled'],
    draw,
    seed: 1,
  },
  {
    name: 'block-to-anyone',
    breaks: 'Section 4: a block is sent to whom the schedule names. Here to the one after that.',
    edits: [
      {
        file: spread,
        find: 'const { peer, block, step } = sends;',
        replace: 'const { block, step } = sends; const peer = 1 + (sends.peer % (this.members - 1));',
      },
    ],
    oracles: ['asScheduled'],
    draw,
    seed: 1,
  },
  {
    name: 'received-without-its-last-block',
    breaks:
      'Section 4: a large message counts as received once all its blocks are here. Here without the last one.',
    edits: [
      {
        file: spread,
        find: 'for (const { isComplete, announced } of this.#transfers)\n      if (!isComplete)',
        replace:
          'for (const { isComplete, announced, held } of this.#transfers)\n      if (!isComplete && held.filter((is) => is === 0).length > 1)',
      },
    ],
    oracles: ['receivedAsAWhole'],
    draw,
    seed: 1,
  },
  {
    name: 'slot-not-granted',
    breaks:
      'Section 4: a slot is written again once its block was taken. Here whenever there is something to send.',
    edits: [
      {
        file: spread,
        find: 'return peer === none || this.#rows.hasTaken(peer, this.#slotStep[slot]!);',
        replace: 'return peer === none || peer >= 0;',
      },
    ],
    oracles: ['nothingInvented'],
    draw,
    seed: 1,
  },
  {
    name: 'held-blocks-sent-again',
    breaks:
      'Section 6, step 7: what is here of a large message that is sent again is kept. Here all of it comes again.',
    edits: [
      {
        file: 'runtime/membership/installed.ts',
        find: 'subgroup.keepFrom(before.subgroup, before.trim!);',
        replace: '',
      },
    ],
    oracles: ['noBlockTwice'],
    draw,
    seed: 1,
  },
  {
    name: 'sent-again-as-new',
    breaks:
      'Section 6, step 7: whatever is sent again tells of an earlier epoch. Here what went as a whole before is announced as new, and receivers let go of the blocks that they keep of what follows it.',
    edits: [
      {
        file: 'runtime/multicast/outbox.ts',
        find: 'old.#sentAs(turn)',
        replace: 'old.spread?.find(turn)?.announced',
      },
    ],
    oracles: ['noBlockTwice'],
    draw,
    seed: 772,
  },
  {
    name: 'shown-blocks-sent-again',
    breaks:
      'Section 6, step 7: nobody sends what a member has shown that it has. Here that is not looked at.',
    edits: [
      {
        file: spread,
        find: 'if (this.#rows.hasBlock(peer, transfer.number, block)) continue;',
        replace: '',
      },
    ],
    oracles: ['noBlockTwice'],
    draw,
    seed: 1,
  },
  {
    name: 'raw-blocks-not-finished',
    breaks:
      'Section 6, step 5: a sender that has not failed puts what did not get to a receiver of a raw topic. Here nobody does.',
    edits: [
      {
        file: 'runtime/multicast/relay.ts',
        find: 'if (sender === self) this.#finish(s, lacking);',
        replace: '',
      },
    ],
    oracles: ['progressAfterHealing'],
    draw,
    seed: 4,
  },
];

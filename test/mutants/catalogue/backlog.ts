import type { Mutant } from '../mutant.js';

const subgroup = 'runtime/multicast/subgroup.ts';
const outbox = 'runtime/multicast/outbox.ts';

/** Faults that show where writers wait for room (protocol.md, section 3). */
export const backlogMutants: readonly Mutant[] = [
  {
    name: 'waiting-writers-forgotten',
    breaks: 'Section 3: who waits for room writes once there is some. Here only where something came in.',
    edits: [
      {
        file: subgroup,
        find: 'if (this.#user.waiting) this.#user.evaluated(0);',
        replace: 'if (moved && this.#user.waiting) this.#user.evaluated(0);',
      },
    ],
    oracles: ['progressAfterHealing'],
    draw: 'backlog',
    seed: 1,
  },
  {
    name: 'nulls-by-old-room',
    breaks:
      'Section 3: room is what the slowest receiver has consumed by now. Here it is, for nulls, what it was at the last write.',
    edits: [
      {
        file: outbox,
        find: 'this.refreshRoom();\n      if (!ring.open(0)) return false;',
        replace: 'return false;',
      },
    ],
    oracles: ['progressAfterHealing'],
    draw: 'backlog',
    seed: 28,
  },
];

import type { Mutant } from '../mutant.js';

const suspicions = 'runtime/membership/suspicions.ts';
const membership = 'runtime/membership/membership.ts';

/** Faults in suspecting, and in who may go on (protocol.md, section 5). */
export const suspicionMutants: readonly Mutant[] = [
  {
    name: 'no-freeze',
    breaks: 'Section 5: whom I suspect is frozen, and its row never read again. Here it goes on counting.',
    edits: [
      {
        file: suspicions,
        find: 'this.#effects.freeze(member);',
        replace: '',
      },
      { file: suspicions, find: 'this.#table.freeze(rank);', replace: '' },
    ],
    oracles: ['oneTrim'],
  },
  {
    name: 'no-self-check',
    breaks:
      'Section 5: before each irrevocable step I look whether anyone suspects me. Here a suspected member that lives decides.',
    edits: [{ file: membership, find: 'if (accused === undefined) return true;', replace: 'return true;' }],
    oracles: ['oneMembershipPerView'],
  },
  {
    name: 'floor-instead-of-majority',
    breaks: 'Section 5: a strict majority of the view goes on. Here half of it, rounded down, does.',
    edits: [
      {
        file: membership,
        find: 'if (alive * 2 > length) return true;',
        replace: 'if (alive >= Math.floor(length / 2)) return true;',
      },
    ],
    oracles: ['majoritySurvives'],
  },
  {
    name: 'leavers-left-out',
    breaks:
      'Section 5: who is leaving counts until the view without it is installed. Here it does not count.',
    edits: [
      {
        file: membership,
        find: 'if (alive * 2 > length) return true;',
        replace: `const staying = this.view.members.filter(
          ({ id, applied }) => !this.#requests.read(id, applied)?.some(({ op }) => op === 'leave'),
        );
        const left = staying.filter(({ id }) => !this.#suspicions.ranks.has(this.#table.ids.indexOf(id)));
        if (left.length * 2 > staying.length) return true;`,
      },
    ],
    oracles: ['majoritySurvives'],
  },
  {
    name: 'silence-is-death',
    breaks:
      'Section 5: on one host, a minority goes on once all others are proven dead. Here it is enough that they are silent.',
    edits: [{ file: membership, find: 'return silent.length === 0;', replace: 'return true;' }],
    oracles: ['majoritySurvives'],
  },
];

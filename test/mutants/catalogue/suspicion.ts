import type { Mutant } from '../mutant.js';

const membership = 'runtime/membership/membership.ts';

/** Faults in suspecting, and in who may go on (protocol.md, section 5). */
export const suspicionMutants: readonly Mutant[] = [
  {
    name: 'floor-instead-of-majority',
    breaks: 'Section 5: a strict majority of the view goes on. Here half of it, rounded down, does.',
    edits: [
      {
        file: membership,
        find: 'if (alive * 2 > length && (this.#mayAsOneHost || this.#keepersAreLeft())) return true;',
        replace: 'if (alive >= Math.floor(length / 2)) return true;',
      },
    ],
    oracles: ['majoritySurvives'],
    seed: 6,
  },
  {
    name: 'silence-is-death',
    breaks:
      'Section 5: on one host, a minority goes on once all others are proven dead. Here it is enough that they are silent.',
    edits: [{ file: membership, find: 'return silent.length === 0;', replace: 'return true;' }],
    oracles: ['majoritySurvives'],
    seed: 29,
  },
  {
    name: 'leavers-left-out',
    breaks:
      'Section 5: who is leaving counts until the view without it is installed. Here it does not count.',
    edits: [
      {
        file: membership,
        find: '#ending: ViewEnd | undefined;',
        replace: '#ending: ViewEnd | undefined;\n#leaving = new Set<MemberId>();',
      },
      {
        file: membership,
        find: 'if (alive * 2 > length && (this.#mayAsOneHost || this.#keepersAreLeft())) return true;',
        replace: `for (const { id, applied } of this.view.members)
          if (this.#requests.read(id, Math.max(applied, this.#board.requestIdOf(id) - 1))?.some(({ op }) => op === 'leave')) this.#leaving.add(id);
        const staying = this.#table.ids.filter((id) => !this.#leaving.has(id));
        const left = staying.filter((id) => !this.#suspicions.ranks.has(this.#table.ids.indexOf(id)));
        if (left.length * 2 > staying.length) return true;`,
      },
    ],
    oracles: ['majoritySurvives'],
    seed: 180,
  },
];

import type { Mutant } from '../mutant.js';

const epochEnd = 'runtime/membership/epoch-end.ts';
const subgroup = 'runtime/multicast/subgroup.ts';
const membership = 'runtime/membership/membership.ts';
const viewEnd = 'runtime/membership/view-end.ts';
const outbox = 'runtime/multicast/outbox.ts';
const walk = 'runtime/multicast/walk.ts';

/** How the core compares two trims, and how it would not. */
const byValue = 'return a !== undefined && a.length === b.length && a.every((turns, s) => turns === b[s]);';
const byFlag = 'return a !== undefined && b !== undefined;';
const anyTrim = { file: epochEnd, find: byValue, replace: byFlag };
const trimWithoutBarrier = {
  file: epochEnd,
  find: 'if (!survivors.barrier()) return undefined;',
  replace: '',
};
/** Epochs end whoever else suspects whom I do. */
const endUnheard = { file: viewEnd, find: '!this.#suspicions.areShared() || ', replace: '' };
/** Whoever copies a trim believes it, whatever it says. */
const trusting = {
  file: epochEnd,
  find: '!subgroup.isPossible(trim.turns)',
  replace: 'subgroup === undefined',
};

/** Who sees that two have ended an epoch differently: by their trims or, where the longer one is the later, by what it delivers. */
const twoTrims = ['oneTrim', 'nothingBeyondTrim', 'agreementAndOrder'] as const;

/** Faults in wedging, trimming, and carrying over into the next epoch (protocol.md, section 6, steps 4 to 7). */
export const epochEndMutants: readonly Mutant[] = [
  {
    name: 'no-echo',
    breaks: 'Section 6, step 5: act when all survivors show the trim. Here as soon as one has it.',
    edits: [
      {
        file: epochEnd,
        find: 'if (!members.every((member) => sameTrim(subgroup.trimOf(member), mine)) || ',
        replace: 'if (',
      },
    ],
    oracles: twoTrims,
    seed: 157,
  },
  {
    name: 'trim-leader-fixed',
    breaks:
      'Section 6, step 5: who leads the trim is evaluated anew each time. Here it is fixed when the epoch ends.',
    edits: [
      {
        file: epochEnd,
        find: 'const leader = members[0]!;',
        replace: 'const leader = (this.leader ??= members[0]!);',
      },
      {
        file: epochEnd,
        find: 'trim: number[] | undefined;',
        replace: 'trim: number[] | undefined; leader: MemberId | undefined;',
      },
    ],
    oracles: ['progressAfterHealing'],
    seed: 1,
  },
  {
    name: 'receiving-after-the-wedge',
    breaks: 'Section 6, step 4: what a wedged member received is final. Here it goes on receiving.',
    edits: [
      {
        file: subgroup,
        find: 'if (!this.open || this.#memory.corruption',
        replace:
          'if (this.#wedged && this.#inbox?.receive()) this.#publish();\nif (!this.open || this.#memory.corruption',
      },
    ],
    oracles: ['wedgedIsFinal'],
  },
  {
    name: 'ordered-trim-by-maximum',
    breaks: 'Section 6, step 5: an ordered trim is the minimum of what survivors received. Here the maximum.',
    edits: [
      {
        file: subgroup,
        find: 'return this.layout.ordered ? Math.min(...received)',
        replace: 'return this.layout.ordered ? Math.max(...received)',
      },
    ],
    oracles: ['virtualSynchrony'],
    seed: 23,
  },
  {
    name: 'trim-of-stable-only',
    breaks:
      'Section 6, step 5: the trim keeps all that the survivors received. Here only what the leader has delivered.',
    edits: [
      {
        file: subgroup,
        find: 'const received = rows.map((row) => row[columns.numReceived + s]!);',
        replace:
          'const received = rows.map((row) => Math.floor(row[columns.delivered]! / this.layout.senders.length));',
      },
    ],
    oracles: ['trimCoversDelivered'],
  },
  {
    name: 'no-delivery-up-to-the-trim',
    breaks:
      'Section 6, step 6: each member delivers up to the trim. Here it leaves out what it had not delivered before.',
    edits: [{ file: subgroup, find: 'this.#inbox?.deliverUpTo(trim);', replace: '' }],
    oracles: ['virtualSynchrony'],
    seed: 2,
  },
  {
    name: 'sends-dropped',
    breaks: 'Section 6, step 7: of my messages, those past the trim are sent again. Here they are lost.',
    edits: [{ file: 'runtime/membership/installed.ts', find: 'subgroup.outbox?.resend(', replace: 'void (' }],
    oracles: ['noGap'],
  },
  {
    name: 'sends-repeated',
    breaks: 'Section 6, step 7: only what the trim left out is sent again. Here what it kept is, too.',
    edits: [{ file: outbox, find: 'turn > trimmedTurns', replace: 'turn >= trimmedTurns' }],
    oracles: ['fifoAtMostOnce'],
  },
  {
    name: 'trim-delivered-from-the-beginning',
    breaks:
      'Section 6, step 6: the trim brings what was not delivered before. Here turns are counted from its round.',
    edits: [
      {
        file: walk,
        find: 'end: turns === 0 ? 0 : (turns - 1) * senders + s + 1',
        replace: 'end: turns * senders + s + 1',
      },
    ],
    oracles: ['nothingBeyondTrim'],
    seed: 93,
  },
  {
    name: 'trims-compared-by-flag',
    breaks: 'Section 6, step 5: trims are compared by value. Here any trim will do, and there is no barrier.',
    edits: [anyTrim],
    unmasked: [trimWithoutBarrier],
    oracles: twoTrims,
    seed: 1188,
  },
  {
    name: 'no-barrier-for-the-trim',
    breaks: 'Section 6, step 5: the trim is taken behind the barrier. Here at once, and nobody compares.',
    edits: [trimWithoutBarrier],
    unmasked: [anyTrim],
    oracles: twoTrims,
    seed: 1188,
  },
  {
    name: 'no-barrier-but-comparison',
    breaks:
      'Section 6, step 5: the trim is taken behind the barrier. Here at once: two trims, and nobody acts.',
    edits: [trimWithoutBarrier],
    oracles: ['progressAfterHealing'],
    seed: 1188,
  },
  {
    name: 'trim-before-the-barrier',
    breaks: 'Section 6, step 5: rows are looked at behind the barrier. Here before it, and nobody compares.',
    edits: [
      {
        file: epochEnd,
        find: 'if (!survivors.barrier()) return undefined;',
        replace: `this.early ??= members.map((member) => this.#shownBy(member)).find((shown) => shown !== undefined)
          ?? { from: survivors.self, turns: this.subgroup.computeTrim(members) };
        if (!survivors.barrier()) return undefined;
        return this.early;`,
      },
      {
        file: epochEnd,
        find: 'trim: number[] | undefined;',
        replace: 'trim: number[] | undefined; early: FoundTrim | undefined;',
      },
    ],
    unmasked: [anyTrim],
    oracles: twoTrims,
    seed: 1188,
  },
  {
    name: 'trim-from-any-row',
    breaks:
      "Section 6, step 5: followers copy from the present trim leader's row only. Here from anyone's, the dead included, and nobody compares.",
    edits: [
      {
        file: epochEnd,
        find: 'return this.#shownBy(leader);',
        replace:
          'return this.subgroup.members.map((member) => this.#shownBy(member)).find((shown) => shown !== undefined);',
      },
    ],
    unmasked: [anyTrim],
    oracles: twoTrims,
    seed: 1933,
  },
  {
    name: 'trim-not-adopted',
    breaks:
      'Section 6, step 5: a new trim leader adopts the trim that a survivor shows. Here it computes its own, and nobody compares.',
    edits: [{ file: epochEnd, find: 'if (shown !== undefined) return shown;', replace: '' }],
    unmasked: [anyTrim],
    oracles: twoTrims,
    seed: 518,
  },
  {
    name: 'no-self-check',
    breaks:
      'Section 5: before each irrevocable step I look whether anyone suspects me. Here two that suspect each other each act on a trim of their own.',
    edits: [{ file: membership, find: 'if (accused === undefined) return true;', replace: 'return true;' }],
    unmasked: [endUnheard],
    oracles: twoTrims,
    seed: 1254,
  },
  {
    name: 'end-not-awaited',
    breaks:
      'Section 6, step 6: nobody acts before the epochs have ended at all survivors of the domain. Here each member does as soon as they have at itself.',
    edits: [
      {
        file: viewEnd,
        find: 'this.#suspicions.ranks.has(rank) || table.hasEnded(rank)',
        replace: 'rank >= 0',
      },
    ],
    oracles: twoTrims,
    seed: 11219,
  },
  {
    name: 'end-unheard',
    breaks:
      'Section 6, step 6: an epoch ends once all survivors of the domain suspect all whom I do. Here as soon as those in the subgroup show the trim.',
    edits: [endUnheard],
    oracles: twoTrims,
    seed: 157,
  },
  {
    name: 'trim-before-the-wedge',
    breaks: 'Section 6, step 4: wait until all survivors are wedged. Here the trim is taken at once.',
    edits: [
      {
        file: epochEnd,
        find: 'if (!members.every((member) => subgroup.isWedged(member))) return false;',
        replace: '',
      },
    ],
    unmasked: [trusting],
    oracles: ['trimCoversDelivered'],
    seed: 9,
  },
  {
    name: 'flag-before-the-trim',
    breaks: 'Section 2: a counter is put after what it guards. Here trimReady is put before the trim.',
    edits: [
      {
        file: subgroup,
        find: 'trim.forEach((turns, s) => (row[columns.trim + s] = turns));',
        replace: `row[columns.trimReady] = 1;
        this.#memory.putRow();
        trim.forEach((turns, s) => (row[columns.trim + s] = turns));`,
      },
    ],
    oracles: ['trimIsFinal'],
  },
  {
    name: 'raw-trim-by-minimum',
    breaks: 'Section 6, step 5: a raw trim is the maximum of what survivors received. Here the minimum.',
    edits: [{ file: subgroup, find: ': Math.max(...received);', replace: ': Math.min(...received);' }],
    oracles: ['nobodyIsCorrupt'],
    seed: 35,
  },
  {
    name: 'leaver-stays',
    breaks: 'Section 8: whoever has left installs no further view. Here it tries to.',
    edits: [
      {
        file: membership,
        find: 'if (!next.members.some(({ id }) => id === this.#transport.self)) {',
        replace: 'if (next.members.length === 0) {',
      },
    ],
    oracles: ['viewsInOrder'],
    seed: 12,
  },
  {
    name: 'trim-written-again',
    breaks:
      "Section 6, step 5: a row's trim is written once. Here again, whenever its leader finds another, which does not adopt it.",
    edits: [
      { file: epochEnd, find: 'if (subgroup.trimOf(survivors.self) === undefined) {', replace: '{' },
      { file: epochEnd, find: 'if (shown !== undefined) return shown;', replace: '' },
      {
        file: subgroup,
        find: 'if (row[columns.trimReady]! > 0) return;',
        replace:
          'if (row[columns.trimReady]! > 0 && trim.every((turns, s) => row[columns.trim + s] === turns)) return;',
      },
    ],
    oracles: ['trimIsFinal'],
    seed: 518,
  },
  {
    name: 'memory-recycled',
    breaks:
      'Section 6, step 7: a new view has new memory. Here every other view is to have that of the one before.',
    edits: [
      {
        file: 'runtime/membership/view-table.ts',
        find: 'return `view${this.view.viewId}`;',
        replace: 'return `view${Math.floor(this.view.viewId / 2)}`;',
      },
    ],
    oracles: ['haltsForAReason'],
  },
];

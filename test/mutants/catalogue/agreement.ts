import type { Mutant } from '../mutant.js';

const agreement = 'runtime/membership/agreement.ts';
const view = 'runtime/membership/view.ts';
const membership = 'runtime/membership/membership.ts';

const leaderWithoutBarrier = {
  file: agreement,
  find: 'if (!this.#suspicions.barrier()) return;',
  replace: '',
};

/** Faults in how the members agree on the next view (protocol.md, section 6, steps 1 to 4 and 8). */
export const agreementMutants: readonly Mutant[] = [
  {
    name: 'blended-view',
    breaks:
      'Section 6, step 8: a dead leader whose proposal ends the view is removed by the view after. Here by the same one, beside what it proposed.',
    edits: [
      {
        file: agreement,
        find: 'if (!entries.some(({ endsView }) => endsView)) this.#propose();',
        replace: `const removed = entries.filter(({ change }) => change.kind === 'remove').map(({ change }) => change.member);
        if (!entries.some(({ endsView }) => endsView) || [...this.#suspicions.ranks].some((rank) => !removed.includes(table.ids[rank]!))) this.#propose();`,
      },
    ],
    oracles: ['oneMembershipPerView'],
    seed: 12,
  },
  {
    name: 'commit-without-acknowledgement',
    breaks: 'Section 6, step 3: what all survivors have is committed. Here what the leader has.',
    edits: [
      {
        file: agreement,
        find: 'committed = Math.min(committed, this.#acknowledgedBy(rank));',
        replace: '',
      },
    ],
    oracles: ['oneMembershipPerView'],
    seed: 13,
  },
  {
    name: 'view-for-each-change',
    breaks: 'Section 1: views are numbered 0, 1, 2 and so on. Here each change counts.',
    edits: [
      { file: view, find: 'viewId: view.viewId + 1,', replace: 'viewId: view.viewId + changes.length,' },
    ],
    oracles: ['viewsInOrder'],
  },
  {
    name: 'stop-of-all-subgroups',
    breaks: 'Section 6, step 4: only the subgroups that change are wedged. Here all of them are stopped.',
    edits: [
      {
        file: membership,
        find: 'if (!this.#ending.evaluate(() => this.#selfCheck())) return false;',
        replace:
          'for (const subgroup of this.#installed.subgroups.values()) subgroup.stop();\nif (!this.#ending.evaluate(() => this.#selfCheck())) return false;',
      },
    ],
    oracles: ['untouchedRunsOn'],
  },
  {
    name: 'no-barrier-for-the-leader',
    breaks: 'Section 6, step 8: a leader that takes over waits for the barrier. Here it decides at once.',
    edits: [leaderWithoutBarrier],
    oracles: ['oneMembershipPerView'],
    seed: 553,
  },
  {
    name: 'proposals-not-taken-over',
    breaks:
      'Section 6, step 8: a new leader takes over what was proposed. Here only what is committed, and begins with its own.',
    edits: [
      { file: agreement, find: 'this.#takeOver();', replace: 'this.#adoptCommitted();' },
      {
        file: agreement,
        find: 'if (!entries.some(({ endsView }) => endsView)) this.#propose();',
        replace: `const committedHere = table.committedBy(table.me);
        if (!entries.some(({ endsView, leader }, i) => endsView && (leader === table.me || i < committedHere))) this.#propose();`,
      },
      {
        file: agreement,
        find: 'const first = table.log.entries.length;',
        replace: 'const first = table.committedBy(table.me);',
      },
    ],
    oracles: ['oneMembershipPerView'],
    seed: 183,
  },
  {
    name: 'longest-proposal',
    breaks:
      'Section 6, step 8: the proposal of the latest leader is adopted. Here the longest, and of those the first.',
    edits: [
      {
        file: agreement,
        find: 'let best: readonly Proposal[] = mine;',
        replace: 'let best: readonly Proposal[] = mine.at(-1)?.leader === table.me ? mine : [];',
      },
      {
        file: agreement,
        find: `if (rank === table.me) continue;
      const theirs = table.proposalsOf(rank);
      if (theirs.length > committed`,
        replace: `const theirs = table.proposalsOf(rank);
      if (theirs.length > committed`,
      },
      {
        file: agreement,
        find: 'leaderOf(a) > leaderOf(b) || (leaderOf(a) === leaderOf(b) && a.length > b.length)',
        replace: 'leaderOf(a) >= 0 && a.length > b.length',
      },
    ],
    oracles: ['oneMembershipPerView'],
    draw: 'unheardLeaders',
    seed: 128,
  },
  {
    name: 'unbound-acknowledgements',
    breaks:
      'Section 6, step 2: an acknowledgement bears the rank of its leader. Here whoever takes over, without the barrier, counts what was meant for the leader before.',
    edits: [{ file: agreement, find: 'theirs[count]!.leader === table.me', replace: 'true' }],
    unmasked: [leaderWithoutBarrier],
    oracles: ['oneMembershipPerView'],
    draw: 'unheardLeaders',
    seed: 127,
  },
  {
    name: 'every-epoch-ends',
    breaks: 'Section 1: an epoch begins where senders, receivers or ring size change. Here with every view.',
    edits: [
      {
        file: view,
        find: 'if (subgroupChanged(view, before.get(topic.name), next, topic)) topic.epoch',
        replace:
          'if (before.size > 0 || subgroupChanged(view, before.get(topic.name), next, topic)) topic.epoch',
      },
    ],
    oracles: ['epochsFollowViews'],
  },
  {
    name: 'epoch-goes-on',
    breaks: 'Section 1: where the receivers change, an epoch ends. Here only where senders do.',
    edits: [{ file: view, find: '!sameMembers(was.receivers, is.receivers) ||', replace: '' }],
    oracles: ['epochsFollowViews'],
  },
  {
    name: 'joiners-without-limit',
    breaks: 'Section 6, step 1: no more joiners than survivors at once. Here as many as ask.',
    edits: [{ file: agreement, find: "if (item.op === 'join' && joins-- <= 0) break;", replace: '' }],
    oracles: ['joinersDoNotOutnumber'],
    seed: 14,
  },
];

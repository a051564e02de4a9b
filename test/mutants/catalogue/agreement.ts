import type { Mutant } from '../mutant.js';

const agreement = 'runtime/membership/agreement.ts';
const view = 'runtime/membership/view.ts';
const membership = 'runtime/membership/membership.ts';

/** Faults in how the members agree on the next view (protocol.md, section 6, steps 1 to 4 and 8). */
export const agreementMutants: readonly Mutant[] = [
  {
    name: 'no-barrier-for-the-leader',
    breaks: 'Section 6, step 8: a leader that takes over waits for the barrier. Here it decides at once.',
    edits: [{ file: agreement, find: 'if (!this.#suspicions.barrier()) return;', replace: '' }],
    oracles: ['oneMembershipPerView'],
  },
  {
    name: 'unbound-acknowledgements',
    breaks:
      'Section 6, step 2: an acknowledgement bears the rank of its leader. Here anyone counts it as its own.',
    edits: [{ file: agreement, find: 'theirs[count]!.leader === table.me', replace: 'true' }],
    oracles: ['oneMembershipPerView'],
  },
  {
    name: 'longest-proposal',
    breaks: 'Section 6, step 8: the proposal of the latest leader is adopted. Here the longest is.',
    edits: [
      {
        file: agreement,
        find: 'leaderOf(a) > leaderOf(b) || (leaderOf(a) === leaderOf(b) && a.length > b.length)',
        replace: 'leaderOf(a) >= 0 && a.length > b.length',
      },
    ],
    oracles: ['oneMembershipPerView'],
  },
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
  },
  {
    name: 'no-takeover',
    breaks:
      'Section 6, step 8: a new leader takes over what is committed or proposed. Here it begins with its own.',
    edits: [{ file: agreement, find: 'this.#takeOver();', replace: '' }],
    oracles: ['oneMembershipPerView'],
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
  },
  {
    name: 'commit-by-majority',
    breaks: 'Section 6, step 3: all survivors acknowledge. Here any one of them is enough.',
    edits: [
      {
        file: agreement,
        find: 'committed = Math.min(committed, this.#acknowledgedBy(rank));',
        replace:
          'if (this.#acknowledgedBy(rank) >= entries.length) break;\ncommitted = Math.min(committed, this.#acknowledgedBy(rank));',
      },
    ],
    oracles: ['oneMembershipPerView'],
  },
  {
    name: 'request-applied-again',
    breaks:
      'Section 6, step 1: a view keeps the newest request of each member, so nothing is applied twice. Here it forgets.',
    edits: [{ file: view, find: 'requester.applied = change.request;', replace: '' }],
    oracles: ['idleIsSilent'],
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
        find: 'const survivors = this.#survivors();',
        replace:
          'for (const subgroup of this.#subgroups.values()) subgroup.stop();\nconst survivors = this.#survivors();',
      },
    ],
    oracles: ['untouchedRunsOn'],
  },
  {
    name: 'every-epoch-ends',
    breaks: 'Section 1: an epoch begins where senders, receivers or ring size change. Here with every view.',
    edits: [
      {
        file: view,
        find: 'if (subgroupChanged(view, before.get(topic.name), next, topic)) topic.epoch',
        replace: 'topic.epoch',
      },
    ],
    oracles: ['untouchedRunsOn'],
  },
  {
    name: 'joiners-without-limit',
    breaks: 'Section 6, step 1: no more joiners than survivors at once. Here as many as ask.',
    edits: [{ file: agreement, find: "if (item.op === 'join' && joins-- <= 0) break;", replace: '' }],
    oracles: ['majoritySurvives'],
  },
];

import type { Mutant } from '../mutant.js';

const restart = 'runtime/membership/restart.ts';
const draw = 'totalFailures';

/** Total restart, and what has to hold before for it: section 8. */
export const restartMutants: readonly Mutant[] = [
  {
    name: 'quorum-of-the-installed-view',
    breaks: 'Section 8: the newest view counts, prepared or installed. Here only those that came into force.',
    edits: [
      {
        file: restart,
        find: 'found.flatMap(({ views }) => views).filter(({ record })',
        replace:
          'found.flatMap(({ views }) => views.filter(({ installed }) => installed)).filter(({ record })',
      },
    ],
    oracles: ['committedSurvives', 'restartConverges', 'restartGoesForward'],
    draw,
    seed: 52,
  },
  {
    name: 'half-of-the-disks',
    breaks: 'Section 8: a strict majority of the disks that keep a view. Here half of them.',
    edits: [{ file: restart, find: 'here * 2 > keepers.length', replace: 'here * 2 >= keepers.length' }],
    oracles: ['committedSurvives', 'restartGoesForward'],
    draw,
    seed: 50,
  },
  {
    name: 'shortest-log',
    breaks: 'Section 8: the longest log is gone on with. Here the shortest.',
    edits: [
      { file: restart, find: '(compare(log, found) > 0 ? log', replace: '(compare(log, found) < 0 ? log' },
    ],
    oracles: ['committedSurvives'],
    draw,
    seed: 2,
  },
  {
    name: 'restart-view-of-the-same-number',
    breaks:
      "Section 8: the restart's view is above every one that was prepared. Here it has the number of the newest.",
    edits: [{ file: restart, find: 'viewId: Math.max(...ids) + 1', replace: 'viewId: view.viewId' }],
    oracles: ['restartGoesForward'],
    draw,
    seed: 2,
  },
  {
    name: 'trim-without-a-replica',
    breaks:
      'Section 6, step 5: where no replica is left, the trim keeps what somebody has delivered. Here what all have received.',
    edits: [
      {
        file: 'runtime/multicast/subgroup.ts',
        find: "this.layout.persistent === 'commit' && this.losesReplicas(survivors)",
        replace: 'this.layout.persistent === undefined && this.losesReplicas(survivors)',
      },
    ],
    oracles: ['committedBeforeDelivery', 'committedSurvives'],
    draw: 'persistent',
    seed: 63,
  },
  {
    name: 'lost-end-is-called-known',
    breaks:
      'Section 6, step 6: where no replica is left, only the failed know where the epoch ended. Here the trim is called its end.',
    edits: [
      {
        file: 'runtime/membership/preparation.ts',
        find: 'trim === null || loses === true',
        replace: 'trim === null',
      },
    ],
    oracles: ['preparedBeforeTheTrim', 'committedSurvives'],
    draw: 'persistent',
    seed: 30,
  },
];

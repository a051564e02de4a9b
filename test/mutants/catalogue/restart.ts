import type { Edit, Mutant } from '../mutant.js';

const restart = 'runtime/membership/restart.ts';
const draw = 'totalFailures';

const handingOn: Edit = {
  file: 'runtime/membership/view-end.ts',
  find: 'if (!this.#isHandedOn()) throw noKeeper(this.#table.view);',
  replace: '',
};

/** Total restart, and what has to hold before for it: section 8. */
export const restartMutants: readonly Mutant[] = [
  {
    name: 'quorum-of-the-installed-view',
    breaks: 'Section 8: the newest view counts, prepared or installed. Here only those that came into force.',
    edits: [
      {
        file: restart,
        find: 'found.flatMap((disk) => disk.views)',
        replace: 'found.flatMap((disk) => disk.views.filter(({ installed }) => installed))',
      },
    ],
    oracles: ['committedSurvives', 'restartConverges', 'restartGoesForward'],
    draw: 'fewDisks',
    seed: 13,
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
    name: 'majority-on-one-host',
    breaks:
      'Section 8: on one host any of the disks may have gone on alone, so all are asked. Here a majority.',
    edits: [{ file: restart, find: 'singleHost || areLost(record.view)', replace: 'areLost(record.view)' }],
    oracles: ['committedSurvives', 'restartGoesForward'],
    draw: 'fewDisks',
    seed: 1,
  },
  {
    name: 'one-log-is-enough',
    breaks: 'Section 8: a log has to reach the end of the epoch that ended last. Here any log will do.',
    edits: [
      {
        file: restart,
        find: '!candidates.some((log) => reaches(log, past))',
        replace: 'candidates.length === 0',
      },
    ],
    oracles: ['committedSurvives'],
    draw: 'fewDisks',
    seed: 48,
  },
  {
    name: 'no-replica-of-the-last-epoch',
    breaks:
      'Section 8: one disk has to be there of those that kept the last epoch. Here the epoch before will do.',
    edits: [
      {
        file: restart,
        find: 'missing(past.disks).length === past.disks.length',
        replace: 'candidates.length === 0',
      },
    ],
    oracles: ['committedSurvives'],
    draw: 'fewDisks',
    seed: 6,
  },
  {
    name: 'unfinished-joiner-counts',
    breaks: 'Section 8: a replica counts for a restart once its log is whole. Here from its first epoch.',
    edits: [
      {
        file: 'runtime/membership/topic-past.ts',
        find: 'return endpointsOn(view, topic).filter(({ whole }) => whole);',
        replace: 'return endpointsOn(view, topic).filter(({ stores }) => stores);',
      },
    ],
    oracles: ['committedSurvives', 'restartConverges'],
    draw,
    seed: 5,
  },
  {
    name: 'begins-before-all-have-recorded',
    breaks: "Section 8: all record the restart's view before any uses it. Here the first does.",
    edits: [
      {
        file: 'runtime/membership/restart-course.ts',
        find: 'return this.#unprepared.size === 0;',
        replace: 'return this.#unprepared.size < this.restart.disks.length;',
      },
    ],
    oracles: ['committedSurvives', 'restartConverges', 'restartGoesForward'],
    draw: 'fewDisks',
    seed: 14,
  },
  {
    name: 'unused-restart-excuses',
    breaks:
      "Section 8: who knows a later restart's view, which was never used, may still refute an earlier one. Here it is excused.",
    edits: [
      {
        file: restart,
        find: '!views.some(isOf)',
        replace: '!views.some((found) => isOf(found) || restartsOf(found.record) > (view.restarts ?? 0))',
      },
    ],
    oracles: ['committedSurvives', 'restartGoesForward'],
    draw: 'fewDisks',
    seed: 32,
  },
  {
    name: 'minority-of-the-disks-goes-on',
    breaks:
      'Section 5: where members keep views, a majority of their disks goes on. Here a majority of the members is enough.',
    edits: [
      {
        file: 'runtime/membership/membership.ts',
        find: 'alive * 2 > length && (this.#mayAsOneHost || this.#keepersAreLeft())',
        replace: 'alive * 2 > length',
      },
    ],
    oracles: ['committedSurvives', 'restartGoesForward', 'restartConverges'],
    draw: 'fewDisks',
    seed: 3,
  },
  {
    name: 'lost-keepers-forgotten',
    breaks:
      'Section 8: where the last keeper fails, no other disk counts before one of them is back. Here the first that comes does.',
    edits: [
      {
        file: 'runtime/membership/view-parts.ts',
        find: 'return haveOneWith(next.members, keepers) ? [] : keepers;',
        replace: 'return next.members.some(({ disk }) => disk !== undefined) ? [] : keepers;',
      },
    ],
    unmasked: [handingOn],
    oracles: ['restartGoesForward'],
    draw,
    seed: 5088,
  },
  {
    name: 'longer-tail-is-not-cut',
    breaks: 'Section 8: what a log that comes later has beyond the end is cut. Here it stays.',
    edits: [
      {
        file: 'runtime/durability/replica/replica-log.ts',
        find: 'if (isAfter(lastEpoch, lastSequence, epoch, sequence)) this.log.end(epoch, sequence);',
        replace: '',
      },
    ],
    oracles: ['wholeLogsAlike', 'logsSkipNothing', 'logsFollowTheOrder'],
    draw: 'fewDisks',
    seed: 95,
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

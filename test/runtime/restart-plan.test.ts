import assert from 'node:assert/strict';
import {
  type FoundDisk,
  type FoundView,
  planRestart,
  type Restart,
} from '../../runtime/membership/restart.js';
import { firstView, type View } from '../../runtime/membership/view.js';

const lineage = '1.1';

/** A view of the domain `domain` with one persistent topic, all of whose disks are whole. */
function view(viewId: number, domain: number, restarts: number, disks: readonly string[]): View {
  return {
    ...firstView(domain, 1, null),
    viewId,
    members: disks.map((disk, i) => ({ id: i + 1, info: null, applied: 0, disk })),
    logs: [{ topic: 't', lineage, ended: -1, orphaned: false }],
    pasts: [{ topic: 't', epoch: 1, disks: [...disks] }],
    restarts,
  };
}

const found = (kept: View, isRestart: boolean, installed: boolean): FoundView => ({
  record: { view: kept, leader: 0, ended: [], before: [], isRestart },
  installed,
});

const disk = (name: string, sequence: number, ...views: FoundView[]): FoundDisk => ({
  disk: name,
  views,
  logs: [{ topic: 't', epoch: 1, sequence, place: '', lineage }],
});

describe('a restart', () => {
  const first = view(1, 1, 0, ['a', 'b', 'c', 'd', 'e']);
  /** Tried with a, b and c; c never recorded it. */
  const unused = view(2, 2, 1, ['a', 'b', 'c']);
  /** Then c, d and e began again, and went on to this. */
  const later = view(4, 3, 1, ['c', 'd', 'e']);
  /** Tried at last, with all but d; only c and e recorded it. */
  const second = view(5, 4, 2, ['a', 'b', 'c', 'e']);
  const disks = [
    disk('a', 4, found(first, false, true), found(unused, true, false)),
    disk('b', 4, found(first, false, true), found(unused, true, false)),
    disk('c', 9, found(later, false, true), found(second, true, false)),
    disk('d', 9, found(later, false, true)),
    disk('e', 9, found(later, false, true), found(second, true, false)),
  ];
  const baseOf = (present: readonly FoundDisk[]) => {
    const decision = planRestart(present, false);
    return Array.isArray(decision) ? 'waits' : (decision as Restart).base.viewId;
  };

  it('goes on from the one that was used, whatever was tried before and after it, and in whichever order the disks come', () => {
    assert.equal(baseOf(disks), later.viewId);
    assert.equal(baseOf([...disks].reverse()), later.viewId);
  });

  it('waits where nobody is there who knows that it was never used', () => {
    assert.equal(baseOf([disks[2]!, disks[4]!]), 'waits');
  });

  it('does not go on with a tail that the others went on without', () => {
    // Nothing was committed in the epoch that has ended since, on a and b alone.
    const past = {
      topic: 't',
      epoch: 3,
      disks: ['a', 'b'],
      ended: { epoch: 3, lastSequence: -1, disks: ['a', 'b'] },
    };
    const since = found({ ...view(4, 1, 0, ['a', 'b', 'c']), pasts: [past] }, false, true);
    const decision = planRestart([disk('a', 4, since), disk('b', 4, since), disk('c', 7, since)], false);
    const [topic] = (decision as Restart).topics;
    assert.deepEqual(
      topic!.from.map((log) => log.disk),
      ['a', 'b'],
    );
  });

  it('goes on with the keepers that are lost, all of them, whether others have come since or not: nothing was committed there', () => {
    const before = found(view(1, 1, 0, ['a', 'b', 'c']), false, true);
    const lost = found(
      { ...view(4, 1, 0, ['n']), pasts: before.record.view.pasts!, keepers: ['a', 'b', 'c'] },
      false,
      true,
    );
    const [a, b, c] = ['a', 'b', 'c'].map((name) => disk(name, 4, before)) as [
      FoundDisk,
      FoundDisk,
      FoundDisk,
    ];
    const other = disk('n', -1, lost);
    for (const singleHost of [true, false]) {
      const decide = (...disks: FoundDisk[]) => planRestart(disks, singleHost);
      for (const few of [[other], [other, a], [other, a, b]]) assert.ok(Array.isArray(decide(...few)));
      assert.equal((decide(a, b, c) as Restart).base.viewId, 1);
      const all = decide(other, a, b, c) as Restart;
      assert.equal(all.base.viewId, 4);
      assert.deepEqual(
        all.topics[0]!.from.map((log) => log.disk),
        ['a', 'b', 'c'],
      );
    }
  });

  it('believes, of two records of one view, that of the latest leader: nobody can have acted on the other', () => {
    const known = { epoch: 1, lastSequence: 9, disks: ['a', 'b'] };
    const pasts = view(2, 1, 0, ['a', 'b', 'c']).pasts!;
    const earlier = found(
      { ...view(2, 1, 0, ['a', 'b', 'c']), pasts: [{ ...pasts[0]!, ended: known }] },
      false,
      false,
    );
    const last = found(view(2, 1, 0, ['a', 'b', 'c']), false, false);
    const latest = { ...last, record: { ...last.record, leader: 1 } };
    // By the earlier one, a log would have to reach 9, or b be there as well.
    for (const disks of [
      [disk('a', 4, earlier), disk('c', -1, latest)],
      [disk('c', -1, latest), disk('a', 4, earlier)],
    ])
      assert.equal(baseOf(disks), 2);
  });
});

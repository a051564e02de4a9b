import assert from 'node:assert/strict';
import { isWhole, pastsAfter, type TopicPast, unsettledEpoch } from '../../runtime/membership/topic-past.js';
import {
  type Change,
  firstView,
  type Endpoint,
  nextView,
  type RequestItem,
  type View,
} from '../../runtime/membership/view.js';
import { areLost, keepersOf } from '../../runtime/membership/view-parts.js';

const past: TopicPast = { topic: 't', epoch: 5, disks: ['a', 'b'] };

function endpoint(member: number, more: Partial<Endpoint> = {}): Endpoint {
  return { member, id: 1, role: 'reader', topic: 't', info: null, stores: true, disk: `d${member}`, ...more };
}

function view(pasts: TopicPast[], endpoints: Endpoint[]): View {
  return { ...firstView(1, 1, null), pasts, endpoints };
}

describe('a log that comes to a topic that rests', () => {
  const back = endpoint(2, { reaches: 5, disk: 'b' });

  it('has all of it where it reaches its end, and nobody has it yet', () => {
    assert.equal(isWhole(view([past], []), view([past], []), back), true);
    assert.equal(isWhole(view([past], []), view([past], []), endpoint(2, { reaches: 4 })), false);
    const whole = endpoint(1, { whole: true });
    assert.equal(isWhole(view([past], [whole]), view([past], [whole]), back), false);
  });

  it('does not where another comes with the same view, and nobody knows the end: only one of their logs can be all there is', () => {
    const first = endpoint(1, { reaches: 5, whole: true });
    assert.equal(isWhole(view([past], []), view([past], [first]), back), false);
    assert.equal(isWhole(view([past], []), view([past], [endpoint(2, { whole: true })]), back), true);
    const known = { ...past, ended: { epoch: 5, lastSequence: 7, disks: ['a', 'b'] } };
    assert.equal(isWhole(view([known], []), view([known], [first]), back), true);
  });
});

describe('an epoch whose end only the failed know', () => {
  const topic = { name: 't', slot: 1, epoch: 6, ordered: true, persistent: 'commit' as const };
  const terms = { ringBytes: 4096, largeBytes: 4096, info: null };
  const serving = (pasts: TopicPast[], endpoints: Endpoint[], epoch: number): View => ({
    ...view(pasts, endpoints),
    topics: [{ ...topic, ...terms, epoch }],
  });
  const back = endpoint(2, { reaches: 5, last: 7, whole: true });
  const [found] = pastsAfter(serving([past], [], 6), serving([past], [back], 7), new Set());

  it('is unsettled until then, and only where what is delivered is committed', () => {
    const commit = { ...topic, ...terms };
    assert.equal(unsettledEpoch(serving([past], [], 6), commit), 5);
    assert.equal(unsettledEpoch(serving([found!], [back], 7), commit), undefined);
    assert.equal(unsettledEpoch(serving([], [], 6), commit), undefined);
    const known = { ...past, ended: { epoch: 5, lastSequence: 7, disks: ['a'] } };
    assert.equal(unsettledEpoch(serving([known], [], 6), commit), undefined);
    assert.equal(unsettledEpoch(serving([past], [], 6), { ...commit, persistent: 'stable' }), undefined);
  });

  it('ends where the log does of the first of them that is back', () => {
    const ended = { epoch: 5, lastSequence: 7, disks: ['d2'] };
    assert.deepEqual(found, { topic: 't', epoch: 7, disks: ['d2'], ended });
  });

  it('is told by nobody who has all of the topic already: what its log has then is on its way', () => {
    const again = endpoint(2, { id: 2, reaches: 7, last: 3, whole: true });
    const [later] = pastsAfter(serving([found!], [back], 7), serving([found!], [again], 7), new Set());
    assert.deepEqual(later, found);
  });

  it('is told by none but those that were whole in it: of what others have nobody knows how far it goes', () => {
    const among = endpoint(1, { disk: 'a', reaches: 5, last: 7 });
    assert.equal(isWhole(view([past], []), view([past], []), among), true);
    assert.equal(isWhole(view([past], []), view([past], []), { ...among, disk: 'c' }), false);
  });

  it('that is known where it ends is not told again', () => {
    const known = { ...past, ended: { epoch: 5, lastSequence: 9, disks: ['a'] } };
    const [same] = pastsAfter(serving([known], [], 6), serving([known], [back], 7), new Set());
    assert.deepEqual(same!.ended, known.ended);
  });
});

describe('a domain that loses the disks that keep its views', () => {
  const terms = {
    ordered: true,
    persistent: 'commit' as const,
    ringBytes: 4096,
    largeBytes: 4096,
    info: null,
  };
  let requests = 0;
  const asks = (member: number, ...items: RequestItem[]): Change => ({
    kind: 'request',
    member,
    request: ++requests,
    items,
  });
  const opens = (member: number, topic: string, disk: string, reached: Partial<Endpoint> = {}) => {
    const common = { id: ++requests, role: 'writer' as const, topic, info: null, stores: true, disk };
    return asks(member, { op: 'open', endpoint: { ...common, ...reached }, terms });
  };
  const joins = (member: number) => asks(3, { op: 'join', member, info: null });
  const fails = (member: number): Change => ({ kind: 'remove', member });
  const after = (from: View, ...changes: Change[][]) =>
    changes.reduce((last, each) => nextView(last, each, () => undefined), from);
  const wholeIn = ({ endpoints }: View, topic: string) =>
    endpoints.filter((other) => other.topic === topic && other.whole).map(({ disk }) => disk);

  /** Disk a keeps topic t; members 2, 3 and 4 have none yet. */
  const first = after(
    firstView(1, 1, null),
    [2, 3, 4].map((member) => asks(1, { op: 'join', member, info: null })),
    [opens(1, 't', 'a')],
  );

  it('counts no other disk that comes with that change, or after it, before one of them is back', () => {
    const failing = after(first, [fails(1), opens(2, 'u', 'n')]);
    assert.deepEqual(wholeIn(failing, 'u'), []);
    const later = after(failing, [opens(3, 'u', 'm')], [opens(3, 'v', 'm')], [fails(2)]);
    for (const lost of [failing, later]) {
      assert.equal(areLost(lost), true);
      assert.deepEqual(keepersOf(lost), ['a']);
    }
    assert.deepEqual([...wholeIn(later, 'u'), ...wholeIn(later, 'v')], []);
    assert.deepEqual(
      later.pasts!.map(({ topic }) => topic),
      ['t'],
    );
  });

  it('counts them all once one is back, those that have come meanwhile, too', () => {
    const lost = after(first, [fails(1)], [opens(2, 'u', 'n')], [joins(5)]);
    const back = after(lost, [opens(5, 'v', 'a')]);
    assert.equal(areLost(back), false);
    assert.deepEqual(keepersOf(back), ['n', 'a']);
    assert.deepEqual(wholeIn(back, 'u'), ['n']);
    assert.deepEqual(wholeIn(back, 'v'), ['a']);
    assert.deepEqual(keepersOf(after(back, [fails(5)])), ['n']);
  });

  it('does not go on with a log that has all of a topic, and lies elsewhere: the disk that is lost might go on without it', () => {
    const known = { epoch: 5, lastSequence: 7, disks: ['a', 'b'] };
    const rests: View = { ...first, pasts: [{ ...past, ended: known }], endpoints: [], topics: [] };
    const lost = after(rests, [fails(1)]);
    const early = after(lost, [opens(2, 't', 'b', { reaches: 5, last: 7 })]);
    assert.deepEqual(wholeIn(early, 't'), []);
    const back = after(early, [joins(5)], [asks(5, { op: 'keep', disk: 'a' })]);
    assert.deepEqual(wholeIn(back, 't'), ['b']);
  });

  it('goes on with another of the same folder, on one host: whoever looks into the one that is lost looks into that, too', () => {
    const kept = (disk: string) =>
      after(firstView(1, 1, null), [asks(1, { op: 'join', member: 2, info: null })], [opens(1, 't', disk)]);
    const goesOn = (from: View, disk: string) => wholeIn(after(from, [fails(1), opens(2, 'u', disk)]), 'u');
    assert.deepEqual(goesOn(kept('/storage/domain/a'), '/storage/domain/n'), ['/storage/domain/n']);
    assert.deepEqual(goesOn(kept('/storage/domain/a'), '/other/domain/n'), []);
    assert.deepEqual(goesOn(kept('a@1'), 'n@2'), []);
  });

  it('has lost those that leave, too: nobody knows that they saw who came with the same view', () => {
    const left = after(first, [opens(2, 'u', 'n'), asks(1, { op: 'leave' })]);
    assert.deepEqual(keepersOf(left), ['a']);
    assert.deepEqual(wholeIn(left, 'u'), []);
    const handedOn = after(first, [opens(2, 'u', 'n')], [asks(1, { op: 'leave' })]);
    assert.deepEqual(keepersOf(handedOn), ['n']);
    assert.deepEqual(wholeIn(handedOn, 'u'), ['n']);
  });

  it('has lost nothing where nothing was ever kept', () => {
    const witnessed = after(
      firstView(1, 1, null),
      [asks(1, { op: 'join', member: 2, info: null })],
      [asks(1, { op: 'keep', disk: 'w' })],
    );
    const next = after(witnessed, [fails(1), opens(2, 'u', 'n')]);
    assert.deepEqual(wholeIn(next, 'u'), ['n']);
    assert.deepEqual(keepersOf(next), ['n']);
  });
});

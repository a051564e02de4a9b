import assert from 'node:assert/strict';
import { isWhole, pastsAfter, type TopicPast } from '../../runtime/membership/topic-past.js';
import { firstView, type Endpoint, type View } from '../../runtime/membership/view.js';

const past: TopicPast = { topic: 't', epoch: 5, disks: ['a', 'b'] };

function endpoint(member: number, more: Partial<Endpoint> = {}): Endpoint {
  return { member, id: 1, role: 'reader', topic: 't', info: null, stores: true, disk: `d${member}`, ...more };
}

function view(pasts: TopicPast[], endpoints: Endpoint[]): View {
  return { ...firstView(1, 1, null), pasts, endpoints };
}

describe('a log that comes to a topic that rests', () => {
  const back = endpoint(2, { reaches: 5 });

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

  it('ends where the log does of the first of them that is back', () => {
    const ended = { epoch: 5, lastSequence: 7, disks: ['d2'] };
    assert.deepEqual(found, { topic: 't', epoch: 7, disks: ['d2'], ended });
  });

  it('is told by nobody who has all of the topic already: what its log has then is on its way', () => {
    const again = endpoint(2, { id: 2, reaches: 7, last: 3, whole: true });
    const [later] = pastsAfter(serving([found!], [back], 7), serving([found!], [again], 7), new Set());
    assert.deepEqual(later, found);
  });

  it('that is known where it ends is not told again', () => {
    const known = { ...past, ended: { epoch: 5, lastSequence: 9, disks: ['a'] } };
    const [same] = pastsAfter(serving([known], [], 6), serving([known], [back], 7), new Set());
    assert.deepEqual(same!.ended, known.ended);
  });
});

import assert from 'node:assert/strict';
import { isWhole, type TopicPast } from '../../runtime/membership/topic-past.js';
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

import assert from 'node:assert/strict';
import { HistoryError } from '../../runtime/history/errors.js';
import { MembershipError } from '../../runtime/membership/errors.js';
import { firstView, type View } from '../../runtime/membership/view.js';
import { SubgroupColumns } from '../../runtime/multicast/row.js';
import { type Delivered, History, type TrimActed } from './history.js';
import * as oracles from './oracles.js';
import * as transferOracles from './transfer-oracles.js';
import { Transfers } from './transfers.js';
import { Violation } from './violation.js';

const sampleBytes = 16;
const topic = 't0';
const plan = {
  name: topic,
  terms: { ordered: true, ringBytes: 4096, largeBytes: 16384, info: null },
  history: {
    limits: { depth: 2, samplesMax: 50, instancesMax: 50, samplesPerInstanceMax: 50, bytesMax: 65536 },
    instances: 1,
  },
};

/** A run made by hand: members 1 and 2 write, 1, 2 and 3 read, in epoch 1; each writer has written three samples. */
class Run {
  readonly history = new History({ singleHost: false });
  readonly transfers = new Transfers(this.history, [plan]);
  readonly streams = [1, 2].map((writer) => this.history.openStream(writer, topic, 1));

  constructor(ordered = true) {
    this.beginEpoch(1, [1, 2, 3], ordered);
    for (const { lengths } of this.streams) lengths.push(sampleBytes, sampleBytes, sampleBytes);
  }

  beginEpoch(epoch: number, receivers: readonly number[], ordered = true): void {
    this.history.beginEpoch(topic, epoch, 1, ordered, [1, 2], receivers);
  }

  sample(member: number, writer: number, number: number, other: Partial<Delivered> = {}): Delivered {
    return {
      member,
      topic,
      epoch: 1,
      sequence: (number - 1) * 2 + writer - 1,
      sender: writer,
      stream: writer - 1,
      number,
      length: sampleBytes,
      hash: writer * 100 + number,
      intact: true,
      byTrim: false,
      ...other,
    };
  }

  /** `member` gets sample `number` of `writer`; `stable` sequences are received everywhere. */
  deliver(
    member: number,
    writer: number,
    number: number,
    other: Partial<Delivered> = {},
    stable = 100,
  ): void {
    const event = this.sample(member, writer, number, other);
    this.history.delivered(this.history.epoch(topic, event.epoch)!, event, () => stable);
  }

  trim(member: number, trim: readonly number[], other: Partial<TrimActed> = {}): void {
    this.history.trimActed({ member, topic, epoch: 1, trim, readersLeft: true, ...other });
  }

  install(member: number, view: View, suspects: readonly number[] = []): void {
    this.history.installed({ member, view, untouched: [], suspects });
  }

  /** A reader of member 3 that opens with epoch 2, when writer 1 has got three samples through. */
  lateReader(depth = Infinity) {
    for (let number = 1; number <= 3; number++) this.deliver(1, 1, number);
    this.trim(1, [3, 0]);
    const endpoint = { member: 1, id: 1, role: 'writer' as const, topic, info: { number: 1 }, holds: true };
    this.install(1, { ...viewOf(2, [1, 2, 3]), endpoints: [endpoint] });
    return this.transfers.open(3, topic, 2, depth);
  }
}

/** Epoch 1 of a topic follows epoch 0, with these readers before and after. */
function epochAfter(before: readonly number[], after: readonly number[]): void {
  const run = new Run();
  [before, after].forEach((readers, viewId) => {
    const endpoints = readers.map((member) => ({
      member,
      id: 1,
      role: 'reader' as const,
      topic,
      info: null,
    }));
    const topics = [{ ...plan.terms, name: topic, slot: 1, epoch: viewId }];
    run.install(1, { ...viewOf(viewId, [1, 2, 3]), topics, endpoints });
  });
}

function viewOf(viewId: number, members: readonly number[]): View {
  return { ...firstView(1, 1, null), viewId, members: members.map((id) => ({ id, info: null, applied: 0 })) };
}

const columns = new SubgroupColumns(2);

/** By oracle: a history in which what it looks for happened, and one next to it in which it did not. */
const histories: Record<string, { bad: () => void; good: () => void }> = {
  nothingInvented: {
    bad: () => new Run().deliver(3, 1, 4),
    good: () => new Run().deliver(3, 1, 1),
  },
  fifoAtMostOnce: {
    bad: () => {
      const run = new Run();
      run.deliver(3, 1, 1);
      run.deliver(3, 1, 1, { sequence: 2 });
    },
    good: () => {
      const run = new Run();
      run.deliver(3, 1, 1);
      run.deliver(3, 1, 2);
    },
  },
  noGap: {
    bad: () => {
      const run = new Run();
      run.deliver(3, 1, 1);
      run.deliver(3, 1, 3);
    },
    good: () => {
      // Nobody reads epoch 2, before which two samples were written.
      const run = new Run();
      run.streams[0]!.lengths.length = 2;
      run.history.beginUnread(1, topic, 2);
      run.streams[0]!.lengths.push(sampleBytes);
      run.beginEpoch(3, [3]);
      run.deliver(3, 1, 3, { epoch: 3 });
      // Of the second writer, the trim of epoch 1 keeps two.
      run.streams[1]!.keptIn.set(1, 2);
      run.deliver(3, 2, 3, { epoch: 3 });
    },
  },
  agreementAndOrder: {
    bad: () => {
      const run = new Run();
      run.deliver(1, 1, 1);
      run.deliver(3, 2, 1);
    },
    good: () => {
      const run = new Run();
      for (const member of [1, 3]) for (const writer of [1, 2]) run.deliver(member, writer, 1);
    },
  },
  stableBeforeDelivery: {
    bad: () => new Run().deliver(3, 2, 1, {}, 1),
    good: () => new Run().deliver(3, 2, 1, {}, 2),
  },
  nothingBeyondTrim: {
    bad: () => {
      const run = new Run();
      run.trim(1, [1, 0]);
      run.deliver(3, 2, 1, { byTrim: true });
    },
    good: () => {
      const run = new Run();
      run.deliver(1, 1, 1);
      run.trim(1, [1, 0]);
      run.deliver(3, 1, 1, { byTrim: true });
    },
  },
  oneTrim: {
    bad: () => {
      const run = new Run();
      run.trim(1, [0, 0]);
      run.trim(2, [0, 1]);
    },
    good: () => {
      const run = new Run();
      run.trim(1, [0, 0]);
      run.trim(2, [0, 0]);
    },
  },
  trimCoversDelivered: {
    bad: () => {
      // All receivers seemed to have failed, and the trim keeps nothing; but one of them goes on by it.
      const run = new Run();
      run.deliver(3, 1, 1);
      run.trim(1, [0, 0], { readersLeft: false });
      run.trim(3, [0, 0]);
    },
    good: () => {
      // Only the failed have it: nobody is left who owes it to anyone.
      const run = new Run();
      run.beginEpoch(2, [3]);
      run.deliver(3, 1, 1, { epoch: 2 });
      run.trim(1, [0, 0], { epoch: 2, readersLeft: false });
    },
  },
  acknowledgedIsKept: {
    bad: () => {
      const run = new Run();
      run.history.acknowledged(topic, 1, 2, 1);
      run.trim(1, [1, 0]);
    },
    good: () => {
      const run = new Run();
      run.history.acknowledged(topic, 1, 2, 1);
      run.trim(1, [1, 1]);
    },
  },
  virtualSynchrony: {
    bad: () => {
      const run = new Run();
      run.deliver(1, 1, 1);
      run.trim(1, [1, 0]);
      run.trim(3, [1, 0]);
    },
    good: () => {
      const run = new Run();
      run.deliver(1, 1, 1);
      run.deliver(3, 1, 1);
      run.trim(1, [1, 0]);
      run.trim(3, [1, 0]);
    },
  },
  viewsInOrder: {
    bad: () => {
      const run = new Run();
      run.install(1, viewOf(0, [1, 2]));
      run.install(1, viewOf(2, [1, 2]));
    },
    good: () => {
      const run = new Run();
      run.install(1, viewOf(0, [1]));
      run.install(1, viewOf(1, [1, 2]));
      run.install(2, viewOf(1, [1, 2]));
    },
  },
  oneMembershipPerView: {
    bad: () => {
      const run = new Run();
      run.install(1, viewOf(0, [1, 2, 3]));
      run.install(2, viewOf(0, [1, 2]));
    },
    good: () => {
      const run = new Run();
      for (const member of [1, 2]) run.install(member, viewOf(0, [1, 2]));
    },
  },
  majoritySurvives: {
    bad: () => {
      const run = new Run();
      run.install(1, viewOf(0, [1, 2, 3, 4]));
      run.history.leaving.add(3);
      run.install(1, viewOf(1, [1, 2]), [3, 4]);
    },
    good: () => {
      const run = new Run();
      run.install(1, viewOf(0, [1, 2, 3, 4]));
      run.history.leaving.add(3);
      run.install(1, viewOf(1, [1, 2]), [4]);
    },
  },
  joinersDoNotOutnumber: {
    bad: () => {
      const run = new Run();
      run.install(1, viewOf(0, [1, 2, 3]));
      run.install(1, viewOf(1, [1, 2, 4, 5, 6]), [3]);
    },
    good: () => {
      const run = new Run();
      run.install(1, viewOf(0, [1, 2, 3]));
      run.install(1, viewOf(1, [1, 2, 4, 5]), [3]);
    },
  },
  epochsFollowViews: {
    bad: () => epochAfter([1, 2], [1, 2]),
    good: () => epochAfter([1, 2], [1, 3]),
  },
  untouchedRunsOn: {
    bad: () =>
      new History({ singleHost: false }).installed({
        member: 1,
        view: viewOf(2, [1]),
        untouched: [{ topic, epoch: 1, undisturbed: false }],
        suspects: [],
      }),
    good: () =>
      new History({ singleHost: false }).installed({
        member: 1,
        view: viewOf(2, [1]),
        untouched: [{ topic, epoch: 1, undisturbed: true }],
        suspects: [],
      }),
  },
  countersGrow: {
    bad: () => oracles.countersGrow(() => 'a column', 8, 7),
    good: () => oracles.countersGrow(() => 'a column', 7, 8),
  },
  idleIsSilent: {
    bad: () => oracles.idleIsSilent(['1: group1.1 0–512']),
    good: () => oracles.idleIsSilent([]),
  },
  progressAfterHealing: {
    bad: () => oracles.progressAfterHealing(['member 1 is in view 3']),
    good: () => oracles.progressAfterHealing([]),
  },
  wedgedIsFinal: {
    bad: () => oracles.wedgedIsFinal(1, 'group1.1', columns, columns.received, 4, 5),
    good: () => oracles.wedgedIsFinal(1, 'group1.1', columns, columns.delivered, 4, 5),
  },
  trimIsFinal: {
    bad: () => oracles.trimIsFinal(1, 'group1.1', columns, columns.trim + 1, 4, 5),
    good: () => oracles.trimIsFinal(1, 'group1.1', columns, columns.delivered, 4, 5),
  },
  nobodyIsCorrupt: {
    bad: () => oracles.nobodyIsCorrupt(1, 2, new Error('sent went back')),
    good: () => oracles.nobodyIsCorrupt(1, 2, undefined),
  },
  haltsForAReason: {
    bad: () => oracles.haltsForAReason(1, new MembershipError('BE_VIEW_FAILED', 'a view failed')),
    good: () => oracles.haltsForAReason(1, new MembershipError('BE_EVICTED', 'taken for dead')),
  },
  evictedForAReason: {
    bad: () => oracles.evictedForAReason(new Run().history, 3, new MembershipError('BE_EVICTED', 'accused')),
    good: () => {
      const run = new Run();
      run.install(3, viewOf(0, [1, 2, 3]));
      run.install(1, viewOf(1, [1, 2]));
      oracles.evictedForAReason(run.history, 3, new MembershipError('BE_EVICTED', 'accused'));
      run.history.accused.add(2);
      oracles.evictedForAReason(run.history, 2, new MembershipError('BE_EVICTED', 'accused'));
    },
  },
  historyInOrder: {
    bad: () => {
      // Its writer keeps two samples: the second and the third.
      const run = new Run();
      run.transfers.got(run.lateReader(), run.sample(3, 1, 1));
    },
    good: () => {
      const run = new Run();
      const log = run.lateReader();
      for (const number of [2, 3]) run.transfers.got(log, run.sample(3, 1, number));
      run.transfers.ended(log, undefined, []);
    },
  },
  historyIsWhole: {
    bad: () => {
      const run = new Run();
      const log = run.lateReader();
      run.transfers.got(log, run.sample(3, 1, 3));
      run.transfers.ended(log, undefined, []);
    },
    good: () => {
      const run = new Run();
      const log = run.lateReader(1);
      run.transfers.got(log, run.sample(3, 1, 3));
      run.transfers.ended(log, undefined, []);
    },
  },
  historyLostWithItsHolders: {
    bad: () => {
      const run = new Run();
      run.transfers.ended(run.lateReader(), new HistoryError('BE_HISTORY_LOST', 'all are gone'), [2]);
    },
    good: () => {
      const run = new Run();
      const log = run.lateReader();
      run.transfers.got(log, run.sample(3, 1, 3));
      run.transfers.ended(log, new HistoryError('BE_HISTORY_LOST', 'all are gone'), []);
    },
  },
  liveAfterHistory: {
    bad: () => {
      const run = new Run();
      const log = run.transfers.open(3, topic, 1, 0);
      for (const number of [1, 2]) run.transfers.owe(log, run.sample(3, 1, number));
      run.transfers.got(log, run.sample(3, 1, 2));
    },
    good: () => {
      const run = new Run();
      const log = run.transfers.open(3, topic, 1, 0);
      for (const number of [1, 2]) run.transfers.owe(log, run.sample(3, 1, number));
      for (const number of [1, 2]) run.transfers.got(log, run.sample(3, 1, number));
    },
  },
};

describe('the history of a late reader', () => {
  it('has the rest of an epoch whose end only the failed knew, where that was known when it opened', () => {
    const run = new Run();
    const before = run.lateReader();
    run.install(1, { ...run.history.views.get(2)!.view, viewId: 3 });
    run.history.epoch(topic, 1)!.settled = { viewId: 3, trim: [2, 0] };
    const numbers = (log: typeof before) => run.transfers.expected(log).map(({ number }) => number);
    // Its writer keeps two.
    assert.deepEqual(numbers(before), [1, 2]);
    assert.deepEqual(numbers(run.transfers.open(3, topic, 3, Infinity)), [2, 3]);
  });
});

describe('an oracle of the simulator', () => {
  it('has a history here each', () => {
    const all = Object.keys({ ...oracles, ...transferOracles }).sort();
    assert.deepEqual(
      Object.keys(histories).sort(),
      all.filter((name) => name !== 'default'),
    );
  });

  for (const [name, { bad, good }] of Object.entries(histories)) {
    it(`${name} fails where it should, says what it saw, and passes what is right`, () => {
      const failure = (() => {
        try {
          bad();
        } catch (error) {
          return error;
        }
        return undefined;
      })();
      assert.ok(failure instanceof Violation, `${String(failure)} is no violation`);
      assert.equal(failure.oracle, name);
      assert.match(failure.message, new RegExp(`^${name}: .*[0-9]`));
      assert.notEqual(failure.saw, undefined);
      good();
    });
  }
});

import assert from 'node:assert/strict';
import { EntryRef } from '../../runtime/history/entry.js';
import { SeededRandom } from '../../transport/simulated/random.js';
import { regionMemory } from '../../transport/transport.js';
import { type LogRecord, SimulatedDisk } from './disk.js';
import { History } from './history.js';
import { Past } from './past.js';
import * as oracles from './past-oracles.js';
import { SimulatedState, States } from './states.js';
import { Violation } from './violation.js';

const topic = 't0';

/** Members 1 and 2 write and keep a topic in epoch 1. */
class Run {
  readonly history = new History({ singleHost: false });
  readonly past = new Past(this.history);
  readonly epoch = this.history.beginEpoch(topic, 1, 1, true, [1, 2], [1, 2], [1, 2], 'commit');

  log(sequence: number, timeUs: number): void {
    const entry = new EntryRef(regionMemory(new ArrayBuffer(64)), 0);
    const record: LogRecord = {
      epoch: 1,
      sequence,
      sender: 1,
      length: 8,
      hash: 0,
      timeUs,
      entry,
      stream: 0,
      number: 1,
    };
    this.past.logged(this.epoch, record);
    this.epoch.logged.push(record);
  }

  claim(settledUs: number, committed: number): void {
    this.past.claimed(topic, 1, { member: 1, settledUs }, committed);
  }
}

const histories: Record<Exclude<keyof typeof oracles, 'default'>, { bad: () => void; good: () => void }> = {
  timesFollowTheWriter: {
    bad: () => oracles.timesFollowTheWriter(1, 4, 5),
    good: () => oracles.timesFollowTheWriter(1, 5, 5),
  },
  timesFollowCausality: {
    bad: () => oracles.timesFollowCausality(1, 5, 5),
    good: () => oracles.timesFollowCausality(1, 6, 5),
  },
  statesAreAlike: {
    bad: () => {
      const states = new States();
      const [one, two] = [1, 2].map(
        (id) =>
          new SimulatedDisk(
            new SeededRandom(id),
            { syncUs: { min: 1, max: 1 }, waitingMax: 9 },
            () => undefined,
            () => undefined,
          ),
      );
      const came = (member: number) => (state: Omit<oracles.StateAt, 'member'>) =>
        states.came(topic, { member, ...state });
      const commands = [1, 2, 3].map((sequence) => ({ epoch: 1, sequence, hash: sequence * 7 }));
      new SimulatedState(one!, topic, commands, came(1));
      new SimulatedState(two!, topic, commands.slice(1), came(2));
    },
    good: () => {
      const states = new States();
      const disk = new SimulatedDisk(
        new SeededRandom(1),
        { syncUs: { min: 1, max: 1 }, waitingMax: 9 },
        () => undefined,
        () => undefined,
      );
      const came = (member: number) => (state: Omit<oracles.StateAt, 'member'>) =>
        states.came(topic, { member, ...state });
      const commands = Array.from({ length: 20 }, (_, sequence) => ({
        epoch: 1,
        sequence,
        hash: sequence * 7,
      }));
      new SimulatedState(disk, topic, commands, came(1));
      assert.equal(states.count, 20);
      // From a snapshot on, which has the most of it.
      new SimulatedState(disk, topic, commands.slice(disk.states.get(topic)!.sequence - 2), came(2)).apply({
        epoch: 2,
        sequence: 0,
        hash: 1,
      });
      assert.equal(states.count, 21);
    },
  },
  settledIsComplete: {
    bad: () => {
      const run = new Run();
      run.log(0, 10);
      run.log(2, 20);
      run.claim(20, 2);
    },
    good: () => {
      const run = new Run();
      run.log(0, 10);
      run.log(2, 20);
      run.claim(19, 2);
      run.claim(20, 3);
    },
  },
  settledIsFinal: {
    bad: () => {
      const run = new Run();
      run.claim(20, 0);
      run.log(0, 20);
    },
    good: () => {
      const run = new Run();
      run.claim(20, 0);
      run.log(0, 21);
      // Nobody of those who were in it is in the next epoch.
      run.past.epochBegan(topic, [3], [1, 2]);
      run.log(1, 5);
    },
  },
};

describe('an oracle of times and of the past', () => {
  it('has a history here each', () => {
    const names = Object.keys(oracles).filter((name) => name !== 'default');
    assert.deepEqual(Object.keys(histories).sort(), names.sort());
  });

  for (const [name, { bad, good }] of Object.entries(histories)) {
    it(`${name} refuses a history, and takes another`, () => {
      assert.throws(bad, (error: unknown) => error instanceof Violation && error.oracle === name);
      good();
    });
  }
});

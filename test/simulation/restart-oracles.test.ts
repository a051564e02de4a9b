import assert from 'node:assert/strict';
import type { Restart } from '../../runtime/membership/restart.js';
import { firstView } from '../../runtime/membership/view.js';
import { EntryRef } from '../../runtime/history/entry.js';
import { SeededRandom } from '../../transport/simulated/random.js';
import { regionMemory } from '../../transport/transport.js';
import { type LogRecord, SimulatedDisk } from './disk.js';
import * as oracles from './restart-oracles.js';
import { Violation } from './violation.js';

const entry = new EntryRef(regionMemory(new ArrayBuffer(0)), 0);
const record = (epoch: number, sequence: number, hash = 0): LogRecord => ({
  epoch,
  sequence,
  sender: 1,
  length: 8,
  timeUs: 0,
  hash,
  entry,
  stream: 0,
  number: 1,
});
const refused = (oracle: string) => (error: unknown) => error instanceof Violation && error.oracle === oracle;
const restart = (viewId: number): Restart => ({
  base: firstView(1, 1, null),
  viewId,
  disks: ['a'],
  topics: [],
});

describe('the oracles of restarts', () => {
  const log = [record(1, 0), record(1, 3, 7), record(2, 0)];

  it('refuse a log in which something is missing that was committed, or is otherwise', () => {
    oracles.committedSurvives('t', [record(1, 3, 7)], log);
    for (const committed of [record(1, 2), record(1, 3, 8), record(2, 1)])
      assert.throws(() => oracles.committedSurvives('t', [committed], log), refused('committedSurvives'));
  });

  it('refuse a log in which something is that was left out for good', () => {
    oracles.cutStaysCut('t', [{ epoch: 1, sequence: 3 }], log);
    assert.throws(() => oracles.cutStaysCut('t', [{ epoch: 1, sequence: 2 }], log), refused('cutStaysCut'));
  });

  it('refuse two logs that go on and are not alike', () => {
    oracles.logsAreAlike('t', 'a', log, [...log]);
    for (const other of [log.slice(1), [log[0]!, record(1, 3, 8), log[2]!]])
      assert.throws(() => oracles.logsAreAlike('t', 'a', other, log), refused('logsAreAlike'));
  });

  it('refuse a restart that waits though all disks are back, or that forgets what was committed', () => {
    const committed = new Map([['t', log]]);
    oracles.restartConverges(restart(3), committed);
    oracles.restartConverges(undefined, new Map());
    for (const decision of [[{ disks: ['a'], why: 'it is missing' }], undefined])
      assert.throws(() => oracles.restartConverges(decision, committed), refused('restartConverges'));
  });

  it('refuse a restart whose view is not above every epoch of a log', () => {
    const options = { syncUs: { min: 1, max: 1 }, waitingMax: 1 };
    const nothing = () => undefined;
    const disk = new SimulatedDisk(new SeededRandom(1), options, nothing, nothing, 'a');
    disk.log('t').replace(log);
    oracles.restartGoesForward(restart(3), [disk]);
    assert.throws(() => oracles.restartGoesForward(restart(2), [disk]), refused('restartGoesForward'));
  });
});

import assert from 'node:assert/strict';
import { EntryRef } from '../../runtime/history/entry.js';
import { regionMemory } from '../../transport/transport.js';
import type { LogRecord } from './disk.js';
import { History } from './history.js';
import * as oracles from './log-oracles.js';
import { witnessesHoldNothing } from './restart-oracles.js';
import { Violation } from './violation.js';

const entry = new EntryRef(regionMemory(new ArrayBuffer(0)), 0);
const record = (epoch: number, sequence: number, hash = 0, number = 1): LogRecord => ({
  epoch,
  sequence,
  sender: 1,
  length: 8,
  timeUs: 0,
  hash,
  entry,
  stream: 0,
  number,
});
const refused = (oracle: string) => (error: unknown) => error instanceof Violation && error.oracle === oracle;

describe('the oracles of logs', () => {
  const topic = new History({ singleHost: false }).beginEpoch('t', 1, 1, true, [1], [1, 2], [1, 2], 'commit');

  it('refuse a log that goes on to a later epoch before it has all of the one before', () => {
    oracles.logsSkipNothing(topic, 1, 5, 5, record(2, 0));
    for (const has of [4, 6])
      assert.throws(
        () => oracles.logsSkipNothing(topic, 1, has, 5, record(2, 0)),
        refused('logsSkipNothing'),
      );
  });

  it('refuse a log that has a sample twice, or behind one that was written later', () => {
    oracles.logsHaveNothingTwice('t', 1, undefined, record(1, 0));
    oracles.logsHaveNothingTwice('t', 1, record(1, 0, 0, 3), record(2, 0, 0, 4));
    for (const number of [3, 2])
      assert.throws(
        () => oracles.logsHaveNothingTwice('t', 1, record(1, 0, 0, 3), record(2, 0, 0, number)),
        refused('logsHaveNothingTwice'),
      );
  });

  it('refuse a member that goes on without what a log has of an epoch that it was in', () => {
    oracles.lostEndIsDelivered(topic, 1, 3, 3);
    for (const delivered of [2, 4])
      assert.throws(() => oracles.lostEndIsDelivered(topic, 1, delivered, 3), refused('lostEndIsDelivered'));
  });

  it('refuse a message at a witness', () => {
    witnessesHoldNothing(1, 't', false);
    assert.throws(() => witnessesHoldNothing(1, 't', true), refused('witnessesHoldNothing'));
  });

  it('refuse a log that is called whole and is not as another one that is', () => {
    const log = [record(1, 0), record(1, 3, 7), record(2, 0)];
    oracles.wholeLogsAlike('t', 3, 1, log, 2, [...log]);
    for (const other of [log.slice(1), log.slice(0, 2), [log[0]!, record(1, 3, 8), log[2]!]])
      assert.throws(() => oracles.wholeLogsAlike('t', 3, 1, log, 2, other), refused('wholeLogsAlike'));
  });
});

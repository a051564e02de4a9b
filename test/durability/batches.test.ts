import assert from 'node:assert/strict';
import { FaultyDisk } from './faulty-disk.js';
import { append, close, openOn, read, readClosed, samples, smallLimits, textsOf } from './log-on-disk.js';

function syncsAndWrites(disk: FaultyDisk): [syncs: number, writes: number] {
  return [disk.counts.get('sync') ?? 0, disk.counts.get('write') ?? 0];
}

describe('appending to a log', () => {
  it('all that is appended in one turn, and while a batch is on its way, is one write and one sync', () => {
    const disk = new FaultyDisk();
    const log = openOn(disk, { limits: { segmentBytesMax: 1 << 20, bufferBytesMax: 1 << 16 } })!;
    const [syncs, writes] = syncsAndWrites(disk);
    append(log, samples(10));
    disk.turn();
    // On its way: the batch of ten. What comes now is the next.
    append(log, samples(20, 2));
    assert.equal(log.durableSequence, -1);
    disk.drain();
    assert.deepEqual(syncsAndWrites(disk), [syncs + 2, writes + 2]);
    assert.deepEqual([log.durableEpoch, log.durableSequence], [2, 19]);
  });

  it('is durable in order: what is told is never behind what was', () => {
    const disk = new FaultyDisk();
    const told: number[] = [];
    const log = openOn(disk, { moved: () => told.push(log!.durableSequence) })!;
    for (const sample of samples(60)) {
      append(log, [sample]);
      if (sample.sequence % 3 === 0) disk.turn();
    }
    disk.drain();
    assert.deepEqual(
      told,
      told.toSorted((a, b) => a - b),
    );
    assert.equal(told.at(-1), 59);
  });

  it('tells that it is full, takes one more of any length, and tells when there is room', () => {
    const disk = new FaultyDisk();
    let moved = 0;
    const log = openOn(disk, { moved: () => moved++ })!;
    let sequence = 0;
    while (!log.full) append(log, [{ epoch: 1, sequence: sequence++, text: 'x'.repeat(500) }]);
    assert.ok(
      sequence * 572 >= smallLimits.bufferBytesMax && sequence * 572 < 2 * smallLimits.bufferBytesMax,
    );
    append(log, [{ epoch: 1, sequence: sequence++, text: 'y'.repeat(30_000) }]);
    assert.equal(moved, 0);
    disk.turn();
    assert.equal(log.full, false);
    assert.equal(moved, 1);
    disk.drain();
    assert.equal(log.durableSequence, sequence - 1);
    assert.equal(read(disk, log).length, sequence);
  });

  it('a sample larger than a segment has one of its own', () => {
    const disk = new FaultyDisk();
    const log = openOn(disk)!;
    const large = [3000, 20_000, 10, 50_000, 50_000, 10].map((length, sequence) => ({
      epoch: 1,
      sequence,
      text: String(sequence).repeat(length),
    }));
    for (const sample of large) {
      append(log, [sample]);
      disk.drain();
    }
    assert.deepEqual(read(disk, log), textsOf(large));
    close(disk, log);
    assert.deepEqual(readClosed(disk), textsOf(large));
    const again = openOn(disk)!;
    append(again, samples(30, 2));
    close(disk, again);
    assert.deepEqual(readClosed(disk), [...textsOf(large), ...textsOf(samples(30, 2))]);
  });

  it('a full disk is found before it is needed: while there is room for what was appended', () => {
    const disk = new FaultyDisk();
    const log = openOn(disk)!;
    disk.bytesMax = 8192 + 4096;
    for (const sample of samples(30)) {
      append(log, [sample]);
      disk.drain();
      if (log.failure !== undefined) break;
    }
    assert.equal(log.failure?.code, 'BE_LOG_FULL');
    assert.match(log.failure.message, /^\/disk\/00000002-0\.log: no room on the disk \(ENOSPC\)/);
    assert.ok(log.durableSequence >= 3);
    const durable = log.durableSequence;
    append(log, samples(3, 2));
    disk.drain();
    assert.equal(log.durableSequence, durable, 'it moves no more');
    disk.bytesMax = Infinity;
    const again = openOn(disk.afterCrash(() => 0))!;
    assert.ok(again.lastSequence >= durable);
  });

  it('closing waits for all of it, and a closed log says that it is', () => {
    const disk = new FaultyDisk();
    const log = openOn(disk)!;
    append(log, samples(50));
    close(disk, log);
    assert.equal(log.durableSequence, 49);
    assert.equal(log.failure?.code, 'BE_LOG_CLOSED');
    let second: Error | undefined;
    log.finish((error) => (second = error));
    assert.match(String(second), /the log is closed/);
    assert.deepEqual(readClosed(disk.afterCrash(() => 0)), textsOf(samples(50)));
  });
});

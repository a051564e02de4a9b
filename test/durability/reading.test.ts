import assert from 'node:assert/strict';
import { FaultyDisk } from './faulty-disk.js';
import { append, close, openOn, read, readClosed, samples, textsOf } from './log-on-disk.js';

/** Epochs 1 and 3, of 40 samples each with gaps in their sequences; times that go back now and then, as they do among writers. */
const all = [1, 3].flatMap((epoch) =>
  samples(40).map((sample, index) => ({
    ...sample,
    epoch,
    sequence: index * 3,
    timeUs: 10_000 * epoch + index * 10 + (index % 3 === 0 ? -15 : 0),
  })),
);

describe('reading a log', () => {
  const disk = new FaultyDisk();
  const log = openOn(disk)!;
  for (const sample of all) {
    append(log, [sample]);
    disk.drain();
  }

  it('from a version on: it, or the next one that there is', () => {
    for (const sample of all) {
      const { epoch, sequence } = sample;
      const rest = textsOf(all.slice(all.indexOf(sample)));
      assert.deepEqual(read(disk, log, { from: { epoch, sequence } }), rest);
      assert.deepEqual(read(disk, log, { from: { epoch, sequence: sequence - 1 } }), rest);
    }
    assert.deepEqual(read(disk, log, { from: { epoch: 2, sequence: 7 } }), textsOf(all.slice(40)));
    assert.deepEqual(read(disk, log, { from: { epoch: 4, sequence: 0 } }), []);
  });

  it('up to a version: all that the topic was then', () => {
    for (const sample of all) {
      const { epoch, sequence } = sample;
      const before = textsOf(all.slice(0, all.indexOf(sample) + 1));
      assert.deepEqual(read(disk, log, { upTo: { epoch, sequence } }), before);
      assert.deepEqual(read(disk, log, { upTo: { epoch, sequence: sequence + 1 } }), before);
    }
  });

  it('by times, though these are not in the order of the versions', () => {
    for (const [fromUs, upToUs] of [
      [10_000, 10_100],
      [10_333, 10_333],
      [0, 9_999],
      [10_200, 30_050],
      [30_391, Infinity],
      [-Infinity, 10_005],
    ] as const) {
      const wanted = all.filter(({ timeUs }) => timeUs >= fromUs && timeUs <= upToUs);
      assert.deepEqual(read(disk, log, { fromUs, upToUs }), textsOf(wanted), `${fromUs} ${upToUs}`);
    }
  });

  it('gives what was durable when it began, and the same after the log was opened again', () => {
    const range = { from: { epoch: 1, sequence: 60 }, upTo: { epoch: 3, sequence: 9 }, fromUs: 10_250 };
    const wanted = read(disk, log, range);
    assert.ok(wanted.length > 10);
    const later = disk.afterExit();
    assert.deepEqual(readClosed(later, range), wanted);
    const again = openOn(later)!;
    assert.deepEqual(read(later, again, range), wanted);
    assert.deepEqual(read(later, again, { from: { epoch: 1, sequence: 27 } }), textsOf(all.slice(9)));
  });

  it('does not give what is not durable yet', () => {
    append(log, [{ epoch: 5, sequence: 0, text: 'new' }]);
    const reading = log.reading();
    disk.drain();
    let count = 0;
    const next = (): void =>
      reading.advance((error, more) => {
        if (error !== undefined) throw error;
        if (!more) return;
        count++;
        next();
      });
    next();
    disk.drain();
    assert.equal(count, all.length);
    assert.equal(read(disk, log).length, all.length + 1);
  });
});

describe('the end of an epoch in a log', () => {
  it('cuts what lies beyond, for every reader, from then on and after any crash', () => {
    const disk = new FaultyDisk();
    const log = openOn(disk)!;
    append(log, samples(30));
    disk.drain();
    log.end(1, 19);
    assert.deepEqual([log.lastEpoch, log.lastSequence], [1, 19]);
    assert.deepEqual([log.durableEpoch, log.durableSequence], [1, 29]);
    append(log, samples(5, 2));
    disk.drain();
    const wanted = [...textsOf(samples(20)), ...textsOf(samples(5, 2))];
    assert.deepEqual(read(disk, log), wanted);
    assert.deepEqual(read(disk, log, { from: { epoch: 1, sequence: 18 } }), wanted.slice(18));
    const crashed = disk.afterCrash(() => 0);
    assert.deepEqual(readClosed(crashed), wanted);
    const again = openOn(crashed)!;
    assert.deepEqual([again.lastEpoch, again.lastSequence], [2, 4]);
    // More segments, so that the cut is in the manifest and no longer in what is read at opening.
    append(again, samples(80, 4));
    close(crashed, again);
    assert.deepEqual(readClosed(crashed), [...wanted, ...textsOf(samples(80, 4))]);
  });

  it('cuts several epochs at once, and says where the log now ends', () => {
    const disk = new FaultyDisk();
    const log = openOn(disk)!;
    append(log, [...samples(10), ...samples(10, 2), ...samples(10, 3)]);
    log.end(1, 4);
    close(disk, log);
    const again = openOn(disk)!;
    assert.deepEqual([again.lastEpoch, again.lastSequence], [1, 4]);
    assert.deepEqual(read(disk, again), textsOf(samples(5)));
    append(again, samples(2, 7));
    disk.drain();
    assert.deepEqual(read(disk, again), [...textsOf(samples(5)), ...textsOf(samples(2, 7))]);
  });

  it('cuts again what comes after a place where it was cut before', () => {
    const disk = new FaultyDisk();
    const log = openOn(disk)!;
    append(log, samples(3));
    log.end(1, 0);
    append(log, samples(2, 2));
    log.end(1, 0);
    close(disk, log);
    assert.deepEqual(readClosed(disk), textsOf(samples(1)));
  });

  it('that reaches no further than the log cuts nothing', () => {
    const disk = new FaultyDisk();
    const log = openOn(disk)!;
    append(log, samples(5));
    log.end(1, 4);
    log.end(2, -1);
    append(log, samples(3, 3));
    close(disk, log);
    assert.deepEqual(readClosed(disk), [...textsOf(samples(5)), ...textsOf(samples(3, 3))]);
  });
});

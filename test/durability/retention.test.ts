import assert from 'node:assert/strict';
import type { DiskLog } from '../../runtime/durability/log/disk-log.js';
import { hasAllAfter } from '../../runtime/durability/log/gap.js';
import { inspect } from '../../runtime/durability/log/inspection.js';
import { repair } from '../../runtime/durability/log/repair.js';
import { KEEP_ALL, type Retention } from '../../runtime/durability/log/retention.js';
import { FaultyDisk, randomOf } from './faulty-disk.js';
import { type TestSample, append, close, finish, openOn, read, readClosed, textsOf } from './log-on-disk.js';

/** Every instance is written again and again, but for one in `lonely`, which has an instance of its own. */
function keyed(count: number, instances: number, lonely = Infinity): TestSample[] {
  return Array.from({ length: count }, (_, sequence) => ({
    epoch: 1,
    sequence,
    text: `${sequence}:${'x'.repeat((sequence * 37) % 300)}`,
    instance: sequence % lonely === 5 ? 1000 + sequence : 1 + ((sequence * 7) % instances),
    timeUs: 1000 + sequence,
  }));
}

function fill(disk: FaultyDisk, log: DiskLog, some: readonly TestSample[]): void {
  for (const sample of some) {
    append(log, [sample]);
    disk.drain();
  }
}

function retain(disk: FaultyDisk, log: DiskLog, nowUs: number): void {
  let done = false;
  log.retain(nowUs, () => (done = true));
  disk.drain();
  assert.ok(done || disk.crashed);
}

function opened(retention: Partial<Retention>): { disk: FaultyDisk; log: DiskLog } {
  const disk = new FaultyDisk();
  const log = openOn(disk)!;
  log.keep({ ...KEEP_ALL, ...retention });
  return { disk, log };
}

describe('what a log keeps', () => {
  const all = keyed(120, 6, 12);
  const texts = textsOf(all);

  it('all of it, if nothing else is said', () => {
    const { disk, log } = opened({});
    fill(disk, log, all);
    assert.deepEqual(read(disk, log), texts);
  });

  it('by samples: old segments go as a whole, and never so many that too little is left', () => {
    const { disk, log } = opened({ samplesMax: 30 });
    fill(disk, log, all);
    const found = read(disk, log);
    assert.ok(found.length >= 30 && found.length < 60, String(found.length));
    assert.deepEqual(found, texts.slice(-found.length));
    assert.ok(!disk.names.includes('00000001-0.log'));
    close(disk, log);
    assert.deepEqual(readClosed(disk), found);
    assert.deepEqual(finish(disk, inspect(disk))!.findings, []);
    assert.equal(openOn(disk)!.lastSequence, 119);
  });

  it('by bytes: the disk does not fill up', () => {
    const { disk, log } = opened({ bytesMax: 5 * 8192 });
    fill(disk, log, keyed(1000, 6));
    assert.ok(log.bytes <= 7 * 8192, String(log.bytes));
    assert.equal(read(disk, log).at(-1), textsOf(keyed(1000, 6)).at(-1));
  });

  it('by age: segments in which everything is void', () => {
    const { disk, log } = opened({ lifespanUs: 50 });
    fill(disk, log, all);
    retain(disk, log, 1000 + 119 + 30);
    const found = read(disk, log);
    assert.ok(found.length >= 20 && found.length < 60, String(found.length));
    assert.deepEqual(found, texts.slice(-found.length));
  });

  for (const depth of [1, 3])
    it(`KEEP_LAST ${depth}: of each instance the newest, once its segments are complete`, () => {
      const { disk, log } = opened({ depth });
      fill(disk, log, all);
      retain(disk, log, 0);
      const found = read(disk, log);
      assert.ok(found.length < 60, String(found.length));
      const newest = all.filter(
        (sample) =>
          all.filter(({ instance, sequence }) => instance === sample.instance && sequence > sample.sequence)
            .length < depth,
      );
      for (const text of textsOf(newest)) assert.ok(found.includes(text), text);
      assert.deepEqual(
        found,
        texts.filter((text) => found.includes(text)),
        'in order',
      );
      // What is read at opening follows what was compacted.
      close(disk, log);
      assert.deepEqual(readClosed(disk), found);
      assert.deepEqual(finish(disk, inspect(disk))!.findings, []);
      const again = openOn(disk)!;
      const more = keyed(40, 6).map((sample) => ({ ...sample, epoch: 2 }));
      fill(disk, again, more);
      assert.deepEqual(read(disk, again), [...found, ...textsOf(more)]);
    });

  it('KEEP_LAST does not grow with what is written, and copies a sample a few times in all', () => {
    const { disk, log } = opened({ depth: 1 });
    let written = 0;
    disk.fault = (operation) => {
      if (operation === 'write') written++;
      return undefined;
    };
    fill(disk, log, keyed(3000, 5));
    assert.ok(log.bytes < 12 * 8192, String(log.bytes));
    assert.ok(disk.names.length < 14, disk.names.join());
    assert.ok(written < 3000 + 1500, String(written));
  });

  /** All that is missing lies before the gap, in the order and in time; nothing that comes after it is missing. */
  function checkGap({ gap }: Pick<DiskLog, 'gap'>, found: readonly string[]): void {
    assert.ok(gap !== undefined);
    const there = new Set(found);
    const missing = all.filter((_, index) => !there.has(texts[index]!));
    assert.ok(missing.length > 0);
    assert.equal(gap.epoch, 1);
    assert.ok(missing.every(({ sequence, timeUs }) => sequence <= gap.sequence && timeUs! <= gap.timeUs));
    // It says no more than that the segments went of which something is missing.
    assert.ok(gap.sequence < 119 && gap.timeUs === 1000 + gap.sequence, JSON.stringify(gap));
  }

  /** Its process has ended, and its manifest is lost. */
  function madeAgain(disk: FaultyDisk): DiskLog {
    disk.unlock();
    disk.remove('manifest');
    finish(disk, repair(disk));
    return openOn(disk)!;
  }

  for (const retention of [{ samplesMax: 30 }, { depth: 1 }])
    it(`says what is missing then, also when it is opened again, and its manifest made again: ${JSON.stringify(retention)}`, () => {
      const { disk, log } = opened(retention);
      assert.equal(openOn(new FaultyDisk())!.gap, undefined);
      fill(disk, log, all);
      retain(disk, log, 0);
      const found = read(disk, log);
      checkGap(log, found);
      const { gap } = log;
      assert.deepEqual(openOn(disk.afterExit())!.gap, gap);
      const again = madeAgain(disk).gap!;
      assert.ok(gap !== undefined && hasAllAfter(gap, again), JSON.stringify([gap, again]));
      assert.ok(again.timeUs >= gap.timeUs);
      assert.ok(again.sequence < 119);
    });

  it('says what a log lacks that it was made from, before what follows it: after a crash, too, and where its manifest is lost', () => {
    const { disk, log } = opened({});
    fill(disk, log, all.slice(0, 3));
    const gap = { epoch: 1, sequence: 7, timeUs: 1007 };
    log.lacks(gap);
    append(log, all.slice(8, 9));
    disk.drain();
    assert.deepEqual(log.gap, gap);
    assert.deepEqual(openOn(disk.afterExit())!.gap, gap);
    const again = madeAgain(disk);
    assert.deepEqual(again.gap, gap);
    assert.ok(hasAllAfter(gap, { epoch: 1, sequence: 7 }) && !hasAllAfter(gap, { epoch: 1, sequence: 6 }));
    // What is dropped later is missing beside it.
    again.keep({ ...KEEP_ALL, samplesMax: 30 });
    fill(disk, again, all.slice(9));
    checkGap(again, read(disk, again));
  });

  it('what somebody reads stays until he has read it', () => {
    const { disk, log } = opened({ depth: 1 });
    log.keep(KEEP_ALL);
    fill(disk, log, all);
    const reading = log.reading();
    const found: number[] = [];
    for (let count = 0; count < 10; count++) {
      assert.ok(finish(disk, reading.next()));
      found.push(reading.record.sequence);
    }
    log.keep({ ...KEEP_ALL, depth: 1 });
    retain(disk, log, 0);
    while (finish(disk, reading.next())) found.push(reading.record.sequence);
    assert.equal(found.length, 120);
    disk.drain();
    assert.ok(!disk.names.includes('00000001-0.log'), disk.names.join());
  });

  for (const retention of [{ samplesMax: 10 }, { depth: 1 }, { lifespanUs: 5 }])
    it(`stays while somebody needs it, from a version on: ${JSON.stringify(retention)}`, () => {
      const { disk, log } = opened(retention);
      log.need({ epoch: 1, sequence: 40 });
      fill(disk, log, all);
      retain(disk, log, 10_000);
      const found = read(disk, log);
      assert.deepEqual(found, texts.slice(-found.length));
      assert.ok(found.length >= 80, String(found.length));
      log.need(undefined);
      retain(disk, log, 10_000);
      const after = read(disk, log);
      assert.ok(after.length < found.length && after.length < 80, String(after.length));
      assert.equal(after.at(-1), texts.at(-1));
    });

  it('survives a crash anywhere while it is thrown away: nothing that is wanted is lost', () => {
    const wanted = textsOf(all.filter(({ sequence, instance }) => sequence >= 114 || instance! >= 1000));
    const prepare = (): { disk: FaultyDisk; log: DiskLog; from: number } => {
      const { disk, log } = opened({});
      fill(disk, log, all);
      log.keep({ ...KEEP_ALL, depth: 1 });
      return { disk, log, from: disk.operations };
    };
    const whole = prepare();
    retain(whole.disk, whole.log, 0);
    assert.ok(whole.disk.operations - whole.from > 20);
    for (let at = whole.from; at < whole.disk.operations; at++)
      for (let seed = 1; seed <= 3; seed++) {
        const { disk, log } = prepare();
        disk.fault = (_, index) => (index === at ? 'crash' : undefined);
        retain(disk, log, 0);
        const later = disk.afterCrash(randomOf(seed * 1000 + at));
        const again = openOn(later)!;
        const found = read(later, again);
        for (const text of wanted) assert.ok(found.includes(text), `${text} after a crash at ${at}`);
        assert.deepEqual(
          found,
          texts.filter((text) => found.includes(text)),
        );
        assert.deepEqual(finish(later, inspect(later))!.findings, []);
      }
  });
});

import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { Ed25519Signer } from '../../runtime/durability/ed25519.js';
import { LogError } from '../../runtime/durability/log/errors.js';
import { inspect } from '../../runtime/durability/log/inspection.js';
import type { Version } from '../../runtime/durability/log/log-reading.js';
import { KEEP_ALL } from '../../runtime/durability/log/retention.js';
import { repair } from '../../runtime/durability/log/repair.js';
import { FaultyDisk, randomOf } from './faulty-disk.js';
import { append, close, finish, openOn, readClosed, samples, textsOf } from './log-on-disk.js';

const all = samples(60);
const texts = textsOf(all);

function closedLog(): FaultyDisk {
  const disk = new FaultyDisk();
  const log = openOn(disk)!;
  for (const sample of all) {
    append(log, [sample]);
    disk.drain();
  }
  close(disk, log);
  return disk;
}

/** Damaged in its third segment; gives the last version before that. */
function damagedLog(): { disk: FaultyDisk; whole: Version; before: number } {
  const disk = closedLog();
  disk.bytesOf('00000003-0.log')[4096 + 300]! ^= 0x10;
  const { whole } = finish(disk, inspect(disk))!;
  return { disk, whole: whole!, before: whole!.sequence + 1 };
}

function refusal(disk: FaultyDisk, discardAfter?: Version): LogError {
  try {
    finish(disk, repair(disk, discardAfter));
  } catch (error) {
    assert.ok(error instanceof LogError, String(error));
    return error;
  }
  assert.fail('it was repaired');
}

describe('repairing a log', () => {
  it('has nothing to do where nothing is wrong', () => {
    const disk = closedLog();
    const { findings, samples: count } = finish(disk, inspect(disk))!;
    assert.deepEqual([findings, count], [[], 60]);
    assert.deepEqual(finish(disk, repair(disk)), []);
    assert.deepEqual(readClosed(disk), texts);
  });

  it('discards no record without being told to, and says what it could keep', () => {
    const { disk, whole, before } = damagedLog();
    assert.ok(before > 5 && before < 50);
    const copies = new Map(disk.names.map((name) => [name, new Uint8Array(disk.bytesOf(name))]));
    const error = refusal(disk);
    assert.equal(error.code, 'BE_LOG_CORRUPT');
    assert.equal(error.file, '/disk/00000003-0.log');
    assert.ok(error.offset! >= 4096);
    assert.ok(error.message.includes(`'--discard-after ${whole.epoch}.${whole.sequence}' keeps just that`));
    for (const [name, bytes] of copies) assert.deepEqual(disk.bytesOf(name), bytes, name);
  });

  it('discards what follows a version, where that is before the damage; then the log goes on there', () => {
    const { disk, whole, before } = damagedLog();
    const said = finish(disk, repair(disk, whole))!;
    assert.match(said[0]!, /^discarded everything after version 1\.\d+$/);
    assert.deepEqual(readClosed(disk), texts.slice(0, before));
    assert.deepEqual(finish(disk, inspect(disk))!.findings, []);
    const log = openOn(disk)!;
    append(log, all.slice(before));
    close(disk, log);
    assert.deepEqual(readClosed(disk), texts);
  });

  it('keeps less than it could, if told so, also of a log that is whole', () => {
    for (const sequence of [0, 7, 30, 58]) {
      const disk = closedLog();
      finish(disk, repair(disk, { epoch: 1, sequence }));
      assert.deepEqual(readClosed(disk), texts.slice(0, sequence + 1));
      assert.equal(openOn(disk)!.lastSequence, sequence);
    }
  });

  it('keeps nothing behind the damage', () => {
    const { disk, before } = damagedLog();
    const error = refusal(disk, { epoch: 1, sequence: before + 3 });
    assert.match(error.message, /keeps just that/);
    assert.equal(refusal(closedLog(), { epoch: 9, sequence: 0 }).code, 'BE_LOG_MISSING');
  });

  it('goes on where a segment is gone, only when told to', () => {
    const disk = closedLog();
    disk.remove('00000003-0.log');
    const { whole } = finish(disk, inspect(disk))!;
    assert.equal(refusal(disk).code, 'BE_LOG_MISSING');
    finish(disk, repair(disk, whole));
    assert.deepEqual(readClosed(disk), texts.slice(0, whole!.sequence + 1));
  });

  it('makes a manifest again, whether it is gone or damaged', () => {
    for (const damage of ['gone', 'damaged']) {
      const disk = closedLog();
      if (damage === 'gone') disk.remove('manifest');
      else disk.bytesOf('manifest')[60]! ^= 1;
      assert.throws(() => openOn(disk), LogError);
      assert.match(finish(disk, repair(disk))![0]!, /^made the manifest again, of \d+ segments$/);
      assert.deepEqual(readClosed(disk), texts);
      assert.deepEqual(finish(disk, inspect(disk))!.findings, []);
      openOn(disk);
    }
  });

  for (const signed of [false, true])
    it(`makes it again for a log that was compacted, and that goes on then${signed ? ', signed' : ''}`, () => {
      const signer = signed ? new Ed25519Signer(generateKeyPairSync('ed25519').privateKey) : undefined;
      const options = signer && { signer };
      const verification = signer && { scheme: signer, signer };
      const disk = new FaultyDisk();
      const log = openOn(disk, options)!;
      log.keep({ ...KEEP_ALL, depth: 5 });
      for (const sample of all) {
        append(log, [sample]);
        disk.drain();
      }
      log.retain(0, () => undefined);
      close(disk, log);
      const kept = readClosed(disk);
      assert.ok(
        disk.names.some((name) => /-[1-9]\d*\.log$/.test(name)),
        disk.names.join(),
      );
      disk.remove('manifest');
      assert.match(finish(disk, repair(disk, undefined, verification))![0]!, /^made the manifest again/);
      assert.deepEqual(finish(disk, inspect(disk, verification))!.findings, []);
      assert.deepEqual(readClosed(disk), kept);
      const again = openOn(disk, options)!;
      append(again, samples(60, 2));
      close(disk, again);
      assert.deepEqual(readClosed(disk), [...kept, ...textsOf(samples(60, 2))]);
      assert.deepEqual(finish(disk, inspect(disk, verification))!.findings, []);
    });

  it('cuts what is torn, and removes what is left over', () => {
    const disk = closedLog();
    const last = disk.names.findLast((name) => name.endsWith('.log'))!;
    const name = disk.names
      .filter((each) => each.endsWith('.log'))
      .findLast((each) => disk.bytesOf(each).findLastIndex((byte) => byte !== 0) > 4096)!;
    const bytes = disk.bytesOf(name);
    const end = bytes.findLastIndex((byte) => byte !== 0) + 64;
    assert.ok(end + 50 < bytes.length);
    bytes.fill(0xaa, end, end + 50);
    disk.put(`~${last}`, new Uint8Array(10));
    const found = finish(disk, inspect(disk))!.findings;
    assert.deepEqual(
      found.map(({ kind, file }) => `${kind} ${file}`),
      [`torn /disk/${name}`, `leftover /disk/~${last}`],
    );
    assert.equal(finish(disk, repair(disk))!.length, 2);
    assert.deepEqual(finish(disk, inspect(disk))!.findings, []);
    assert.deepEqual(readClosed(disk), texts);
  });

  it('can be done again after a crash at any point of it', () => {
    const { disk: undisturbed, whole, before } = damagedLog();
    finish(undisturbed, repair(undisturbed, whole));
    for (let at = 0; at < undisturbed.operations; at += at < 20 ? 7 : 1) {
      const { disk: damaged } = damagedLog();
      const disk = damaged.afterExit();
      disk.fault = (_, index) => (index === at ? 'crash' : undefined);
      try {
        finish(disk, repair(disk, whole));
      } catch (error) {
        assert.fail(String(error));
      }
      const later = disk.afterCrash(randomOf(at + 1));
      finish(later, repair(later, whole));
      assert.deepEqual(readClosed(later), texts.slice(0, before), `crash at ${at}`);
    }
  });
});

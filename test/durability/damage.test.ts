import assert from 'node:assert/strict';
import { LogError } from '../../runtime/durability/log/errors.js';
import { inspect } from '../../runtime/durability/log/inspection.js';
import { FaultyDisk } from './faulty-disk.js';
import {
  append,
  close,
  finish,
  identity,
  openOn,
  read,
  readClosed,
  samples,
  smallLimits,
  textsOf,
} from './log-on-disk.js';

const first = '00000001-0.log';

/** A log of several segments that was closed in order. */
function closedLog(count = 40): FaultyDisk {
  const disk = new FaultyDisk();
  const log = openOn(disk)!;
  for (const sample of samples(count)) {
    append(log, [sample]);
    disk.drain();
  }
  close(disk, log);
  return disk;
}

function errorOf(act: () => unknown): LogError {
  try {
    act();
  } catch (error) {
    assert.ok(error instanceof LogError, String(error));
    return error;
  }
  assert.fail('nothing was found');
}

describe('the tail of a log that was torn', () => {
  /** Two batches: the second is on its way when the machine ends. */
  const disk = new FaultyDisk();
  const log = openOn(disk)!;
  append(log, samples(3));
  disk.drain();
  const { length } = disk.bytesOf(first);
  const start = new Uint8Array(disk.bytesOf(first)).findLastIndex((byte) => byte !== 0) + 1;
  append(log, samples(4, 1, 3));
  disk.drain();
  const whole = new Uint8Array(disk.bytesOf(first));
  const end = whole.findLastIndex((byte) => byte !== 0) + 1;

  it('is cut, wherever the disk had got to, and what was durable is all there', () => {
    assert.ok(end - start > 500);
    for (let cut = start; cut <= end; cut++) {
      const torn = disk.afterExit();
      const bytes = new Uint8Array(length);
      bytes.set(whole.subarray(0, cut));
      torn.put(first, bytes);
      const again = openOn(torn)!;
      const found = read(torn, again);
      assert.deepEqual(found, textsOf(samples(7)).slice(0, found.length), `cut at ${cut}`);
      assert.ok(found.length >= 3);
      append(again, samples(3, 2));
      close(torn, again);
      assert.deepEqual(readClosed(torn), [...found, ...textsOf(samples(3, 2))]);
    }
  });

  it('is told, and nothing of it is left for later', () => {
    const torn = disk.afterExit();
    const bytes = new Uint8Array(length);
    bytes.set(whole);
    bytes.fill(0, start, start + 200);
    torn.put(first, bytes);
    const again = openOn(torn)!;
    const { file, offset } = again.torn!;
    assert.equal(file, `/disk/${first}`);
    assert.ok(offset >= start && offset < start + 8, `${offset} ${start}`);
    assert.ok(
      torn
        .bytesOf(first)
        .subarray(offset)
        .every((byte) => byte === 0),
    );
  });
});

describe('a bit that is not as it was written', () => {
  it('is found wherever it is: no sample is read that was not written, and none is missing in silence', () => {
    const disk = closedLog(12);
    const texts = textsOf(samples(12));
    for (const name of disk.names.filter((each) => each !== 'lock')) {
      const bytes = disk.bytesOf(name);
      const end = Math.min(bytes.length, bytes.findLastIndex((byte) => byte !== 0) + 64);
      // Of the zeros behind the names in a header, every seventh.
      for (let at = 0; at < end; at += at > 160 && at < 4000 && name !== 'manifest' ? 7 : 1) {
        const damaged = disk.afterExit();
        damaged.bytesOf(name)[at]! ^= 1 << ((at * 5 + 3) % 8);
        const findings = findingsOf(damaged);
        assert.ok(findings.length > 0, `byte ${at} of ${name}`);
        let found: string[] | undefined;
        try {
          found = readClosed(damaged);
        } catch (error) {
          assert.ok(error instanceof LogError, String(error));
          assert.match(error.file, new RegExp(`/(${name}|0000000.-0.log)$`));
        }
        if (found !== undefined) assert.deepEqual(found, texts, `byte ${at} of ${name}`);
      }
    }
  });

  it('in the middle is an error that names file and offset, and nothing is cut', () => {
    const disk = closedLog();
    const bytes = disk.bytesOf('00000002-0.log');
    bytes[4096 + 100]! ^= 4;
    const error = errorOf(() => read(disk, openOn(disk)!));
    assert.equal(error.code, 'BE_LOG_CORRUPT');
    assert.equal(error.file, '/disk/00000002-0.log');
    assert.equal(error.offset, 4096);
    assert.match(error.message, /bowecho log repair/);
  });

  it('in the last batch but one of a log that crashed is an error; in the last it cannot be told from a tear', () => {
    const disk = new FaultyDisk();
    const log = openOn(disk)!;
    for (const sample of samples(3)) {
      append(log, [sample]);
      disk.drain();
    }
    const second = disk.afterExit();
    second.bytesOf(first)[4096 + 100]! ^= 1;
    assert.equal(errorOf(() => openOn(second)).code, 'BE_LOG_CORRUPT');
    const third = disk.afterExit();
    const bytes = third.bytesOf(first);
    bytes[bytes.findLastIndex((byte) => byte !== 0) - 4]! ^= 1;
    const again = openOn(third)!;
    assert.deepEqual(read(third, again), textsOf(samples(2)));
    assert.ok(again.torn !== undefined);
  });
});

function findingsOf(disk: FaultyDisk): readonly unknown[] {
  try {
    return finish(disk, inspect(disk))!.findings;
  } catch (error) {
    assert.ok(error instanceof LogError, String(error));
    return [error];
  }
}

describe('a file of the log that is not what it was', () => {
  it('cut off: the error says where it ends', () => {
    const disk = closedLog();
    disk.put(first, disk.bytesOf(first).slice(0, 5000));
    const error = errorOf(() => openOn(disk));
    assert.deepEqual([error.code, error.file, error.offset], ['BE_LOG_CORRUPT', `/disk/${first}`, 5000]);
  });

  it('gone, whichever it is', () => {
    const names = closedLog().names.filter((name) => name.endsWith('.log'));
    assert.ok(names.length >= 4);
    for (const name of names) {
      const disk = closedLog();
      disk.remove(name);
      const error = errorOf(() => openOn(disk));
      assert.deepEqual([error.code, error.file], ['BE_LOG_MISSING', `/disk/${name}`]);
    }
  });

  it('the manifest gone: no new log is made over the old one', () => {
    for (const count of [2, 40]) {
      const disk = closedLog(count);
      disk.remove('manifest');
      const error = errorOf(() => openOn(disk));
      assert.deepEqual([error.code, error.file], ['BE_LOG_MISSING', '/disk/manifest']);
      assert.match(error.message, /repair/);
    }
  });

  it('an older manifest: what came since is not thrown away', () => {
    const disk = closedLog(12);
    const older = new Uint8Array(disk.bytesOf('manifest'));
    const log = openOn(disk)!;
    append(log, samples(40, 2));
    disk.drain();
    close(disk, log);
    disk.put('manifest', older);
    assert.equal(errorOf(() => openOn(disk)).code, 'BE_LOG_CORRUPT');
  });

  it('a segment under the name of another', () => {
    const disk = closedLog();
    disk.put('00000002-0.log', disk.bytesOf(first));
    const error = errorOf(() => read(disk, openOn(disk)!));
    assert.deepEqual([error.code, error.file], ['BE_LOG_FOREIGN', '/disk/00000002-0.log']);
  });

  it('a record that lies where another belongs, though it is whole', () => {
    const disk = closedLog();
    const bytes = disk.bytesOf('00000002-0.log');
    // The second record again, where the third was: of the same length, so that nothing else is wrong.
    const lengthAt = (at: number): number => new DataView(bytes.buffer).getUint32(at + 40, true);
    const second = 4096 + 72 + ((lengthAt(4096) + 7) & ~7);
    const size = 72 + ((lengthAt(second) + 7) & ~7);
    bytes.copyWithin(second + size, second, second + size);
    const error = errorOf(() => read(disk, openOn(disk)!));
    assert.deepEqual([error.code, error.offset], ['BE_LOG_CORRUPT', second + size]);
  });

  it('a segment of another replica of the topic', () => {
    const disk = closedLog();
    const other = new FaultyDisk();
    const log = openOn(other)!;
    close(other, log);
    const foreign = new Uint8Array(other.bytesOf(first));
    const view = new DataView(foreign.buffer);
    view.setFloat64(16, 99, true);
    disk.put(first, foreign);
    assert.equal(errorOf(() => read(disk, openOn(disk)!)).code, 'BE_LOG_CORRUPT');
  });

  it('a batch that the disk said was written, and never wrote', () => {
    const disk = new FaultyDisk();
    const log = openOn(disk)!;
    append(log, samples(2));
    disk.drain();
    const before = disk.bytesOf(first).findLastIndex((byte) => byte !== 0) + 1;
    append(log, samples(2, 1, 2));
    disk.drain();
    const after = disk.bytesOf(first).findLastIndex((byte) => byte !== 0) + 1;
    append(log, samples(1, 1, 4));
    disk.drain();
    disk.bytesOf(first).fill(0, before, after);
    const error = errorOf(() => openOn(disk.afterExit()));
    assert.equal(error.code, 'BE_LOG_CORRUPT');
    assert.ok(error.offset! >= before && error.offset! < before + 8);
  });

  it('the same at the end of a segment, of which the manifest does not know the end yet', () => {
    const disk = new FaultyDisk();
    const log = openOn(disk)!;
    const second = '00000002-0.log';
    const isBegun = () =>
      disk.names.includes(second) && disk.bytesOf(second).findLastIndex((byte) => byte !== 0) > 4096;
    for (const sample of samples(40)) {
      append(log, [sample]);
      disk.drain();
      if (isBegun()) break;
    }
    assert.ok(!Buffer.from(disk.bytesOf('manifest')).includes('summary'));
    const bytes = disk.bytesOf(first);
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    const sizeAt = (at: number): number => 72 + ((view.getUint32(at + 40, true) + 7) & ~7);
    let last = 4096;
    while (view.getUint8(last + sizeAt(last) + 44) !== 0) last += sizeAt(last);
    bytes.fill(0, last, last + sizeAt(last));
    const error = errorOf(() => openOn(disk.afterExit()));
    assert.deepEqual([error.code, error.file, error.offset], ['BE_LOG_CORRUPT', `/disk/${second}`, 4096]);
  });

  it('what another log has at the same place is not taken for its own', () => {
    const [ours, theirs] = [111, 222].map((id) => {
      const disk = new FaultyDisk();
      const log = openOn(disk, { logId: id })!;
      append(log, [{ epoch: 1, sequence: 0, text: `of ${id}` }]);
      close(disk, log);
      return disk;
    });
    ours!.bytesOf(first).set(theirs!.bytesOf(first).subarray(4096), 4096);
    assert.deepEqual(readClosed(ours!), []);
    assert.ok(findingsOf(ours!).length > 0);
  });
});

describe('a log of somebody else', () => {
  const other: readonly (readonly [string, Partial<typeof identity>])[] = [
    ['domain', { domain: 'harbour' }],
    ['topic', { topic: 'ships' }],
    ['typeName', { typeName: 'ships::Ship' }],
  ];
  for (const [field, change] of other)
    it(`is refused: of another ${field}`, () => {
      const disk = closedLog(3);
      const error = errorOf(() => openOn(disk, { owner: { ...identity, ...change } }));
      assert.equal(error.code, 'BE_LOG_FOREIGN');
      assert.match(error.message, new RegExp(`^/disk/manifest: this is the log of ${field} `));
      // It may be opened by its owner at once.
      assert.ok(openOn(disk) !== undefined);
    });

  it('is refused: written by another version of the format', () => {
    const disk = closedLog(3);
    const text = Buffer.from(disk.bytesOf('manifest')).toString();
    disk.put('manifest', Buffer.from(text.replace('bowecho-log 2 ', 'bowecho-log 3 ')));
    const error = errorOf(() => openOn(disk));
    assert.equal(error.code, 'BE_LOG_FOREIGN');
    assert.match(error.message, /format version 3, this program writes and reads 2/);
  });

  it('is refused while somebody has it', () => {
    const disk = closedLog(3);
    const log = openOn(disk)!;
    assert.equal(errorOf(() => openOn(disk)).code, 'BE_LOG_LOCKED');
    close(disk, log);
    assert.ok(openOn(disk, { limits: smallLimits }) !== undefined);
  });
});

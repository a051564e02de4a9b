import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { DiskViewLog } from '../../runtime/durability/disk-view-log.js';

describe('the log of views on a disk', () => {
  let root: string;
  let folder: string;
  let moves: number;

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'bowecho-views-'));
    folder = join(root, 'views');
    moves = 0;
  });
  afterEach(() => {
    chmodSync(root, 0o700);
    rmSync(root, { recursive: true, force: true });
  });

  const open = () => DiskViewLog.open(folder, () => moves++);

  it('calls a view prepared once its record is there, whole, and with its sum', async () => {
    const log = await open();
    assert.equal(log.prepared, -1);
    log.prepare(7, '{"view":7}');
    assert.equal(log.prepared, -1);
    await log.close();
    assert.equal(log.prepared, 7);
    assert.equal(moves, 1);
    const [sum, record] = readFileSync(join(folder, 'view-7.prepared'), 'utf8').split('\n');
    assert.equal(record, '{"view":7}');
    assert.equal(sum, crc32('{"view":7}').toString(16).padStart(8, '0'));
  });

  it('keeps the view in force and what is prepared after it, and drops what came before', async () => {
    const log = await open();
    for (const viewId of [1, 2, 3]) log.prepare(viewId, String(viewId));
    log.installed(1);
    await log.close();
    assert.deepEqual(readdirSync(folder).sort(), ['view-1.installed', 'view-2.prepared', 'view-3.prepared']);
    log.installed(2);
    await log.close();
    assert.deepEqual(readdirSync(folder).sort(), ['view-2.installed', 'view-3.prepared']);
    assert.equal(log.prepared, 3);
  });

  it('installs a view that was never prepared here without a word', async () => {
    const log = await open();
    log.installed(4);
    await log.close();
    assert.equal(log.failure, undefined);
    assert.deepEqual(readdirSync(folder), []);
  });

  it('fails for good, with a typed error that names the file, where the disk does; nothing more is prepared', async () => {
    const log = await open();
    log.prepare(1, 'one');
    await log.close();
    rmSync(folder, { recursive: true });
    log.prepare(2, 'two');
    await log.close();
    assert.equal(log.failure?.code, 'BE_LOG_MISSING');
    assert.ok(log.failure.message.includes(join(folder, 'view-2.prepared')));
    assert.equal(moves, 2);
    log.prepare(3, 'three');
    await log.close();
    assert.equal(log.prepared, 1);
    assert.equal(moves, 2);
  });

  it('puts its record in the place of one that an earlier run has left, as a whole', async () => {
    const log = await open();
    writeFileSync(join(folder, 'view-1.prepared'), 'what somebody else prepared');
    log.prepare(1, 'one');
    await log.close();
    assert.equal(log.failure, undefined);
    assert.match(readFileSync(join(folder, 'view-1.prepared'), 'utf8'), /^[0-9a-f]{8}\none\n$/);
  });

  it('keeps what earlier runs have left until a view is in force in this one', async () => {
    const earlier = await open();
    earlier.prepare(5, 'five');
    earlier.installed(5);
    earlier.prepare(6, 'six');
    await earlier.close();
    const log = await open();
    log.prepare(2, 'two');
    await log.close();
    const left = ['view-2.prepared', 'view-5.installed', 'view-6.prepared'];
    assert.deepEqual(readdirSync(folder).sort(), left);
    log.installed(2);
    await log.close();
    assert.deepEqual(readdirSync(folder), ['view-2.installed']);
  });

  it('is not opened where its folder cannot be', async () => {
    writeFileSync(folder, 'a file');
    await assert.rejects(open(), { name: 'LogError', code: 'BE_LOG_IO' });
  });
});

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Bytes, type Participant } from '../../runtime/dds/index.js';
import type { LogError } from '../../runtime/durability/log/errors.js';
import { verifyTopicLog } from '../../runtime/durability/open-topic-log.js';
import { LocalDomain } from './local-domain.js';

/** A file system of its own, which is full after some mebibytes. Needs root. */
describe('a replica whose disk', function () {
  this.timeout(30_000);
  const base = mkdtempSync(join(tmpdir(), 'bowecho-disk-'));
  const small = join(base, 'small');
  const mount = (...args: string[]) => spawnSync('mount', args).status === 0;
  let domain: LocalDomain;
  let one: Participant;

  before(function () {
    spawnSync('mkdir', [small]);
    if (!mount('-t', 'tmpfs', '-o', 'size=8m', 'bowecho-small', small)) this.skip();
  });
  after(() => {
    spawnSync('umount', [small]);
    rmSync(base, { recursive: true, force: true });
  });
  beforeEach(async () => {
    mount('-o', 'remount,rw', small);
    domain = new LocalDomain();
    one = await domain.join({ name: 'one', storage: join(base, 'large') });
  });
  afterEach(() => domain.close());

  it('is full fails cleanly, with the file and what to do; what was acknowledged is on it, and the others go on', async () => {
    const two = await domain.join({ name: 'two', storage: small });
    const ended = new Promise<Error & { code: string; cause: LogError }>((resolve) =>
      two.view$.subscribe({ error: resolve }),
    );
    await two.reader(Bytes, { topic: 't', qos: 'persistent' });
    const writer = await one.writer(Bytes, { topic: 't', qos: 'persistent' });
    let acknowledged = 0;
    let failed: Awaited<typeof ended> | undefined;
    void ended.then((error) => (failed = error));
    while (failed === undefined) {
      for (let sample = 0; sample < 50; sample++) await writer.write(new Uint8Array(1000));
      await writer.whenCommitted();
      if (failed === undefined) acknowledged += 50;
    }
    assert.equal(failed.code, 'BE_LOG_FAILED');
    const { code, file, message } = failed.cause;
    assert.equal(code, 'BE_LOG_FULL');
    assert.ok(file.startsWith(join(small, '')), file);
    assert.match(message, /no room on the disk \(ENOSPC\): free some, or keep less by DURABILITY_SERVICE/);
    const name = domain.name.slice('local:'.length);
    const theirs = await verifyTopicLog(join(small, name, 'two', 'topics', 't'));
    assert.deepEqual(
      theirs.findings.filter(({ kind }) => kind === 'damage'),
      [],
    );
    // The last of them may have been acknowledged by the view without it.
    assert.ok(theirs.samples >= acknowledged - 50, `${theirs.samples} of ${acknowledged}`);
    assert.ok(acknowledged > 1000, String(acknowledged));
    await writer.write(new Uint8Array(1000));
    await writer.whenCommitted();
    const { samples } = await verifyTopicLog(join(base, 'large', name, 'one', 'topics', 't'));
    assert.ok(samples > acknowledged);
  });

  it('is read-only is no replica: who opens the topic is told the file, and what to do', async () => {
    assert.ok(mount('-o', 'remount,ro', small));
    const two = await domain.join({ name: 'two', storage: small });
    await assert.rejects(two.reader(Bytes, { topic: 't', qos: 'persistent' }), (error: LogError) => {
      assert.equal(error.code, 'BE_LOG_READ_ONLY');
      assert.ok(error.file.startsWith(small), error.file);
      assert.match(error.message, /may not be written \(EROFS\): mount it writable/);
      return true;
    });
    // It is not worse off for it.
    const writer = await one.writer(Bytes, { topic: 't', qos: 'persistent' });
    await two.reader(Bytes, { topic: 't', qos: 'atomic' });
    await writer.write(new Uint8Array(10));
    await writer.whenCommitted();
  });
});

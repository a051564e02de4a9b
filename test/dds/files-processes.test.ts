import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash, randomFillSync } from 'node:crypto';
import { createReadStream, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endAll, MemberProcess, newDomain, until } from './member-process.js';

const MiB = 1 << 20;
const topic = 'files';
/** By how much a process may be larger while 1 GiB passes through it. Most of it is the topic's memory for large messages, of all members. */
const growthMax = 300 * MiB;

describe('files over a topic, between processes', function () {
  this.timeout(180_000);
  let root: string;

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'bowecho-files-'));
  });

  afterEach(async () => {
    await endAll();
    rmSync(root, { recursive: true, force: true });
  });

  /** A file whose pieces all differ; gives its SHA-256. */
  async function makeFile(path: string, bytes: number): Promise<string> {
    const hash = createHash('sha256');
    const piece = randomFillSync(Buffer.alloc(MiB));
    const file = await open(path, 'w');
    for (let at = 0; at < bytes; at += MiB) {
      piece.writeDoubleLE(at);
      const part = piece.subarray(0, Math.min(MiB, bytes - at));
      hash.update(part);
      await file.write(part);
    }
    await file.close();
    return hash.digest('hex');
  }

  async function sumOf(path: string): Promise<string> {
    const hash = createHash('sha256');
    for await (const part of createReadStream(path, { highWaterMark: MiB })) hash.update(part as Buffer);
    return hash.digest('hex');
  }

  const folderOf = (receiver: number) => join(root, `into-${receiver}`);

  /** The first sends, the others receive. */
  async function begin(
    transport: 'memory' | 'tcp',
    count: number,
    domain = newDomain(transport),
  ): Promise<MemberProcess[]> {
    const options = { suspicionMs: 60_000, tcp: { spreading: {} } };
    const members = await MemberProcess.joinAll(domain, count, options);
    for (const [i, member] of members.entries())
      if (i > 0) await member.call('receiveFiles', topic, folderOf(i));
    await members[0]!.call('openFiles', { topic });
    await members[0]!.call('whenReceivers', topic, count - 1);
    return members;
  }

  const countAt = async (member: MemberProcess) => {
    const { files, errors } = await member.call('filesReceived', topic);
    return files.length + errors.length;
  };

  /** So much of a file is on the disk of a receiver. */
  const isHalfway = (receiver: number, bytes: number) =>
    until(
      () =>
        readdirSync(folderOf(receiver)).some((name) => statSync(join(folderOf(receiver), name)).size > bytes),
      'a part of the file',
      30_000,
    );

  for (const transport of ['memory', 'tcp'] as const)
    it(`one of 1 GiB is at two others as it was, and no process grows by ${growthMax / MiB} MiB: ${transport}`, async () => {
      const members = await begin(transport, 3);
      const path = join(root, 'large');
      const sha256 = await makeFile(path, 1024 * MiB);
      const before = await Promise.all(members.map((member) => member.call('watchSize')));
      assert.equal((await members[0]!.call('sendFile', topic, path)).sha256, sha256);
      for (const [i, receiver] of members.entries()) {
        if (i === 0) continue;
        await until(async () => (await countAt(receiver)) === 1, 'the file', 60_000);
        const { files, errors } = await receiver.call('filesReceived', topic);
        assert.deepEqual([files, errors], [[{ name: 'large', sha256 }], []]);
        assert.equal(await sumOf(join(folderOf(i), 'large')), sha256);
        assert.deepEqual(readdirSync(folderOf(i)), ['large']);
      }
      for (const [i, member] of members.entries()) {
        const growth = (await member.call('sizeMax')) - before[i]!;
        console.log(`      member ${i} grew by ${Math.round(growth / MiB)} MiB`);
        assert.ok(growth < growthMax, `member ${i} grew by ${Math.round(growth / MiB)} MiB`);
      }
    });

  for (const transport of ['memory', 'tcp'] as const) {
    it(`where the sender is killed on the way, all are told, and keep nothing: ${transport}`, async () => {
      const members = await begin(transport, 3);
      const path = join(root, 'large');
      await makeFile(path, 256 * MiB);
      const sending = members[0]!.call('sendFile', topic, path).catch(() => undefined);
      await isHalfway(1, 20 * MiB);
      await members[0]!.kill();
      await sending;
      for (const [i, receiver] of members.entries()) {
        if (i === 0) continue;
        await until(async () => (await countAt(receiver)) === 1, 'the end of the file', 30_000);
        const { files, errors } = await receiver.call('filesReceived', topic);
        assert.deepEqual(
          [files, errors.map(({ code, name }) => [code, name])],
          [[], [['BE_FILE_SENDER_GONE', 'large']]],
        );
        assert.deepEqual(readdirSync(folderOf(i)), []);
      }
    });

    it(`where it is killed once it has sent all, they have it: ${transport}`, async () => {
      const members = await begin(transport, 3);
      const path = join(root, 'large');
      const sha256 = await makeFile(path, 60 * MiB + 7);
      await members[0]!.call('sendFile', topic, path);
      await members[0]!.kill();
      for (const receiver of members.slice(1)) {
        await until(async () => (await countAt(receiver)) === 1, 'the file', 30_000);
        assert.deepEqual(await receiver.call('filesReceived', topic), {
          files: [{ name: 'large', sha256 }],
          errors: [],
        });
      }
    });

    it(`goes on where the view changes: one receiver is killed, another comes and gets the next one: ${transport}`, async () => {
      const domain = newDomain(transport);
      const members = await begin(transport, 4, domain);
      const [sender, , second, victim] = members as [
        MemberProcess,
        MemberProcess,
        MemberProcess,
        MemberProcess,
      ];
      const path = join(root, 'large');
      const sha256 = await makeFile(path, 256 * MiB + 1);
      const sending = sender.call('sendFile', topic, path);
      await isHalfway(1, 10 * MiB);
      await victim.kill();
      const late = await MemberProcess.join(domain, { suspicionMs: 60_000, tcp: { spreading: {} } });
      await late.call('receiveFiles', topic, folderOf(4));
      await sending;
      await sender.call('sendFile', topic, path, 'next');
      for (const receiver of [members[1]!, second]) {
        await until(async () => (await countAt(receiver)) === 2, 'both files', 30_000);
        const { files } = await receiver.call('filesReceived', topic);
        assert.deepEqual(files, [
          { name: 'large', sha256 },
          { name: 'next', sha256 },
        ]);
      }
      await until(async () => (await countAt(late)) === 2, 'the next file', 30_000);
      const { files, errors } = await late.call('filesReceived', topic);
      assert.deepEqual(
        [errors.map(({ code }) => code), files],
        [['BE_FILE_MISSED'], [{ name: 'next', sha256 }]],
      );
    });
  }

  it('one for which a receiver has no room is told there, the others have it, and the next one comes', async function () {
    mkdirSync(folderOf(1));
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', folderOf(1)], { stdio: 'pipe' });
    } catch {
      if (process.env['CI'] === 'true')
        throw new Error('this must run here, and cannot: nothing can be mounted');
      console.log('      left out: this machine does not let us mount a file system');
      this.skip();
    }
    try {
      const members = await begin('memory', 3);
      const path = join(root, 'large');
      const sha256 = await makeFile(path, 40 * MiB);
      await members[0]!.call('sendFile', topic, path);
      const small = join(root, 'small');
      const smallSum = await makeFile(small, 3 * MiB);
      await members[0]!.call('sendFile', topic, small);
      for (const receiver of members.slice(1))
        await until(async () => (await countAt(receiver)) === 2, 'both', 30_000);
      const full = await members[1]!.call('filesReceived', topic);
      assert.deepEqual(
        full.errors.map(({ code, name }) => [code, name]),
        [['BE_FILE_NOT_WRITTEN', 'large']],
      );
      assert.match(full.errors[0]!.message, /ENOSPC/);
      assert.deepEqual(full.files, [{ name: 'small', sha256: smallSum }]);
      assert.deepEqual(readdirSync(folderOf(1)), ['small']);
      const { files } = await members[2]!.call('filesReceived', topic);
      assert.deepEqual(files, [
        { name: 'large', sha256 },
        { name: 'small', sha256: smallSum },
      ]);
    } finally {
      await endAll();
      execFileSync('umount', [folderOf(1)]);
    }
  });
});

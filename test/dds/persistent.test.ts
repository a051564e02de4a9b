import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BowechoError, type Participant, Text, type Version } from '../../runtime/dds/index.js';
import { publicKeyOf } from '../../runtime/durability/ed25519.js';
import { readTopicLog, verifyTopicLog } from '../../runtime/durability/open-topic-log.js';
import { hasStrace, straceTo, tracedWrites } from '../durability/strace.js';
import { LocalDomain, settledWithin, sleep } from './local-domain.js';
import { endAll, MemberProcess, newDomain, until } from './member-process.js';

describe('persistent topics', () => {
  let storage: string;
  beforeEach(() => (storage = mkdtempSync(join(tmpdir(), 'bowecho-storage-'))));
  afterEach(() => rmSync(storage, { recursive: true, force: true }));

  /** Waits until nothing more is counted for a while. */
  async function untilSteady(counts: () => unknown): Promise<void> {
    let before = '';
    await until(async () => {
      const last = before;
      before = JSON.stringify(counts());
      await sleep(100);
      return JSON.stringify(counts()) === last;
    }, 'a steady count');
  }

  const folderOf = (domain: string, name: string) =>
    join(storage, domain.slice(domain.indexOf(':') + 1), name);

  /** The log of a topic as it lies on the disk, each sample as `epoch.sequence member:writer:number`. */
  async function logOf(domain: string, name: string, topic: string): Promise<string[]> {
    const lines: string[] = [];
    for await (const record of readTopicLog(join(folderOf(domain, name), 'topics', topic))) {
      const { epoch, sequence, sender, writer, writerSequence } = record;
      lines.push(`${epoch}.${sequence} ${sender}:${writer}:${writerSequence}`);
    }
    return lines;
  }

  describe('a persistent topic', () => {
    let domain: LocalDomain;
    let one: Participant;
    let two: Participant;

    beforeEach(async () => {
      domain = new LocalDomain();
      one = await domain.join({ name: 'one', storage });
      two = await domain.join({ name: 'two', storage });
    });
    afterEach(() => domain.close());

    it('is on the disk of everyone who opens it when its writer is told that it is committed', async () => {
      const reader = await two.reader(Text, { topic: 'ledger', qos: 'persistent' });
      const writer = await one.writer(Text, { topic: 'ledger', qos: 'persistent' });
      const got: string[] = [];
      reader.samples$.subscribe(({ data }) => got.push(data));
      for (const text of ['a', 'b', 'c']) await writer.write(text);
      await writer.whenCommitted();
      const [mine, theirs] = await Promise.all(
        ['one', 'two'].map((name) => logOf(domain.name, name, 'ledger')),
      );
      assert.equal(mine!.length, 3);
      assert.deepEqual(mine, theirs);
      await until(() => got.length === 3, 'the samples');
      assert.deepEqual(got, ['a', 'b', 'c']);
    });

    it('tells reader and writer how far it is committed, which is as far as it was delivered', async () => {
      const reader = await two.reader(Text, { topic: 'ledger', qos: 'persistent' });
      const writer = await one.writer(Text, { topic: 'ledger', qos: 'persistent' });
      const told: Version[][] = [[], []];
      reader.committed$.subscribe((version) => told[0]!.push(version));
      writer.committed$.subscribe((version) => told[1]!.push(version));
      const delivered: Version[] = [];
      reader.samples$.subscribe(({ info }) => {
        const { epoch, sequence } = info.version;
        const known = told[0]!.at(-1);
        delivered.push(info.version);
        // The version is told when the pass that delivers is over.
        if (known !== undefined) assert.ok(known.epoch <= epoch && sequence - known.sequence < 1000);
      });
      for (let i = 0; i < 50; i++) await writer.write(String(i));
      await writer.whenCommitted();
      await until(
        () => delivered.length === 50 && told[0]!.at(-1)!.sequence >= delivered[49]!.sequence,
        'all of it',
      );
      for (const versions of told) {
        assert.equal(versions.at(-1)!.epoch, delivered[49]!.epoch);
        for (let i = 1; i < versions.length; i++)
          assert.ok(
            versions[i]!.epoch > versions[i - 1]!.epoch || versions[i]!.sequence > versions[i - 1]!.sequence,
          );
      }
      await one.close();
      await two.close();
    });

    it('is stable before it is committed: whoever awaits the one does not have the other', async () => {
      const reader = await two.reader(Text, { topic: 'ledger', qos: 'persistent' });
      const writer = await one.writer(Text, { topic: 'ledger', qos: 'persistent' });
      const delivered: Version[] = [];
      const told: Version[] = [];
      reader.samples$.subscribe(({ info }) => delivered.push(info.version));
      writer.committed$.subscribe((version) => told.push(version));
      for (let i = 1; i <= 10; i++) {
        await writer.write(String(i));
        await writer.whenStable();
        await writer.whenCommitted();
        const committed = told.at(-1)!;
        await until(() => delivered.length === i, 'the sample');
        assert.ok(
          committed.epoch === delivered.at(-1)!.epoch && committed.sequence >= delivered.at(-1)!.sequence,
        );
      }
    });

    it('makes no folder before it is opened, and none for atomic topics', async () => {
      const reader = await one.reader(Text, { topic: 'a' });
      assert.deepEqual(readdirSync(storage), []);
      await reader.close();
      await one.writer(Text, { topic: 'p', qos: 'persistent' });
      const name = domain.name.slice('local:'.length);
      assert.deepEqual(readdirSync(join(storage, name)), ['one']);
      // What is in it is for this user alone.
      assert.equal(statSync(folderOf(domain.name, 'one')).mode & 0o077, 0);
    });

    it('is read by a participant without storage, which keeps nothing; its writes wait for a replica', async () => {
      const bare = await domain.join({ name: 'bare', storage: false });
      const reader = await bare.reader(Text, { topic: 'p', qos: 'persistent' });
      const writer = await bare.writer(Text, { topic: 'p', qos: 'persistent' });
      const got: string[] = [];
      reader.samples$.subscribe(({ data }) => got.push(data));
      await writer.write('early');
      const committed = writer.whenCommitted();
      assert.equal(await settledWithin(committed, 100), 'pending');
      assert.deepEqual(got, []);
      await one.reader(Text, { topic: 'p', qos: 'persistent' });
      await committed;
      await until(() => got.length === 1, 'the sample');
      assert.equal((await logOf(domain.name, 'one', 'p')).length, 1);
      const name = domain.name.slice('local:'.length);
      assert.deepEqual(readdirSync(join(storage, name)), ['one']);
    });

    it('that delivers what is stable is committed behind', async () => {
      const qos = { base: 'persistent', deliver: 'stable' } as const;
      const reader = await two.reader(Text, { topic: 'p', qos });
      const writer = await one.writer(Text, { topic: 'p', qos });
      const got: string[] = [];
      reader.samples$.subscribe(({ data }) => got.push(data));
      await writer.write('a');
      await writer.whenCommitted();
      assert.deepEqual(got, ['a']);
      assert.equal((await logOf(domain.name, 'two', 'p')).length, 1);
    });

    it('gives a reader that asks for less what it asks for; one that asks for more is refused, and both sides named', async () => {
      const writer = await one.writer(Text, { topic: 'p', qos: { base: 'persistent', deliver: 'stable' } });
      const reader = await two.reader(Text, { topic: 'p', qos: 'atomic' });
      const got: string[] = [];
      reader.samples$.subscribe(({ data }) => got.push(data));
      await writer.whenMatched(1);
      await writer.write('a');
      await until(() => got.length === 1, 'the sample');
      await assert.rejects(two.reader(Text, { topic: 'p', qos: 'persistent' }), {
        code: 'BE_REFUSED',
        message: /p is persistent with deliver 'stable'.*requests persistent/,
      });
      await assert.rejects(two.writer(Text, { topic: 'p', qos: 'atomic' }), { code: 'BE_REFUSED' });
      await one.writer(Text, { topic: 'a' });
      await assert.rejects(two.reader(Text, { topic: 'a', qos: 'persistent' }), {
        code: 'BE_REFUSED',
        message: /a is atomic.*requests persistent/,
      });
    });

    it('is the only one that commits: a writer of another is told what to await instead', async () => {
      const writer = await one.writer(Text, { topic: 'a' });
      await assert.rejects(writer.whenCommitted(), { code: 'BE_UNSUPPORTED', message: /whenStable/ });
    });

    it('is signed by each replica with its own key, where it has one, and verified by that', async () => {
      const keys = ['red', 'blue'].map(() => generateKeyPairSync('ed25519'));
      const [red, blue] = await Promise.all(
        ['red', 'blue'].map((name, index) =>
          domain.join({ name, storage: { folder: storage, signingKey: keys[index]!.privateKey } }),
        ),
      );
      await red!.reader(Text, { topic: 's', qos: 'persistent' });
      const writer = await blue!.writer(Text, { topic: 's', qos: 'persistent' });
      for (let sample = 0; sample < 100; sample++) await writer.write(`${sample}`);
      await writer.whenCommitted();
      await domain.close();
      const publicKeys = keys.map(({ publicKey }) => publicKeyOf(publicKey));
      for (const [index, name] of ['red', 'blue'].entries()) {
        const folder = join(folderOf(domain.name, name), 'topics', 's');
        const { findings, samples, signed } = await verifyTopicLog(folder, publicKeys);
        assert.deepEqual([findings, samples, signed!.key], [[], 100, publicKeys[index]]);
      }
      const wrong = domain.join({ name: 'green', storage: { folder: storage, signingKey: 'no key' } });
      await assert.rejects(wrong, { code: 'BE_LOG_KEY' });
    });

    it('is refused to a second participant of that name, since each has its folder for itself', async () => {
      await one.writer(Text, { topic: 'p', qos: 'persistent' });
      const twin = await domain.join({ name: 'one', storage });
      await assert.rejects(twin.writer(Text, { topic: 'p', qos: 'persistent' }), { code: 'BE_LOG_LOCKED' });
      // It is not worse off for it.
      const reader = await twin.reader(Text, { topic: 'a' });
      await reader.close();
    });

    it('leaves the next view on the disk of everyone who goes on, with the end of the epoch', async () => {
      const reader = await two.reader(Text, { topic: 'p', qos: 'persistent' });
      const writer = await one.writer(Text, { topic: 'p', qos: 'persistent' });
      await writer.write('a');
      await writer.whenCommitted();
      await reader.close();
      await until(() => one.view.endpoints.length === 1, 'the view without the reader');
      const { viewId } = one.view;
      const file = join(folderOf(domain.name, 'one'), 'views');
      await until(() => readdirSync(file).join() === `view-${viewId}.installed`, 'the view');
      const [, record] = readFileSync(join(file, `view-${viewId}.installed`), 'utf8').split('\n');
      const { view, ended } = JSON.parse(record!) as { view: { viewId: number }; ended: object[] };
      assert.equal(view.viewId, viewId);
      const versions = (await logOf(domain.name, 'one', 'p')).map((line) => line.split(/[. ]/).map(Number));
      const [end] = ended as [{ topic: string; epoch: number; lastSequence: number; disks: string[] }];
      const last = versions.findLast(([epoch]) => epoch === end.epoch)?.[1] ?? -1;
      assert.deepEqual([end.topic, end.lastSequence], ['p', last]);
      assert.ok(end.epoch < viewId && end.disks.includes(folderOf(domain.name, 'one')));
    });

    it('whose disk fails costs the participant its membership, with the reason, and the others nothing', async () => {
      const [reader, writer] = [
        await two.reader(Text, { topic: 'p', qos: 'persistent' }),
        await one.writer(Text, { topic: 'p', qos: 'persistent' }),
      ];
      const got: string[] = [];
      reader.samples$.subscribe(({ data }) => got.push(data));
      const ended = new Promise<unknown>((resolve) => one.view$.subscribe({ error: resolve }));
      // The log grows into a folder that is gone.
      rmSync(folderOf(domain.name, 'one'), { recursive: true, maxRetries: 10, retryDelay: 5 });
      const pending = (async () => {
        for (;;) await writer.write('x'.repeat(10_000));
      })();
      await assert.rejects(pending, (error: BowechoError) => typeof error.code === 'string');
      const error = (await ended) as { code: string; cause: { code: string }; message: string };
      assert.equal(error.code, 'BE_LOG_FAILED');
      assert.match(error.cause.code, /^BE_LOG_/);
      const other = await two.writer(Text, { topic: 'p', qos: 'persistent' });
      const count = got.length;
      await other.write('goes on');
      await other.whenCommitted();
      await until(() => got.length > count && got.at(-1) === 'goes on', 'the sample');
    });
  });

  describe('a persistent topic, in processes', () => {
    afterEach(endAll);

    it('makes one synchronized write a commit batch on each member, and no other sync', async function () {
      if (!hasStrace()) this.skip();
      const domain = newDomain('memory');
      const traces = ['a', 'b', 'c'].map((name) => join(storage, `${name}.trace`));
      const members: MemberProcess[] = [];
      try {
        for (const [index, name] of ['a', 'b', 'c'].entries()) {
          const options = { name, storage, suspicionMs: 10_000 };
          members.push(await MemberProcess.joinUnder(straceTo(traces[index]!), domain, options));
        }
        const [writer] = members as [MemberProcess];
        for (const member of members) await member.call('read', 't', 'samples$', 'persistent');
        await writer.call('open', 't', 'persistent');
        await writer.call('whenMatched', 't', 3);
        const commit = async (samples: number): Promise<void> => {
          for (let sample = 0; sample < samples; sample++)
            await writer.call('writeRandom', 't', 1000, sample);
          await writer.call('whenCommitted', 't');
        };
        const calls = () => traces.map(tracedWrites);
        await commit(1);
        for (const member of members)
          await until(async () => (await member.call('replica', 't'))!.isWhole, 'a whole log');
        await untilSteady(calls);
        const before = calls();
        for (let batch = 0; batch < 10; batch++) await commit(1);
        const after = calls();
        for (const [member, { writes, syncs }] of after.entries()) {
          const { writes: writesBefore, syncs: syncsBefore } = before[member]!;
          assert.deepEqual([writes - writesBefore, syncs - syncsBefore], [10, 0], `member ${member}`);
        }
      } finally {
        for (const member of members) await member.kill();
      }
    });

    it('has nothing twice where all who received it were killed, and its writer, which still had all of it on its way, goes on; a durable reader reads on', async () => {
      const domain = newDomain('memory');
      const writing = await MemberProcess.join(domain, { name: 'writing', storage: false });
      const qos = { base: 'persistent', durability: 'persistent' } as const;
      await writing.call('open', 't', qos);
      const [reading, slow] = [
        await MemberProcess.join(domain, { name: 'reading', storage }),
        await MemberProcess.join(domain, { name: 'slow', storage }),
      ];
      await reading.call('read', 't', 'samples$', qos, 'billing');
      // It is full after a few, so that what follows stays in the ring, though it is committed.
      await slow.call('read', 't', 'gated', { base: 'persistent', resourceLimits: { maxSamples: 3 } });
      await writing.call('whenMatched', 't', 2);
      for (const member of [reading, slow])
        await until(async () => (await member.call('replica', 't'))!.isWhole, 'a whole log');
      // That changes the view, too.
      const views = async () => (await writing.call('views')).length;
      for (let before = -1; before !== (await views()); await sleep(700)) before = await views();
      await writing.call('start', 't', { batch: 1, bytes: 100, count: 20 });
      await until(async () => (await reading.call('report', 't')).count === 20, 'all of it');
      await sleep(200);
      // Neither sees the other's end, nor the writer that of one alone.
      for (const { pid } of [writing, slow, reading]) process.kill(pid, 'SIGSTOP');
      await Promise.all([reading.kill(), slow.kill()]);
      process.kill(writing.pid, 'SIGCONT');
      const back = await MemberProcess.join(domain, { name: 'reading', storage });
      await back.call('read', 't', 'samples$', qos, 'billing');
      await writing.call('writeRandom', 't', 100, 7);
      await writing.call('whenCommitted', 't');
      const numbers = (await logOf(domain, 'reading', 't')).map((line) => Number(line.split(':').at(-1)));
      assert.deepEqual(
        numbers,
        Array.from({ length: 21 }, (_, i) => i + 1),
      );
      await until(async () => (await back.call('report', 't')).count > 0, 'what is new');
      await sleep(50);
      const { order } = await back.call('report', 't', true);
      assert.deepEqual(order, [`${writing.id}:1:21`]);
    });

    for (const victim of [0, 1, 2]) {
      it(`loses nothing acknowledged where member ${victim} of three is killed under load, and the others' logs are alike`, async () => {
        const domain = newDomain('memory');
        const names = ['a', 'b', 'c'];
        const members: MemberProcess[] = [];
        for (const name of names) members.push(await MemberProcess.join(domain, { name, storage }));
        for (const member of members) {
          await member.call('read', 't', 'samples$', 'persistent');
          await member.call('open', 't', 'persistent');
        }
        for (const member of members) await member.call('whenMatched', 't', 3);
        for (const member of members)
          await member.call('start', 't', { batch: 5, bytes: 300, commits: true });
        await until(
          async () => (await members[victim]!.call('committed', 't')) >= 100,
          'some commits',
          15_000,
        );
        await sleep(50);
        const dead = members[victim]!;
        const acknowledged = new Map([[dead.id, await dead.call('committed', 't')]]);
        await dead.kill();
        const survivors = members.filter((member) => member !== dead);
        const before = await Promise.all(survivors.map((member) => member.call('committed', 't')));
        await until(
          async () => {
            const now = await Promise.all(survivors.map((member) => member.call('committed', 't')));
            return now.every((count, i) => count > before[i]! + 50);
          },
          'more commits',
          15_000,
        );
        for (const member of survivors) acknowledged.set(member.id, await member.call('stop', 't'));
        for (const member of survivors) await member.call('whenCommitted', 't');
        const logs = await Promise.all(names.map((name) => logOf(domain, name, 't')));
        const [left, right] = logs.filter((_, i) => i !== victim) as [string[], string[]];
        assert.deepEqual(left, right);
        assert.deepEqual(logs[victim]!, left.slice(0, logs[victim]!.length));
        for (const [id, count] of acknowledged) {
          const numbers = left
            .map((line) => line.split(' ')[1]!.split(':').map(Number))
            .filter(([sender]) => sender === id);
          assert.ok(numbers.length >= count, `${numbers.length} of ${count} that were acknowledged to ${id}`);
          numbers.forEach(([, , number], i) => assert.equal(number, i + 1));
        }
        for (const member of survivors) {
          const report = await member.call('report', 't', true);
          assert.deepEqual(report.faults, []);
          await until(
            async () => (await member.call('report', 't')).count === left.length,
            'all that is logged',
          );
          const { order } = await member.call('report', 't', true);
          assert.deepEqual(
            order,
            left.map((line) => line.split(' ')[1]),
          );
        }
      });
    }
  });
});

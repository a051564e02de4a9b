import assert from 'node:assert/strict';
import { mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Text } from '../../runtime/dds/index.js';
import { digestTopicLog, readTopicLog } from '../../runtime/durability/open-topic-log.js';
import { LocalDomain } from './local-domain.js';
import { endAll, MemberProcess, newDomain, until } from './member-process.js';

describe('total restart on one host', () => {
  let storage: string;
  beforeEach(() => (storage = mkdtempSync(join(tmpdir(), 'bowecho-storage-'))));
  afterEach(() => rmSync(storage, { recursive: true, force: true }));

  const folderOf = (domain: string, name: string) =>
    join(storage, domain.slice(domain.indexOf(':') + 1), name);
  const topicOf = (domain: string, name: string) => join(folderOf(domain, name), 'topics', 't');

  interface Logged {
    readonly epoch: number;
    readonly sequence: number;
    readonly sender: number;
    readonly number: number;
  }

  async function logOf(folder: string): Promise<Logged[]> {
    const records: Logged[] = [];
    for await (const { epoch, sequence, sender, writerSequence } of readTopicLog(folder))
      records.push({ epoch, sequence, sender, number: writerSequence });
    return records;
  }

  describe('a domain of which nobody is left', () => {
    let domain: LocalDomain;
    beforeEach(() => (domain = new LocalDomain()));
    afterEach(() => domain.close());

    it('begins again with what it had, above all views and epochs that it had', async () => {
      const one = await domain.join({ name: 'one', storage });
      const writer = await one.writer(Text, { topic: 't', qos: 'persistent' });
      for (const text of ['a', 'b']) await writer.write(text);
      await writer.whenCommitted();
      const { viewId } = one.view;
      await one.close();
      const again = await domain.join({ name: 'one', storage });
      assert.ok(again.view.viewId > viewId);
      const next = await again.writer(Text, { topic: 't', qos: 'persistent' });
      await next.write('c');
      await next.whenCommitted();
      const log = await logOf(topicOf(domain.name, 'one'));
      assert.equal(log.length, 3);
      assert.ok(log[2]!.epoch > viewId);
      assert.equal(again.replica('t')!.isWhole, true);
    });

    it('looks beside the folders of which it knows, too: others may have gone on there without whoever comes', async () => {
      const elsewhere = join(storage, 'elsewhere');
      await domain.join({ name: 'stays', storage: false });
      const one = await domain.join({ name: 'one', storage });
      const reader = await one.reader(Text, { topic: 't', qos: 'persistent' });
      const two = await domain.join({ name: 'two', storage: elsewhere });
      const writer = await two.writer(Text, { topic: 't', qos: 'persistent' });
      await writer.write('by two');
      await writer.whenCommitted();
      await reader.close();
      await one.close();
      await two.close();
      const three = await domain.join({ name: 'three', storage: elsewhere });
      const next = await three.writer(Text, { topic: 't', qos: 'persistent' });
      await next.write('by three');
      await next.whenCommitted();
      await domain.close();
      const again = await domain.join({ name: 'one', storage });
      await again.reader(Text, { topic: 't', qos: 'persistent' });
      assert.equal((await logOf(topicOf(domain.name, 'one'))).length, 2);
    });

    it('goes on where only others come, who take the log from the folder of the one that had it', async () => {
      const one = await domain.join({ name: 'one', storage });
      const writer = await one.writer(Text, { topic: 't', qos: 'persistent' });
      for (let i = 0; i < 100; i++) await writer.write(`sample ${i}`);
      await writer.whenCommitted();
      await one.close();
      const other = await domain.join({ name: 'other', storage });
      const next = await other.writer(Text, { topic: 't', qos: 'persistent' });
      await next.write('more');
      await next.whenCommitted();
      const log = await logOf(topicOf(domain.name, 'other'));
      assert.equal(log.length, 101);
      assert.equal(other.replica('t')!.samplesTaken, 100);
      // And again, without it: who comes back late gets the rest.
      const back = await domain.join({ name: 'one', storage });
      await back.reader(Text, { topic: 't', qos: 'persistent' });
      await until(() => back.replica('t')!.isWhole, 'a whole log');
      assert.deepEqual(await logOf(topicOf(domain.name, 'one')), log);
    });

    it('takes the log from the folder of the one that had it once, whatever is opened at the same time', async () => {
      const one = await domain.join({ name: 'one', storage });
      const writer = await one.writer(Text, { topic: 't', qos: 'persistent' });
      for (let i = 0; i < 2000; i++) await writer.write(`sample ${i}`);
      await writer.whenCommitted();
      await one.close();
      const other = await domain.join({ name: 'other', storage });
      const endpoint = { topic: 't', qos: 'persistent' };
      const [, next] = await Promise.all([
        other.reader(Text, endpoint),
        other.writer(Text, endpoint),
        other.reader(Text, endpoint),
      ]);
      await next.write('more');
      await next.whenCommitted();
      const log = await logOf(topicOf(domain.name, 'other'));
      assert.deepEqual(log.slice(0, -1), await logOf(topicOf(domain.name, 'one')));
      assert.equal(log.length, 2001);
      assert.equal(other.replica('t')!.samplesTaken, 2000);
    });

    it('waits for a folder that is needed and not there, says for which, and goes on once it is', async () => {
      const [one, two] = [
        await domain.join({ name: 'one', storage }),
        await domain.join({ name: 'two', storage }),
      ];
      await two.reader(Text, { topic: 't', qos: 'persistent' });
      const writer = await one.writer(Text, { topic: 't', qos: 'persistent' });
      await writer.write('a');
      await writer.whenCommitted();
      await until(() => one.replica('t')!.isWhole && two.replica('t')!.isWhole, 'whole logs');
      // The one that goes first knows that the other may have gone on.
      await one.close();
      await two.close();
      const folder = folderOf(domain.name, 'two');
      renameSync(folder, `${storage}/away`);
      await assert.rejects(domain.join({ name: 'one', storage, timeoutMs: 300 }), (error: Error) => {
        assert.equal((error as { code?: string }).code, 'BE_RESTART_WAITS');
        assert.ok(error.message.includes(folder), error.message);
        return true;
      });
      const joining = domain.join({ name: 'one', storage, timeoutMs: 10_000 });
      renameSync(`${storage}/away`, folder);
      const again = await joining;
      const next = await again.writer(Text, { topic: 't', qos: 'persistent' });
      await next.write('b');
      await next.whenCommitted();
      assert.equal((await logOf(topicOf(domain.name, 'one'))).length, 2);
    });
  });

  describe('a domain of which all processes are killed at once', () => {
    afterEach(endAll);
    const names = ['a', 'b', 'c'];
    const orders = [
      ['a', 'b', 'c'],
      ['c', 'b', 'a'],
      ['b', 'c', 'a'],
    ];

    async function enter(domain: string, name: string): Promise<MemberProcess> {
      const member = await MemberProcess.join(domain, { name, storage });
      await member.call('read', 't', 'samples$', 'persistent');
      await member.call('open', 't', 'persistent');
      await member.call('start', 't', { batch: 5, bytes: 300, commits: true });
      return member;
    }

    it('loses nothing acknowledged over three deaths, whoever comes back first, and has the same log everywhere', async () => {
      const domain = newDomain('memory');
      const acknowledged = new Map<number, number>();
      let known: Logged[] = [];
      for (const order of orders) {
        const members: MemberProcess[] = [];
        for (const name of order) members.push(await enter(domain, name));
        for (const member of members)
          await until(async () => (await member.call('committed', 't')) >= 60, 'some commits', 20_000);
        for (const member of members)
          await until(async () => (await member.call('replica', 't'))!.isWhole, 'a whole log', 20_000);
        for (const member of members) acknowledged.set(member.id, await member.call('committed', 't'));
        await Promise.all(members.map((member) => member.kill()));
        const logs = await Promise.all(names.map((name) => logOf(topicOf(domain, name))));
        const longest = logs.reduce((a, b) => (b.length > a.length ? b : a));
        // What was there before is still there, and all logs are beginnings of one order.
        assert.deepEqual(longest.slice(0, known.length), known);
        for (const log of logs) assert.deepEqual(log, longest.slice(0, log.length));
        for (const [id, count] of acknowledged) {
          const numbers = longest.filter(({ sender }) => sender === id).map(({ number }) => number);
          assert.ok(numbers.length >= count, `${numbers.length} of ${count} acknowledged to ${id}`);
          numbers.forEach((number, i) => assert.equal(number, i + 1));
        }
        // What every log has is committed; what only some have may be cut by the restart.
        known = longest.slice(0, Math.min(...logs.map(({ length }) => length)));
      }
      const members: MemberProcess[] = [];
      for (const name of names) members.push(await enter(domain, name));
      for (const member of members) await member.call('stop', 't');
      for (const member of members) await member.call('whenCommitted', 't');
      for (const member of members)
        await until(async () => (await member.call('replica', 't'))!.isWhole, 'a whole log', 20_000);
      const digests = await Promise.all(names.map((name) => digestTopicLog(topicOf(domain, name))));
      assert.equal(new Set(digests).size, 1);
    }).timeout(120_000);
  });
});

import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Participant, Text } from '../../runtime/dds/index.js';
import { digestTopicLog, readTopicLog } from '../../runtime/durability/open-topic-log.js';
import { LocalDomain, sleep } from './local-domain.js';
import { endAll, MemberProcess, newDomain, until } from './member-process.js';

describe('replicas that come back', () => {
  let storage: string;
  beforeEach(() => (storage = mkdtempSync(join(tmpdir(), 'bowecho-storage-'))));
  afterEach(() => rmSync(storage, { recursive: true, force: true }));

  const topicFolder = (domain: string, name: string, topic: string) =>
    join(storage, domain.slice(domain.indexOf(':') + 1), name, 'topics', topic);

  /** Versions and writers' sequences of all that a log has. */
  async function logOf(folder: string): Promise<string[]> {
    const lines: string[] = [];
    for await (const { epoch, sequence, sender, writer, writerSequence } of readTopicLog(folder))
      lines.push(`${epoch}.${sequence} ${sender}:${writer}:${writerSequence}`);
    return lines;
  }

  describe('a replica that comes back', () => {
    let domain: LocalDomain;
    let stays: Participant;
    const folder = (name: string) => topicFolder(domain.name, name, 'p');

    beforeEach(async () => {
      domain = new LocalDomain();
      stays = await domain.join({ name: 'stays', storage });
    });
    afterEach(() => domain.close());

    it('goes on with its log, and gets what it lacks, and no more', async () => {
      const writer = await stays.writer(Text, { topic: 'p', qos: 'persistent' });
      const goes = await domain.join({ name: 'goes', storage });
      await goes.reader(Text, { topic: 'p', qos: 'persistent' });
      for (let i = 0; i < 100; i++) await writer.write(`before ${i}`);
      await writer.whenCommitted();
      await goes.close();
      for (let i = 0; i < 30; i++) await writer.write(`meanwhile ${i}`);
      await writer.whenCommitted();
      const back = await domain.join({ name: 'goes', storage });
      const reader = await back.reader(Text, { topic: 'p', qos: 'persistent' });
      for (let i = 0; i < 10; i++) await writer.write(`after ${i}`);
      await writer.whenCommitted();
      await until(() => back.replica('p')!.isWhole, 'a whole log');
      assert.equal(back.replica('p')!.samplesTaken, 30);
      assert.equal((await logOf(folder('goes'))).length, 140);
      assert.equal(await digestTopicLog(folder('goes')), await digestTopicLog(folder('stays')));
      // What was gathered meanwhile is in the log.
      await until(
        () => readdirSync(folder('goes')).every((name) => !name.startsWith('gathered-')),
        'nothing beside the log',
      );
      await reader.close();
    });

    it('whose folder is empty gets all of it, whatever the size of a sample', async () => {
      const writer = await stays.writer(Text, { topic: 'p', qos: 'persistent' });
      for (const length of [1, 70_000, 3, 500_000, 12, 2_000_000]) await writer.write('x'.repeat(length));
      await writer.whenCommitted();
      const late = await domain.join({ name: 'late', storage });
      await late.reader(Text, { topic: 'p', qos: 'persistent' });
      await until(() => late.replica('p')!.isWhole, 'a whole log');
      assert.equal(late.replica('p')!.samplesTaken, 6);
      assert.equal(await digestTopicLog(folder('late')), await digestTopicLog(folder('stays')));
    });

    it('is whole at once where the topic was open nowhere meanwhile', async () => {
      const goes = await domain.join({ name: 'goes', storage });
      const writer = await goes.writer(Text, { topic: 'p', qos: 'persistent' });
      for (let i = 0; i < 5; i++) await writer.write(`before ${i}`);
      await writer.whenCommitted();
      await goes.close();
      const back = await domain.join({ name: 'goes', storage });
      const again = await back.writer(Text, { topic: 'p', qos: 'persistent' });
      await again.write('after');
      await again.whenCommitted();
      assert.deepEqual(back.replica('p'), { isWhole: true, samplesTaken: 0, bytesTaken: 0 });
      assert.equal((await logOf(folder('goes'))).length, 6);
    });

    it('that was not in the last epoch takes what it lacks from the folder of one that was', async () => {
      const [first, second] = [
        await domain.join({ name: 'first', storage }),
        await domain.join({ name: 'second', storage }),
      ];
      const writer = await second.writer(Text, { topic: 'p', qos: 'persistent' });
      await first.reader(Text, { topic: 'p', qos: 'persistent' });
      await writer.write('both');
      await writer.whenCommitted();
      await first.close();
      await writer.write('second alone');
      await writer.whenCommitted();
      await second.close();
      const firstBack = await domain.join({ name: 'first', storage });
      const next = await firstBack.writer(Text, { topic: 'p', qos: 'persistent' });
      await next.write('first alone');
      await next.whenCommitted();
      assert.deepEqual(firstBack.replica('p'), { isWhole: true, samplesTaken: 1, bytesTaken: 12 });
      assert.equal((await logOf(folder('first'))).length, 3);
      const secondBack = await domain.join({ name: 'second', storage });
      await secondBack.reader(Text, { topic: 'p', qos: 'persistent' });
      await until(
        () => firstBack.replica('p')!.isWhole && secondBack.replica('p')!.isWhole,
        'two whole logs',
      );
      assert.deepEqual(await logOf(folder('first')), await logOf(folder('second')));
      assert.equal((await logOf(folder('first'))).length, 3);
    });

    it('with the log of another domain of that name is refused; without its views it begins a new one, and says so', async () => {
      const writer = await stays.writer(Text, { topic: 'p', qos: 'persistent' });
      await writer.write('old');
      await writer.whenCommitted();
      await stays.close();
      // Everybody is gone; whoever keeps nothing begins another domain.
      await domain.join({ name: 'forgetful', storage: false });
      await assert.rejects(domain.join({ name: 'stays', storage }), { code: 'BE_OTHER_DOMAIN' });
      assert.equal((await logOf(folder('stays'))).length, 1);
      rmSync(join(folder('stays'), '../../views'), { recursive: true });
      const warnings: Error[] = [];
      const listen = (warning: Error) => warnings.push(warning);
      process.on('warning', listen);
      const again = await domain.join({ name: 'stays', storage });
      const next = await again.writer(Text, { topic: 'p', qos: 'persistent' });
      await next.write('new');
      await next.whenCommitted();
      await sleep(10);
      process.off('warning', listen);
      assert.match(warnings.map(({ message }) => message).join(), /another past.*earlier-1/);
      assert.equal((await logOf(folder('stays'))).length, 1);
      const old = await logOf(join(folder('stays'), '../../earlier-1/topics/p'));
      assert.equal(old.length, 1);
    });
  });

  describe('a replica that comes back, in processes', () => {
    afterEach(endAll);

    for (const victim of [0, 1, 2]) {
      it(`has the same log as the others again where member ${victim} of three was killed under load`, async () => {
        const domain = newDomain('memory');
        const names = ['a', 'b', 'c'];
        const enter = async (name: string) => {
          const member = await MemberProcess.join(domain, { name, storage });
          await member.call('read', 't', 'samples$', 'persistent');
          await member.call('open', 't', 'persistent');
          return member;
        };
        const members: MemberProcess[] = [];
        for (const name of names) members.push(await enter(name));
        for (const member of members) await member.call('whenMatched', 't', 3);
        const load = { batch: 5, bytes: 300, commits: true } as const;
        for (const member of members) await member.call('start', 't', load);
        await until(
          async () => (await members[victim]!.call('committed', 't')) >= 100,
          'some commits',
          15_000,
        );
        await members[victim]!.kill();
        const kept = (await logOf(topicFolder(domain, names[victim]!, 't'))).length;
        const others = members.filter((_, i) => i !== victim);
        const before = await others[0]!.call('committed', 't');
        await until(
          async () => (await others[0]!.call('committed', 't')) > before + 100,
          'commits without it',
          15_000,
        );
        const back = await enter(names[victim]!);
        await back.call('start', 't', load);
        await until(async () => (await back.call('replica', 't'))!.isWhole, 'a whole log', 15_000);
        await until(async () => (await back.call('committed', 't')) >= 100, 'commits with it', 15_000);
        for (const member of [...others, back]) await member.call('stop', 't');
        for (const member of [...others, back]) await member.call('whenCommitted', 't');
        const logs = await Promise.all(names.map((name) => logOf(topicFolder(domain, name, 't'))));
        const digests = await Promise.all(
          names.map((name) => digestTopicLog(topicFolder(domain, name, 't'))),
        );
        assert.deepEqual(logs[victim]!, logs[(victim + 1) % 3]!);
        assert.equal(new Set(digests).size, 1);
        // It took what came between its death and its return, and nothing else.
        const { samplesTaken } = (await back.call('replica', 't'))!;
        const { epoch } = await back.call('report', 't', false);
        const earlier = logs[victim]!.findIndex((line) => Number(line.split('.')[0]) === epoch);
        const firstEpochs = new Set(logs[victim]!.map((line) => Number(line.split('.')[0])));
        assert.ok(
          samplesTaken > 0 && samplesTaken <= earlier - kept + 1,
          `${samplesTaken} of ${earlier - kept}`,
        );
        assert.ok(firstEpochs.size >= 3);
      });
    }

    it('after all replicas were killed has all that was written, once, though the writer lived on; so has a late reader', async () => {
      const domain = newDomain('memory');
      // A writer without a disk goes on alone: it learns what the logs that come back have of it, and sends the rest.
      const writer = await MemberProcess.join(domain, { name: 'w', storage: false });
      await writer.call('open', 't', { base: 'persistent', durability: 'persistent' });
      const enter = async (name: string) => {
        const member = await MemberProcess.join(domain, { name, storage });
        await member.call('read', 't', 'samples$', 'persistent');
        return member;
      };
      const replicas = [await enter('a'), await enter('b')];
      await writer.call('start', 't', { batch: 7, bytes: 300, commits: true });
      await until(async () => (await writer.call('committed', 't')) >= 200, 'some commits', 15_000);
      await MemberProcess.killAtOnce(replicas);
      const committed = await writer.call('committed', 't');
      const kept = await Promise.all(['a', 'b'].map((name) => logOf(topicFolder(domain, name, 't'))));
      for (const log of kept) assert.ok(log.length >= committed);
      const [a, b] = await Promise.all(['a', 'b'].map(enter));
      for (const member of [a!, b!])
        await until(async () => (await member.call('replica', 't'))?.isWhole === true, 'a whole log', 15_000);
      await until(
        async () => (await writer.call('committed', 't')) >= committed + 100,
        'more commits',
        15_000,
      );
      const written = await writer.call('stop', 't');
      await writer.call('whenCommitted', 't');
      const logs = await Promise.all(['a', 'b'].map((name) => logOf(topicFolder(domain, name, 't'))));
      assert.deepEqual(logs[0], logs[1]);
      const numbers = logs[0]!.map((line) => Number(line.split(':')[2]));
      assert.deepEqual(
        numbers,
        Array.from({ length: written }, (_, i) => i + 1),
      );
      await a!.call('closeReader', 't');
      await a!.call('read', 't', 'samples$', { base: 'persistent', durability: 'persistent' });
      await until(async () => (await a!.call('report', 't')).count >= written, 'all of it');
      await sleep(100);
      const { count, faults } = await a!.call('report', 't');
      assert.deepEqual(
        faults.filter((fault) => !fault.startsWith('version')),
        [],
      );
      assert.equal(count, written);
    });
  });
});

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { digestTopicLog } from '../../runtime/durability/open-topic-log.js';
import { CommandFolder } from '../bin/command-folder.js';
import { endAll, MemberProcess, newDomain, until } from './member-process.js';

describe('a witness', () => {
  let storage: string;
  let domain: string;

  beforeEach(() => {
    storage = mkdtempSync(join(tmpdir(), 'bowecho-storage-'));
    domain = newDomain('tcp');
  });
  afterEach(endAll);
  afterEach(() => rmSync(storage, { recursive: true, force: true }));

  const folderOf = (name: string) => join(storage, domain.split('/').at(-1)!, name);
  const topicOf = (name: string) => join(folderOf(name), 'topics', 't');

  function come(name: string, options: { witness?: true } = {}): Promise<MemberProcess> {
    return MemberProcess.join(domain, { name, storage, suspicionMs: 3_000, timeoutMs: 20_000, ...options });
  }

  async function open(member: MemberProcess): Promise<void> {
    await member.call('read', 't', 'samples$', 'persistent');
    await member.call('open', 't', 'persistent');
  }

  async function start(member: MemberProcess): Promise<void> {
    await member.call('start', 't', { batch: 5, bytes: 200, commits: true });
  }

  /** Two that write and keep a topic, and whatever else was there first. */
  async function two(): Promise<[MemberProcess, MemberProcess]> {
    const members = [await come('a'), await come('b')] as [MemberProcess, MemberProcess];
    for (const member of members) await open(member);
    for (const member of members)
      await until(async () => (await member.call('replica', 't'))!.isWhole, 'a whole log');
    for (const member of members) await start(member);
    for (const member of members)
      await until(async () => (await member.call('committed', 't')) >= 50, 'some commits', 20_000);
    return members;
  }

  async function commitsMore(member: MemberProcess): Promise<void> {
    const before = await member.call('committed', 't');
    await until(async () => (await member.call('committed', 't')) > before + 50, 'more commits', 20_000);
  }

  describe('two members with a witness', () => {
    for (const victim of [0, 1])
      it(`go on without number ${victim} that is killed, with what is persistent`, async () => {
        await come('w', { witness: true });
        const members = await two();
        await members[victim]!.kill();
        await commitsMore(members[1 - victim]!);
      }).timeout(60_000);

    it('go on without the witness, too', async () => {
      const witness = await come('w', { witness: true });
      const members = await two();
      await witness.kill();
      for (const member of members) await commitsMore(member);
    }).timeout(60_000);

    it('begin again by one of them and the witness, which has views and no topics; the other catches up', async () => {
      const witness = await come('w', { witness: true });
      const members = await two();
      const committed = await members[0].call('committed', 't');
      const ids = members.map(({ id }) => id);
      await Promise.all([witness, ...members].map((member) => member.kill()));
      const [again] = await Promise.all([come('b'), come('w', { witness: true })]);
      await open(again);
      await start(again);
      await until(async () => (await again.call('committed', 't')) >= 50, 'new commits', 20_000);
      const other = await come('a');
      await open(other);
      await until(async () => (await other.call('replica', 't'))!.isWhole, 'a whole log', 20_000);
      await again.call('stop', 't');
      await again.call('whenCommitted', 't');
      assert.equal(await digestTopicLog(topicOf('a')), await digestTopicLog(topicOf('b')));
      assert.ok(committed >= 50 && ids.length === 2);
      assert.ok(readdirSync(join(folderOf('w'), 'views')).length > 0);
      assert.equal(existsSync(join(folderOf('w'), 'topics')), false);
    }).timeout(60_000);

    it('may neither read nor write by it', async () => {
      const witness = await come('w', { witness: true });
      await assert.rejects(witness.call('read', 't', 'samples$'), { code: 'BE_WITNESS' });
      await assert.rejects(witness.call('open', 't'), { code: 'BE_WITNESS' });
    });
  });

  describe('two members without a witness', () => {
    it('stop where one of them is killed', async () => {
      const members = await two();
      await members[1].kill();
      await until(
        async () => (await members[0].call('endings')).includes('view$ BE_NO_MAJORITY'),
        'a member that halts',
      );
    }).timeout(60_000);
  });

  describe('bowecho witness', () => {
    it('votes until it is told to end, and leaves then', async () => {
      const folder = new CommandFolder();
      const args = ['witness', domain, '--name', 'w', '--storage', storage];
      // Whoever listens on the place of the address begins.
      const members = await two();
      const command = folder.start(args);
      try {
        let said = '';
        command.stdout.on('data', (text: Buffer) => (said += text.toString()));
        await until(() => said.includes('w is in view'), 'the witness', 20_000);
        await until(() => readdirSync(folderOf('w')).includes('disk'), 'its folder', 20_000);
        await until(() => readdirSync(join(folderOf('w'), 'views')).length > 0, 'a view on its disk', 20_000);
        await members[1].kill();
        await commitsMore(members[0]);
        command.kill('SIGTERM');
        await once(command, 'exit');
        await commitsMore(members[0]);
      } finally {
        command.kill('SIGKILL');
        folder.remove();
      }
    }).timeout(60_000);
  });
});

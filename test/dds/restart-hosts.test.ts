import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ParticipantOptions } from '../../runtime/dds/index.js';
import { digestTopicLog, readTopicLog } from '../../runtime/durability/open-topic-log.js';
import { endAll, MemberProcess, newDomain, until } from './member-process.js';

type Options = Omit<ParticipantOptions, 'domain'>;

const names = ['a', 'b', 'c'] as const;
type Name = (typeof names)[number];

describe('total restart over several hosts', () => {
  let storage: string;
  let domain: string;
  let places: Record<Name, string>;

  /** Each member has a place of its own in the address, as if it were another host. */
  beforeEach(() => {
    storage = mkdtempSync(join(tmpdir(), 'bowecho-storage-'));
    const [, host, port, name] = /^tcp:\/\/(.*):(\d+)\/(.*)$/.exec(newDomain('tcp'))!;
    const [a, b, c] = [1, 2, 3].map((number) => `${host}:${Number(port) + 1_000 * number}`) as [
      string,
      string,
      string,
    ];
    places = { a, b, c };
    domain = `tcp://${a},${b},${c}/${name}`;
  });
  afterEach(endAll);
  afterEach(() => rmSync(storage, { recursive: true, force: true }));

  const topicOf = (name: string) => join(storage, domain.split('/').at(-1)!, name, 'topics', 't');

  interface Logged {
    readonly version: string;
    readonly sender: number;
    readonly number: number;
  }

  async function logOf(name: string): Promise<Logged[]> {
    const records: Logged[] = [];
    for await (const { epoch, sequence, sender, writerSequence } of readTopicLog(topicOf(name)))
      records.push({ version: `${epoch}.${sequence}`, sender, number: writerSequence });
    return records;
  }

  function come(name: Name, options: Options = {}): Promise<MemberProcess> {
    return MemberProcess.join(domain, {
      name,
      storage,
      tcp: { listen: places[name] },
      suspicionMs: 3_000,
      timeoutMs: 20_000,
      ...options,
    });
  }

  async function enter(name: Name): Promise<MemberProcess> {
    const member = await come(name);
    await open(member);
    return member;
  }

  async function open(member: MemberProcess): Promise<void> {
    await member.call('read', 't', 'samples$', 'persistent');
    await member.call('open', 't', 'persistent');
    await member.call('start', 't', { batch: 5, bytes: 300, commits: true });
  }

  /** All of them write, and have some of it committed. */
  async function begin(): Promise<MemberProcess[]> {
    const members: MemberProcess[] = [];
    for (const name of names) members.push(await enter(name));
    for (const member of members)
      await until(async () => (await member.call('committed', 't')) >= 60, 'some commits', 20_000);
    for (const member of members)
      await until(async () => (await member.call('replica', 't'))!.isWhole, 'a whole log', 20_000);
    return members;
  }

  async function killAll(members: readonly MemberProcess[]): Promise<Map<number, number>> {
    const acknowledged = new Map<number, number>();
    for (const member of members) acknowledged.set(member.id, await member.call('committed', 't'));
    await Promise.all(members.map((member) => member.kill()));
    return acknowledged;
  }

  function assertKept(log: readonly Logged[], acknowledged: ReadonlyMap<number, number>): void {
    for (const [id, count] of acknowledged) {
      const numbers = log.filter(({ sender }) => sender === id).map(({ number }) => number);
      assert.ok(numbers.length >= count, `${numbers.length} of ${count} acknowledged to ${id}`);
      numbers.forEach((number, i) => assert.equal(number, i + 1));
    }
  }

  async function codeOf(attempt: Promise<unknown>): Promise<{ code?: string; message: string }> {
    return await attempt.then(
      () => ({ message: 'it joined' }),
      (error: Error & { code?: string }) => error,
    );
  }

  describe('a domain of several hosts, of which all members are killed at once', () => {
    for (const [first, second, late] of [
      ['b', 'c', 'a'],
      ['a', 'c', 'b'],
    ] as const)
      it(`goes on with a majority, ${first} and ${second}, and ${late} gets the rest when it comes`, async () => {
        const acknowledged = await killAll(await begin());
        const back = await Promise.all([come(first), come(second)]);
        for (const member of back) await open(member);
        const floor = Math.max(...[...acknowledged.values()]);
        for (const member of back)
          await until(async () => (await member.call('committed', 't')) >= 30, 'new commits', 20_000);
        const members = [...back, await enter(late)];
        for (const member of members)
          await until(async () => (await member.call('committed', 't')) >= 30, 'commits by all', 20_000);
        for (const member of members) await member.call('stop', 't');
        for (const member of members) await member.call('whenCommitted', 't');
        for (const member of members)
          await until(async () => (await member.call('replica', 't'))!.isWhole, 'a whole log', 20_000);
        const digests = await Promise.all(names.map((name) => digestTopicLog(topicOf(name))));
        assert.equal(new Set(digests).size, 1);
        assert.ok(floor >= 60);
        assertKept(await logOf(first), acknowledged);
      }).timeout(90_000);

    it('loses nothing over three deaths in a row', async () => {
      let members = await begin();
      const acknowledged = new Map<number, number>();
      for (const order of [names, [...names].reverse(), ['b', 'c', 'a']] as Name[][]) {
        for (const [id, count] of await killAll(members)) acknowledged.set(id, count);
        members = await Promise.all(order.map((name) => come(name)));
        for (const member of members) await open(member);
        for (const member of members)
          await until(async () => (await member.call('committed', 't')) >= 30, 'new commits', 20_000);
        for (const member of members)
          await until(async () => (await member.call('replica', 't'))!.isWhole, 'a whole log', 20_000);
      }
      for (const member of members) await member.call('stop', 't');
      for (const member of members) await member.call('whenCommitted', 't');
      const digests = await Promise.all(names.map((name) => digestTopicLog(topicOf(name))));
      assert.equal(new Set(digests).size, 1);
      assertKept(await logOf('a'), acknowledged);
    }).timeout(120_000);

    it('waits where one comes alone, says for whom, and goes on once another is there', async () => {
      const acknowledged = await killAll(await begin());
      for (const name of ['a', 'c'] as const) {
        const { code, message } = await codeOf(come(name, { timeoutMs: 1_500 }));
        assert.equal(code, 'BE_RESTART_WAITS', message);
        for (const other of names)
          assert.equal(new RegExp(`\\b${other}@[0-9a-f]{16}`).test(message), other !== name, message);
      }
      const waiting = come('c', { timeoutMs: 30_000 });
      const second = await come('b');
      const first = await waiting;
      await open(first);
      await open(second);
      for (const member of [first, second])
        await until(async () => (await member.call('committed', 't')) >= 30, 'new commits', 20_000);
      for (const member of [first, second]) await member.kill();
      assertKept(await logOf('b'), acknowledged);
    }).timeout(60_000);
  });

  describe('the first founding of a domain of several hosts', () => {
    it('waits for more than half of the members that are expected', async () => {
      const { code } = await codeOf(come('a', { expectedMembers: 3, timeoutMs: 1_000 }));
      assert.equal(code, 'BE_JOIN_TIMEOUT');
      const both = await Promise.all((['a', 'b'] as const).map((name) => come(name, { expectedMembers: 3 })));
      await both[0]!.call('open', 't');
      await both[1]!.call('read', 't', 'samples$');
      await both[0]!.call('whenMatched', 't', 1);
    });

    it('by one that has kept nothing is refused by those who have: nothing of theirs is moved aside', async () => {
      await killAll(await begin());
      const before = await digestTopicLog(topicOf('b'));
      const anew = await come('a', { storage: false });
      for (const name of ['b', 'c'] as const) {
        const { code, message } = await codeOf(come(name));
        assert.equal(code, 'BE_OTHER_DOMAIN', message);
      }
      assert.equal(await digestTopicLog(topicOf('b')), before);
      await anew.kill();
      for (const member of await Promise.all([come('b'), come('c')])) await open(member);
    }).timeout(60_000);

    it('by one that has kept nothing takes what the others have, where these wait with it', async () => {
      const acknowledged = await killAll(await begin());
      const three = names.map((name) =>
        come(name, { expectedMembers: 3, ...(name === 'a' && { storage: false as const }) }),
      );
      const [, b, c] = await Promise.all(three);
      for (const member of [b!, c!]) await open(member);
      for (const member of [b!, c!])
        await until(async () => (await member.call('committed', 't')) >= 30, 'new commits', 20_000);
      assertKept(await logOf('b'), acknowledged);
    }).timeout(60_000);
  });
});

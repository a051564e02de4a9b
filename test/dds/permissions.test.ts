import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ParticipantOptions } from '../../runtime/dds/index.js';
import { Authority } from '../transport/certificates.js';
import { sleep } from './local-domain.js';
import { endAll, MemberProcess, newDomain, until } from './member-process.js';

/** Nobody is suspected for silence: what is looked for here happens at once. */
const suspicionMs = 60_000;

describe('a domain with permissions', () => {
  const folder = mkdtempSync(join(tmpdir(), 'bowecho-'));
  let authority: Authority;
  before(async () => void (authority = await Authority.create()));
  after(() => rmSync(folder, { recursive: true }));
  afterEach(endAll);

  function file(name: string, content: object): string {
    const path = join(folder, name);
    writeFileSync(path, JSON.stringify(content));
    return path;
  }
  const rules = [
    { name: 'banned', who: { CN: 'feed-13' }, join: false },
    { name: 'feeds', who: { CN: 'feed-*' }, write: ['t'] },
    { name: 'desks', who: { CN: 'desk-*' }, read: ['*'], write: ['notes'] },
  ];
  const permissions = file('permissions.json', { rules });

  async function optionsOf(subject: string): Promise<Omit<ParticipantOptions, 'domain'>> {
    return { tcp: { tls: await authority.issue(subject) }, permissions, suspicionMs, timeoutMs: 5_000 };
  }

  async function join_(domain: string, subject: string, more: Omit<ParticipantOptions, 'domain'> = {}) {
    return await MemberProcess.join(domain, { ...(await optionsOf(subject)), ...more });
  }

  it('lets those in whom a rule fits, and write and read what it says', async () => {
    const domain = newDomain('tcp');
    const desk = await join_(domain, 'desk-1');
    const feed = await join_(domain, 'feed-1');
    await desk.call('read', 't', 'samples$');
    await feed.call('open', 't');
    await feed.call('whenMatched', 't', 1);
    await feed.call('start', 't', { batch: 20, pauseMs: 1, bytes: 50 });
    await sleep(50);
    const written = await feed.call('stop', 't');
    await until(
      async () => (await desk.call('report', 't')).byMember[feed.id] === written && written > 0,
      'all that the feed wrote',
    );
    const { members } = await desk.call('view');
    assert.deepEqual(
      members.map(({ subject }) => subject),
      ['CN=desk-1', 'CN=feed-1'],
    );
  });

  it('refuses whoever may not join, and the endpoints that are not permitted: who, what and the rule are told', async () => {
    const domain = newDomain('tcp');
    await assert.rejects(join_(domain, 'stranger'), {
      code: 'BE_NOT_PERMITTED',
      message: `CN=stranger may not join: no rule of ${permissions} is for it`,
    });
    const desk = await join_(domain, 'desk-1');
    // Whoever does not look itself is told at the door.
    const bold = await MemberProcess.spawn();
    await bold.call('disregardPermissions');
    await assert.rejects(bold.joinAgain(domain, await optionsOf('stranger')), {
      code: 'BE_NOT_PERMITTED',
      message: `CN=stranger may not join: no rule of ${permissions} is for it`,
    });
    await assert.rejects(join_(domain, 'feed-13'), { code: 'BE_NOT_PERMITTED', message: /rule banned/ });
    const feed = await join_(domain, 'feed-1');
    await assert.rejects(desk.call('open', 't'), {
      code: 'BE_NOT_PERMITTED',
      message: `CN=desk-1 may not write topic t: rule desks of ${permissions} lets it write notes`,
    });
    await assert.rejects(feed.call('read', 't', 'samples$'), {
      code: 'BE_NOT_PERMITTED',
      message: /rule feeds/,
    });
    await assert.rejects(feed.call('open', 'notes'), { code: 'BE_NOT_PERMITTED', message: /rule feeds/ });
    const kept = { durability: 'transientLocal' } as const;
    await assert.rejects(feed.call('open', 't', kept), { code: 'BE_NOT_PERMITTED', message: /may not read/ });
    assert.deepEqual((await desk.call('view')).endpoints, []);
    await feed.call('open', 't');
  });

  it('refuses who goes by another file, and names both hashes', async () => {
    const domain = newDomain('tcp');
    await join_(domain, 'desk-1');
    const other = file('other.json', { rules: [...rules, { name: 'all', who: { CN: '*' }, write: ['*'] }] });
    const hash = (content: object) => createHash('sha256').update(JSON.stringify(content)).digest('hex');
    await assert.rejects(
      join_(domain, 'desk-2', { permissions: other }),
      (error: Error & { code?: string }) => {
        assert.equal(error.code, 'BE_JOIN_REFUSED');
        assert.match(error.message, new RegExp(hash({ rules })));
        assert.match(error.message, /give all members the same file/);
        assert.ok(!error.message.includes('(none)'));
        return true;
      },
    );
    const { tcp } = await optionsOf('desk-2');
    const without = { tcp: tcp!, suspicionMs, timeoutMs: 5_000 };
    await assert.rejects(MemberProcess.join(domain, without), {
      code: 'BE_JOIN_REFUSED',
      message: /\(none\)/,
    });
    const free = newDomain('tcp');
    await MemberProcess.join(free, without);
    await assert.rejects(join_(free, 'desk-3'), {
      code: 'BE_JOIN_REFUSED',
      message: /this domain by \(none\)/,
    });
  });

  it('is not to be had without certificates', async () => {
    for (const [domain, tcp] of [
      [newDomain('tcp'), { secret: 'known to all members' }],
      [newDomain('tcp'), undefined],
      [newDomain('memory'), undefined],
    ] as const)
      await assert.rejects(MemberProcess.join(domain, { permissions, ...(tcp && { tcp }) }), {
        code: 'BE_PERMISSIONS',
        message: /subjects of certificates/,
      });
  });

  for (const [who, isLeader] of [
    ['a member', false],
    ['the leader', true],
  ] as const)
    it(`goes on without what ${who} opens that disregards the permissions, and takes nothing from it`, async () => {
      const domain = newDomain('tcp');
      const liar = await MemberProcess.spawn();
      const joinLiar = async () => {
        await liar.call('disregardPermissions');
        await liar.joinAgain(domain, await optionsOf('desk-9'));
      };
      if (isLeader) await joinLiar();
      const desk = await join_(domain, 'desk-1');
      const feed = await join_(domain, 'feed-1');
      if (!isLeader) await joinLiar();
      await desk.call('read', 't', 'samples$');
      await feed.call('open', 't');
      await feed.call('whenMatched', 't', 1);
      const before = (await desk.call('view')).viewId;
      void liar.call('open', 't').catch(() => undefined);
      await until(async () => (await desk.call('view')).viewId > before, 'a view that has looked at it');
      for (const honest of [desk, feed])
        await until(async () => (await honest.call('view')).viewId > before, 'the same view at all');
      const { endpoints } = await desk.call('view');
      assert.deepEqual(
        endpoints.map(({ member, role }) => [member, role]),
        [
          [desk.id, 'reader'],
          [feed.id, 'writer'],
        ],
      );
      await feed.call('start', 't', { batch: 20, pauseMs: 1, bytes: 50 });
      await sleep(100);
      const written = await feed.call('stop', 't');
      await until(
        async () => (await desk.call('report', 't')).byMember[feed.id] === written && written > 0,
        'all that the feed wrote',
      );
      const { byMember, faults } = await desk.call('report', 't');
      assert.deepEqual([Object.keys(byMember), faults], [[String(feed.id)], []]);
      await liar.kill();
      await until(async () => (await desk.call('view')).members.length === 2, 'the view without it');
    });
});

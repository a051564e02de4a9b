import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { Participant, type ParticipantOptions } from '../../runtime/dds/index.js';
import { Authority } from '../transport/certificates.js';
import { sleep } from './local-domain.js';
import { endAll, MemberProcess, newDomain, until } from './member-process.js';

/** Hearts beat on connections of their own, which have to be let in, too. */
const suspicionMs = 2_000;

type Shown = Awaited<ReturnType<Authority['issue']>>;
type Options = Omit<ParticipantOptions, 'domain'>;

describe('keys that change while a domain runs', () => {
  const folder = mkdtempSync(join(tmpdir(), 'bowecho-'));
  after(() => rmSync(folder, { recursive: true }));
  afterEach(endAll);

  /** Files of what a member shows; what is not given stays. */
  function write(name: string, shown: Partial<Shown>): { caFile: string; certFile: string; keyFile: string } {
    const path = (what: string) => join(folder, name, what);
    mkdirSync(join(folder, name), { recursive: true });
    for (const [what, text] of Object.entries(shown)) writeFileSync(path(what), text);
    return { caFile: path('ca'), certFile: path('cert'), keyFile: path('key') };
  }

  /** What the member at the first place of the address shows to one who has `shown`. */
  async function shownAt(domain: string, shown: Shown): Promise<string> {
    const [, host, port] = /^tcp:\/\/([^:]+):(\d+)\//.exec(domain)!;
    const socket = connect({ host, port: Number(port), ...shown, rejectUnauthorized: false });
    await once(socket, 'secureConnect');
    const { fingerprint256 } = socket.getPeerX509Certificate()!;
    socket.destroy();
    return fingerprint256;
  }
  const fingerprint = ({ cert }: Shown) => new X509Certificate(cert).fingerprint256;

  /** Two members, one of which writes all the time. */
  async function pair(one: Options, two: Options) {
    const domain = newDomain('tcp');
    const reader = await MemberProcess.join(domain, { suspicionMs, ...one });
    const writer = await MemberProcess.join(domain, { suspicionMs, ...two });
    await reader.call('read', 't', 'samples$');
    await writer.call('open', 't');
    await writer.call('whenMatched', 't', 1);
    await writer.call('start', 't', { batch: 5, pauseMs: 1, bytes: 50 });
    return { domain, reader, writer };
  }

  /** Both are in every view that the first has seen, and nothing that was written is lost. */
  async function assertUndisturbed({ reader, writer }: Awaited<ReturnType<typeof pair>>, others: number) {
    const written = await writer.call('stop', 't');
    await until(
      async () => (await reader.call('report', 't')).byMember[writer.id] === written,
      'all samples',
    );
    assert.deepEqual((await reader.call('report', 't')).faults, []);
    const views = (await reader.call('views')).map(({ members }) => members);
    const before = views.findIndex((members) => members.includes(writer.id));
    for (const members of views.slice(before)) assert.deepEqual(members.slice(0, 2), [reader.id, writer.id]);
    await until(async () => (await reader.call('view')).members.length === 2 + others, 'the others');
    for (const member of [reader, writer]) assert.deepEqual(await member.call('endings'), []);
  }

  it('are shown to whoever comes, first ones of the same authority, then of a new one', async () => {
    const [before, after] = [await Authority.create('Before'), await Authority.create('After')];
    const first = await before.issue('one');
    const domain = await pair(
      { tcp: { tls: write('one', first) } },
      { tcp: { tls: write('two', await before.issue('two')) } },
    );
    const stranger = await before.issue('stranger');
    assert.equal(await shownAt(domain.domain, stranger), fingerprint(first));

    // Other keys of the same authority, for both.
    const second = await before.issue('one');
    write('one', second);
    write('two', await before.issue('two'));
    const third = await MemberProcess.join(domain.domain, {
      suspicionMs,
      tcp: { tls: write('three', await before.issue('three')) },
    });
    assert.equal(await shownAt(domain.domain, stranger), fingerprint(second));

    // All trust the new authority as well, then show what it has signed; who comes then knows nothing of the old one.
    for (const name of ['one', 'two', 'three']) write(name, { ca: `${before.ca}\n${after.ca}` });
    const last = { ...(await after.issue('one')), ca: `${before.ca}\n${after.ca}` };
    write('one', last);
    for (const name of ['two', 'three'])
      write(name, { ...(await after.issue(name)), ca: `${before.ca}\n${after.ca}` });
    const fourth = await MemberProcess.join(domain.domain, {
      suspicionMs,
      tcp: { tls: write('four', await after.issue('four')) },
    });
    assert.equal(await shownAt(domain.domain, stranger), fingerprint(last));
    await third.call('read', 't', 'samples$');
    await fourth.call('read', 't', 'samples$');

    // Whose loop is blocked for so long would be missed, were its heart not let in.
    await fourth.call('compute', suspicionMs * 2);
    // Nobody trusts the old one any more.
    for (const name of ['one', 'two', 'three']) write(name, { ca: after.ca });
    const late = {
      timeoutMs: 3_000,
      tcp: { tls: write('late', { ...stranger, ca: `${before.ca}\n${after.ca}` }) },
    };
    await assert.rejects(MemberProcess.join(domain.domain, late), {
      code: 'BE_JOIN_REFUSED',
      message: /certificate/,
    });
    await assertUndisturbed(domain, 2);
    const reports = await Promise.all([third, fourth].map((member) => member.call('report', 't')));
    for (const { byMember, faults } of reports) {
      assert.ok(byMember[domain.writer.id]! > 0);
      assert.deepEqual(faults, []);
    }
  });

  it('are not used before they are whole, and are told of once; a call says what is wrong', async () => {
    const authority = await Authority.create();
    const first = await authority.issue('one');
    const domain = await pair(
      { tcp: { tls: write('five', first) } },
      { tcp: { tls: write('six', await authority.issue('two')) } },
    );
    const stranger = await authority.issue('stranger');
    const next = await authority.issue('one');
    write('five', { cert: next.cert });
    for (let i = 0; i < 2; i++) assert.equal(await shownAt(domain.domain, stranger), fingerprint(first));
    await assert.rejects(domain.reader.call('reloadSecurity'), {
      code: 'BE_CERTIFICATE',
      message: /^key: is not the one/,
    });
    assert.equal(await shownAt(domain.domain, stranger), fingerprint(first));
    write('five', { key: next.key });
    assert.equal(await shownAt(domain.domain, stranger), fingerprint(next));
    // Who a member is to the others does not change.
    const other = await authority.issue('somebody else');
    await assert.rejects(domain.reader.call('reloadSecurity', { tls: other }), {
      code: 'BE_CERTIFICATE',
      message: /is CN=one to the others, and cannot become CN=somebody else/,
    });
    await assert.rejects(domain.reader.call('reloadSecurity', { secret: 'known to all members' }), {
      code: 'BE_INSECURE',
      message: /certificates/,
    });
    const text = await authority.issue('one');
    await domain.reader.call('reloadSecurity', { tls: text });
    assert.equal(await shownAt(domain.domain, stranger), fingerprint(text));
    await assertUndisturbed(domain, 0);
  });

  for (const [title, plain] of [
    ['with TLS', false],
    ['in plain', true],
  ] as const)
    it(`may be secrets, of which two are accepted while one takes the place of the other, ${title}`, async () => {
      const [old, fresh] = ['the secret of yesterday', 'the secret of tomorrow'];
      const file = (name: string, ...secrets: string[]) => {
        // At once: who reads it finds the old ones or the new ones.
        writeFileSync(join(folder, 'made'), `${secrets.join('\n')}\n`);
        renameSync(join(folder, 'made'), join(folder, name));
        return { suspicionMs, timeoutMs: 3_000, tcp: { secretFile: join(folder, name), plain } };
      };
      const domain = await pair(file('s1', old), file('s2', old));
      let others = 0;
      const enter = async (...secrets: string[]) => {
        await MemberProcess.join(domain.domain, file(`s${3 + others++}`, ...secrets));
      };
      const all = (...secrets: string[]) => {
        for (let i = 1; i < 3 + others; i++) file(`s${i}`, ...secrets);
      };
      await assert.rejects(enter(fresh));
      others = 0;
      all(old, fresh);
      await enter(old);
      all(old, fresh);
      await enter(fresh, old);
      all(fresh, old);
      await enter(old, fresh);
      all(fresh, old);
      await enter(fresh);
      all(fresh);
      await assert.rejects(MemberProcess.join(domain.domain, file('stale', old)), {
        code: 'BE_JOIN_REFUSED',
      });
      await assertUndisturbed(domain, 4);
    });

  it('are not there where a domain is within one machine', async () => {
    const participant = await Participant.join({ domain: newDomain('local') });
    await sleep(1);
    assert.throws(() => participant.reloadSecurity(), { code: 'BE_UNSUPPORTED' });
    await participant.close();
  });
});

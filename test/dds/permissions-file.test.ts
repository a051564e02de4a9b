import assert from 'node:assert/strict';
import { X509Certificate, createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Gatekeeper } from '../../runtime/dds/gatekeeper.js';
import { Permissions } from '../../runtime/dds/permissions.js';
import { attributesOf } from '../../runtime/dds/subject.js';
import { firstView, nextView } from '../../runtime/membership/view.js';
import { subjectIn } from '../../transport/tcp/certificates.js';
import { Authority } from '../transport/certificates.js';

describe('a permissions file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'bowecho-'));
  const path = join(folder, 'permissions.json');
  after(() => rmSync(folder, { recursive: true }));

  function permissions(content: unknown): Permissions {
    writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
    return Permissions.read(path);
  }

  const rules = [
    { name: 'banned', who: { CN: 'feed-13' }, join: false },
    { name: 'feeds', who: { CN: 'feed-*', O: 'Tower' }, write: ['flights', 'weather/*'] },
    { name: 'desks', who: { CN: 'desk-?' }, read: ['*'], write: ['notes'] },
  ];

  it('lets each do what the first rule that fits it says, and nobody else anything', () => {
    const file = permissions({ rules });
    const may = (subject: string, role: 'reader' | 'writer', topic: string) =>
      file.endpointProblem(subject, { role, topic });
    assert.equal(file.joinProblem('O=Tower, CN=feed-1'), undefined);
    assert.equal(may('O=Tower, CN=feed-1', 'writer', 'flights'), undefined);
    assert.equal(may('CN=feed-1, O=Tower, OU=any', 'writer', 'weather/rain'), undefined);
    assert.equal(may('CN=desk-7', 'reader', 'whatever'), undefined);
    assert.equal(
      file.joinProblem('O=Tower, CN=feed-13'),
      `O=Tower, CN=feed-13 may not join: rule banned of ${path} says so`,
    );
    for (const subject of ['CN=feed-1', 'O=Bridge, CN=feed-1', 'O=Tower', 'CN=desk-77', 'CN=Desk-7', ''])
      assert.equal(file.joinProblem(subject), `${subject} may not join: no rule of ${path} is for it`);
    assert.match(file.joinProblem(undefined)!, /^a member without a certificate may not join/);
    assert.equal(
      may('O=Tower, CN=feed-1', 'writer', 'notes'),
      `O=Tower, CN=feed-1 may not write topic notes: rule feeds of ${path} lets it write flights, weather/*`,
    );
    assert.match(
      may('O=Tower, CN=feed-1', 'reader', 'flights')!,
      /may not read topic flights: rule feeds .* read nothing$/,
    );
    assert.match(may('CN=desk-7', 'writer', 'flights')!, /rule desks/);
    assert.match(may('CN=nobody', 'writer', 'flights')!, /^CN=nobody may not write topic flights: no rule/);
  });

  it('asks of a writer that receives its topic, as it keeps it for others, that it may read it', () => {
    const file = permissions({ rules });
    for (const keeps of [{ holds: true }, { stores: true }]) {
      const asked = { role: 'writer', ...keeps } as const;
      assert.match(
        file.endpointProblem('O=Tower, CN=feed-1', { ...asked, topic: 'flights' })!,
        /may not read topic flights: rule feeds .*durability volatile/,
      );
      assert.equal(file.endpointProblem('CN=desk-7', { ...asked, topic: 'notes' }), undefined);
    }
  });

  it('takes subjects of certificates for what they are, whatever is written in them', async () => {
    const authority = await Authority.create();
    const subject = async (name: string) => subjectIn((await authority.issue(name)).cert)!;
    // A value that looks like another attribute is a value still.
    for (const [name, wanted] of [
      [
        'feed-1,O=Tower',
        [
          ['CN', 'feed-1'],
          ['O', 'Tower'],
        ],
      ],
      ['x\\, O=Tower', [['CN', 'x, O=Tower']]],
      ['x\\+O=Tower', [['CN', 'x+O=Tower']]],
      ['x\\0AO=Tower', [['CN', 'x\nO=Tower']]],
    ] as const)
      assert.deepEqual(
        attributesOf(await subject(name)).map(({ name, value }) => [name, value]),
        wanted,
      );
    assert.deepEqual(attributesOf('CN=a\\\\, O=b + OU=c\\+'), [
      { name: 'CN', value: 'a\\' },
      { name: 'O', value: 'b' },
      { name: 'OU', value: 'c+' },
    ]);
    const file = permissions({ rules });
    assert.equal(file.joinProblem(await subject('feed-1,O=Tower')), undefined);
    for (const name of [
      'feed-1\\, O=Tower',
      'feed-1\\0AO=Tower',
      'feed-1,CN=desk-1,O=Tower',
      'feed-1,O=Tower,O=Bridge',
    ])
      assert.notEqual(file.joinProblem(await subject(name)), undefined, name);
    assert.match(new X509Certificate((await authority.issue('x')).cert).subject, /^CN=x$/);
  });

  it('has the hash of its bytes', () => {
    const text = JSON.stringify({ rules: [] });
    assert.equal(permissions(text).hash, createHash('sha256').update(text).digest('hex'));
  });

  for (const [what, text, place, message] of [
    ['nothing', '', '1:1', /expected a value, found the end/],
    ['no JSON', '{\n  "rules": [}\n}', '2:13', /expected a value, found "}"/],
    ['a missing comma', '{"rules": [1 2]}', '1:14', /expected ']', found "2"/],
    ['something behind the end', '{"rules": []} x', '1:15', /expected the end, found "x"/],
    ['a text without end', '{"rules', '1:2', /a text in quotation marks/],
    ['an escape that there is not', '{"rul\\q": 1}', '1:2', /an escape/],
    ['a number that is none', '{"rules": 01}', '1:11', /expected a value/],
    ['a member twice', '{"rules": [],\n "rules": []}', '2:2', /"rules" is there twice/],
    ['a list', '[]', '1:1', /has to be an object with rules/],
    ['no rules', '{}', '1:1', /rules has to be a list/],
    ['a member that there is not', '{"rules": [], "rulez": 1}', '1:24', /there is no "rulez": use rules/],
    ['a rule without a name', '{"rules": [{"who": {"CN": "*"}}]}', '1:12', /a rule has to have a name/],
    ['a rule for nobody', '{"rules": [{"name": "a"}]}', '1:12', /who has to name attributes/],
    [
      'a rule for everyone by mistake',
      '{"rules": [{"name": "a",\n"who": {}}]}',
      '2:8',
      /for everyone write { "CN": "\*" }/,
    ],
    [
      'an attribute that is none',
      '{"rules": [{"name": "a", "who": {"C N": "*"}}]}',
      '1:33',
      /"C N" is no attribute/,
    ],
    [
      'a pattern that is none',
      '{"rules": [{"name": "a", "who": {"CN": ["*"]}}]}',
      '1:40',
      /a pattern has to be a text/,
    ],
    [
      'a permission misspelt',
      '{"rules": [{"name": "a", "who": {"CN": "*"}, "reads": ["*"]}]}',
      '1:55',
      /there is no "reads"/,
    ],
    [
      'a topic that is none',
      '{"rules": [{"name": "a", "who": {"CN": "*"}, "read": ["b", 3]}]}',
      '1:60',
      /has to be a text/,
    ],
    [
      'topics that are no list',
      '{"rules": [{"name": "a", "who": {"CN": "*"}, "read": "b"}]}',
      '1:54',
      /a list of topics/,
    ],
    [
      'a join that is neither',
      '{"rules": [{"name": "a", "who": {"CN": "*"}, "join": "no"}]}',
      '1:54',
      /true or false/,
    ],
    [
      'a name twice',
      '{"rules": [{"name": "a", "who": {"CN": "*"}},\n{"name": "a", "who": {"CN": "b"}}]}',
      '2:10',
      /another rule of the name a/,
    ],
    ['too deep', '['.repeat(100_000), '1:18', /nested deeper than 16/],
    ['__proto__', '{"__proto__": {"rules": []}}', '1:15', /there is no "__proto__"/],
  ] as const)
    it(`is refused, with the place, where it has ${what}`, () => {
      const escaped = path.replaceAll(/[.\\]/g, '\\$&');
      assert.throws(
        () => permissions(text),
        (error: Error & { code?: string }) => {
          assert.equal(error.code, 'BE_PERMISSIONS');
          assert.match(error.message, new RegExp(`^${escaped}:${place}: `));
          assert.match(error.message, message);
          return true;
        },
      );
    });

  it('is refused where it cannot be read, is endless, or no text', () => {
    assert.throws(() => Permissions.read(join(folder, 'none')), {
      code: 'BE_PERMISSIONS',
      message: /ENOENT/,
    });
    writeFileSync(path, ' '.repeat(2 << 20));
    assert.throws(() => Permissions.read(path), { code: 'BE_PERMISSIONS', message: /2097152 bytes/ });
    writeFileSync(path, Buffer.from([0x7b, 0xff]));
    assert.throws(() => Permissions.read(path), { code: 'BE_PERMISSIONS', message: /not UTF-8/ });
  });

  it('keeps out of every view whom a member lets in against it', () => {
    const keeper = new Gatekeeper(permissions({ rules }), 'CN=desk-1');
    const info = (subject: string) => ({ name: 'x', pid: 1, subject });
    const before = firstView(1, 1, info('CN=desk-1'));
    const items = [
      { op: 'join', member: 2, info: info('CN=stranger') },
      { op: 'join', member: 3, info: info('CN=desk-3') },
    ] as const;
    const next = nextView(
      before,
      [{ kind: 'request', member: 1, request: 2, items: [...items] }],
      keeper.admit,
      keeper.mayJoin,
    );
    assert.deepEqual(
      next.members.map(({ id }) => id),
      [1, 3],
    );
  });
});

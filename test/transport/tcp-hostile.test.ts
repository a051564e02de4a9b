import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { Credentials } from '../../transport/tcp/credentials.js';
import { Dialing } from '../../transport/tcp/dialing.js';
import { encodeHello } from '../../transport/tcp/hello.js';
import { parseHostPort } from '../../transport/tcp/address.js';
import { TcpHost } from '../../transport/tcp/host.js';
import type { TcpOptions } from '../../transport/tcp/options.js';
import { Followers } from '../../transport/tcp/followers.js';
import { meetDomain } from '../../transport/tcp/meeting.js';
import type { Refusal } from '../../transport/host.js';
import { strangersMax } from '../../transport/tcp/gate.js';
import { frameKind, guardsBytesMax } from '../../transport/tcp/wire.js';
import { Authority } from './certificates.js';
import { freePort, introduceAll, linked, until } from './tcp-domain.js';

const secret = 'known to all members';
const own = { secret } as const;

describe('a member that listens on TCP', () => {
  const open: TcpHost[] = [];
  const sockets: Socket[] = [];
  const warnings: string[] = [];
  const note = (warning: Error & { code?: string }) => warnings.push(`${warning.code}: ${warning.message}`);

  before(() => process.on('warning', note));
  after(() => process.off('warning', note));
  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.destroy();
    await Promise.all(open.splice(0).map((host) => host.close()));
    warnings.length = 0;
  });

  /** Two members that are linked, and a check that they still are. */
  async function pair(options: TcpOptions = own): Promise<[TcpHost, TcpHost]> {
    const [one, two] = (await linked(2, options)) as [TcpHost, TcpHost];
    open.push(one, two);
    return [one, two];
  }

  let rounds = 0;
  async function assertUndisturbed(one: TcpHost, two: TcpHost): Promise<void> {
    const name = `row${++rounds}`;
    const region = one.allocate(name, 64, [two.self]);
    region.memory.f64[0] = rounds;
    region.put(0, 8);
    one.flush();
    await until(() => two.attach(one.self, name, 64)?.memory.f64[0] === rounds, 'what was put arrives');
  }

  async function connected(host: TcpHost): Promise<Socket> {
    const socket = connect(Number(host.address.split(':')[1]), '127.0.0.1');
    sockets.push(socket);
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    return socket;
  }

  /** Says so, and gives the answer up to the end of the connection. */
  async function say(host: TcpHost, bytes: Buffer): Promise<string> {
    const socket = await connected(host);
    let answer = '';
    socket.on('data', (chunk) => (answer += chunk.toString('latin1')));
    socket.write(bytes);
    await once(socket, 'close');
    return answer;
  }

  function assertCounted(host: TcpHost, refusal: Refusal, count: number): void {
    assert.equal(host.refusals.count(refusal), count, refusal);
  }

  /** Of all that was turned away, as many warnings as there were kinds. */
  async function assertToldOnce(kinds: number): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    const told = warnings.filter((warning) => warning.startsWith('BE_TURNED_AWAY'));
    assert.equal(told.length, kinds, told.join('\n'));
  }

  const nonce = 'ab'.repeat(32);
  const hello = encodeHello({ kind: 'hello', from: 5, domain: 'tower', purpose: 'greet', nonce });

  it('ends connections that bring garbage, another version, too much, or frames out of turn; and tells of the first', async () => {
    const [one, two] = await pair();
    assert.match(
      await say(one, Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n')),
      /not the protocol of Bowecho/,
    );
    const versioned = Buffer.from(hello);
    versioned[2] = 9;
    assert.match(await say(one, versioned), /version 1 in little-endian.*version 9/);
    const ordered = Buffer.from(hello);
    ordered[3] = 2;
    assert.match(await say(one, ordered), /big-endian/);
    const long = Buffer.from(hello);
    long.writeUInt32LE(5_000, 4);
    assert.match(await say(one, long), /5000 bytes is over the limit of 4096/);
    await say(one, encodeHello({ kind: 'please' }));
    assert.match(await say(one, encodeHello({ kind: 'hello' } as never)), /lacks a field/);
    assertCounted(one, 'garbage', 6);
    await assertToldOnce(1);
    await assertUndisturbed(one, two);
  });

  it('turns away who looks for another domain, and who does not know the secret; tells both why', async () => {
    const [one, two] = await pair();
    const address = (host: TcpHost, domain: string) => `//${host.address}/${domain}`;
    const stranger = async (domain: string, options: TcpOptions) => {
      const host = await TcpHost.open({ ...options, address: address(one, domain) });
      open.push(host);
      return await host.meet('', { timeoutMs: 2_000 });
    };
    await assert.rejects(stranger('other', own), {
      code: 'BE_JOIN_REFUSED',
      message: /this is domain tower, not other/,
    });
    // Who is asked proves itself first, so a stranger with another secret finds out by itself; one without any is found out.
    await assert.rejects(stranger('tower', { secret: 'another secret of theirs' }), {
      code: 'BE_JOIN_REFUSED',
      message: /does not know this domain's secret/,
    });
    await assert.rejects(stranger('tower', {}), { code: 'BE_JOIN_REFUSED', message: /secret/ });
    const lies = Buffer.concat([hello, encodeHello({ kind: 'proof', proof: 'cd'.repeat(32) })]);
    assert.match(await say(one, lies), /do not know this domain's secret/);
    assertCounted(one, 'domain', 1);
    assert.ok(one.refusals.count('secret') >= 1);
    await assertUndisturbed(one, two);
  });

  it('is not taken in by what another said before', async () => {
    const [one, two] = await pair();
    one.openDoor((_stranger, _greeting, reply) => reply({ welcome: 'come in' }));
    // A wire that is listened to.
    const heard: Buffer[] = [];
    const tap = createServer((from) => {
      const to = connect(Number(one.address.split(':')[1]), '127.0.0.1');
      from.on('data', (chunk) => heard.push(chunk) && to.write(chunk));
      to.pipe(from);
      for (const socket of [from, to]) socket.on('error', () => undefined);
    }).listen(0, '127.0.0.1');
    await once(tap, 'listening');
    const honest = await TcpHost.open({
      ...own,
      address: `//127.0.0.1:${portOf(tap)}/tower`,
      listen: '127.0.0.1:0',
    });
    open.push(honest);
    assert.equal(await honest.meet('', { timeoutMs: 2_000 }), 'come in');
    tap.close();
    const said = Buffer.concat(heard);
    assert.ok(said.includes('"proof"'));
    assert.ok(!(await say(one, said)).includes('come in'));
    assertCounted(one, 'secret', 1);
    await assertUndisturbed(one, two);
  });

  it('ends connections that take too long to say what they want, silent or slow', async function () {
    this.timeout(15_000);
    const [one, two] = await pair();
    const silent = await connected(one);
    const slow = await connected(one);
    let at = 0;
    const timer = setInterval(() => slow.write(hello.subarray(at, ++at)), 200);
    const began = performance.now();
    await Promise.all([once(silent.resume(), 'close'), once(slow.resume(), 'close')]);
    clearInterval(timer);
    assert.ok(performance.now() - began < 8_000);
    assertCounted(one, 'late', 2);
    await assertToldOnce(1);
    await assertUndisturbed(one, two);
  });

  it('has as much patience as it is told, with who connects and with whom it connects to', async () => {
    const [one, two] = await pair({ ...own, handshakeMs: 400 });
    const began = performance.now();
    await once((await connected(one)).resume(), 'close');
    assertCounted(one, 'late', 1);
    const mute = createServer((socket) => sockets.push(socket)).listen(0, '127.0.0.1');
    await once(mute, 'listening');
    // Of two members, the one with the larger number connects.
    const peer = 1;
    one.watch(peer);
    one.introduce(peer, `127.0.0.1:${portOf(mute)}`);
    await until(() => one.isDead(peer), 'it is given up');
    mute.close();
    const tookMs = performance.now() - began;
    assert.ok(tookMs > 700 && tookMs < 4_000, `${tookMs} ms`);
    await assertUndisturbed(one, two);
  });

  const portOf = (server: Server) => (server.address() as AddressInfo).port;

  /** The first that a client of TLS says. */
  async function clientHello(): Promise<Buffer> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const client = connectTls({ host: '127.0.0.1', port: portOf(server) }).on('error', () => undefined);
    const [socket] = (await once(server, 'connection')) as [Socket];
    const [bytes] = (await once(socket, 'data')) as [Buffer];
    for (const end of [client, socket]) end.destroy();
    server.close();
    return bytes;
  }

  it('ends connections that take too long with TLS, wherever they stop, and counts them as late only', async () => {
    const tls = await (await Authority.create()).issue('member');
    const [one, two] = await pair({ tls, handshakeMs: 400 });
    const whole = await clientHello();
    const began = performance.now();
    const stopped = [0, 1, 5, whole.length - 1, whole.length].map(async (length) => {
      const socket = await connected(one);
      if (length > 0) socket.write(whole.subarray(0, length));
      await once(socket.resume(), 'close');
    });
    const slow = await connected(one);
    let at = 0;
    const timer = setInterval(() => slow.write(whole.subarray(at, ++at)), 20);
    const closed = Promise.all([...stopped, once(slow.resume(), 'close')]);
    await assertUndisturbed(one, two);
    await closed;
    clearInterval(timer);
    const tookMs = performance.now() - began;
    assert.ok(tookMs > 300 && tookMs < 2_000, `${tookMs} ms`);
    assert.ok(at < whole.length, 'it was in the midst of its first message');
    assert.deepEqual(one.turnedAway(), { late: 6 });
    await assertToldOnce(1);
    await assertUndisturbed(one, two);
  });

  for (const [how, security, first] of [
    ['in plain', () => Promise.resolve(own), () => Promise.resolve(hello)],
    ['with TLS', async () => ({ tls: await (await Authority.create()).issue('member') }), clientHello],
  ] as const) {
    it(`ends its end of a connection whose other end is ended, ${how}: who leaves is not turned away`, async () => {
      const [one, two] = await pair(await security());
      const whole = await first();
      const began = performance.now();
      for (const length of [0, 1, 5, whole.length - 1, whole.length]) {
        const socket = await connected(one);
        socket.end(whole.subarray(0, length));
        await once(socket.resume(), 'close');
      }
      const tookMs = performance.now() - began;
      assert.ok(tookMs < 2_000, `${tookMs} ms`);
      await assertUndisturbed(one, two);
      assert.deepEqual(one.turnedAway(), {});
      await assertToldOnce(0);
    });
  }

  it('serves its peers while 10,000 connections come at once, and goes on taking strangers afterwards', async function () {
    this.timeout(60_000);
    const [one, two] = await pair();
    one.openDoor((_stranger, _greeting, reply) => reply({ welcome: 'come in' }));
    const count = 10_000;
    const flood: Socket[] = [];
    for (let i = 0; i < count; i++) {
      const socket = connect(Number(one.address.split(':')[1]), '127.0.0.1');
      socket.on('error', () => undefined);
      flood.push(socket.resume());
    }
    // Strangers have five seconds to speak; none of these does.
    let exchanged = 0;
    const all = () => one.refusals.count('crowd') > count / 4 && one.refusals.count('late') >= strangersMax;
    for (const end = performance.now() + 30_000; !all() && performance.now() < end; exchanged++)
      await assertUndisturbed(one, two);
    for (const socket of flood) socket.destroy();
    assert.ok(exchanged > 20, `${exchanged}`);
    const crowd = one.refusals.count('crowd');
    assert.ok(crowd > 1_000, `${crowd} were turned away at once`);
    assert.ok(one.refusals.count('late') <= count - crowd && one.refusals.count('late') >= strangersMax);
    await assertToldOnce(2);
    const stranger = await TcpHost.open({ ...own, address: `//${one.address}/tower` });
    open.push(stranger);
    assert.equal(await stranger.meet('', { timeoutMs: 5_000 }), 'come in');
  });

  it('lets in nobody without a certificate of its authority', async () => {
    const [authority, other] = [await Authority.create(), await Authority.create('Other')];
    const good = { tls: await authority.issue('good') };
    const [one, two] = await pair(good);
    one.openDoor((_stranger, _greeting, reply) => reply({ welcome: 'come in' }));
    // Whoever looks at its own certificates finds out by itself; these do not.
    const meet = async (options: TcpOptions) =>
      await meetDomain({
        entries: [parseHostPort(one.address)],
        who: { self: 5, domain: 'tower', credentials: new Credentials(options, true) },
        greeting: '',
        timeoutMs: 1_000,
        followers: new Followers(),
        claim: () => Promise.resolve(false),
      });
    const foreign = await other.issue('foreign');
    const mixed = { tls: { ...foreign, ca: authority.ca } };
    const expired = { tls: await authority.issue('old', -1_000) };
    for (const options of [mixed, expired, { tls: foreign }, { secret, plain: false }, {}])
      await assert.rejects(meet(options), /certificate|certs|protect/);
    assert.ok(one.refusals.count('certificate') >= 4);
    await assertToldOnce(1);
    assert.equal(await meet(good), 'come in');
    await assertUndisturbed(one, two);
  });

  it('links with nobody who shows another certificate than the one it was let in with', async () => {
    const authority = await Authority.create();
    const open2 = async () => {
      const address = `//127.0.0.1:${await freePort()}/tower`;
      const hosts: TcpHost[] = [];
      for (const name of ['one', 'two'])
        hosts.push(await TcpHost.open({ address, tls: await authority.issue(name) }));
      open.push(...hosts);
      hosts.sort((a, b) => a.self - b.self);
      for (const host of hosts) for (const other of hosts) host.watch(other.self);
      return hosts as [TcpHost, TcpHost];
    };
    // Who connects finds that the other is somebody else.
    const [called, caller] = await open2();
    called.introduce(caller.self, caller.address, caller.subject);
    caller.introduce(called.self, called.address, 'CN=else');
    await until(() => caller.isDead(called.self), 'the caller does not link');
    assertCounted(caller, 'member', 1);
    // Who is connected to finds out: at once where it has been told whom to expect,
    const [expecting, impostor] = await open2();
    expecting.introduce(impostor.self, impostor.address, 'CN=else');
    impostor.introduce(expecting.self, expecting.address, expecting.subject);
    await until(() => impostor.isDead(expecting.self), 'the impostor is refused');
    assertCounted(expecting, 'member', 1);
    // or as soon as it is told.
    const [late, early] = await open2();
    early.introduce(late.self, late.address, late.subject);
    const row = early.allocate('row', 64, [late.self]);
    await until(() => late.attach(early.self, 'row', 64) !== undefined, 'they are linked');
    row.release();
    late.introduce(early.self, early.address, 'CN=else');
    await until(() => late.isDead(early.self), 'the link is ended');
    assertCounted(late, 'link', 1);
  });

  it('asks for protection before it listens beyond this machine', async () => {
    const beyond = { address: '//192.0.2.1:7400/tower', listen: '127.0.0.1:0' };
    await assert.rejects(TcpHost.open(beyond), { code: 'BE_INSECURE', message: /certificates|secret/ });
    await assert.rejects(TcpHost.open({ ...beyond, secret: 'short' }), {
      code: 'BE_INSECURE',
      message: /5 characters/,
    });
    for (const options of [{ secret }, { plain: true }])
      open.push(await TcpHost.open({ ...beyond, ...options }));
  });

  /** A member that knows the secret and does as it likes. */
  async function insider(host: TcpHost, self = Number.MAX_SAFE_INTEGER): Promise<Socket | string> {
    return await new Promise((resolve) => {
      const [address, port] = host.address.split(':') as [string, string];
      new Dialing(
        {
          self,
          domain: 'tower',
          credentials: new Credentials(own, true),
          purpose: 'link',
          host: address,
          port: Number(port),
          patienceMs: 2_000,
        },
        {
          known: (_peer, dialing) => dialing.send({ kind: 'link', token: nonce }),
          frame: (_frame, dialing) => {
            dialing.handOver();
            sockets.push(dialing.socket);
            resolve(dialing.socket.resume());
          },
          failed: (failure) => resolve('refused' in failure ? failure.refused : failure.none),
        },
      );
    });
  }

  const frame = (kind: number, region: number, at: number, body: Buffer | number = 0) => {
    const length = typeof body === 'number' ? body : body.length;
    const header = Buffer.alloc(16);
    [kind, region, at, length].forEach((value, i) => header.writeUInt32LE(value >>> 0, i * 4));
    return typeof body === 'number' ? header : Buffer.concat([header, body]);
  };
  const { announce, payload, guards, seal, release } = frameKind;
  const eight = Buffer.alloc(8, 0xff);
  const row = frame(announce, 0, 64, Buffer.from('row'));
  const bad: [string, Buffer][] = [
    ['payload past the end of its region', frame(payload, 0, 60, eight)],
    ['payload at an offset that only fits where it wraps', frame(payload, 0, 0xffff_fff8, 16)],
    ['payload longer than its region', frame(payload, 0, 0, 0xffff_ffff)],
    ['payload of a region that is not announced', frame(payload, 7, 0, eight)],
    [
      'guards past the end, after some that are right',
      frame(guards, 0, 0, Buffer.concat([frame(guards, 0, 0, eight), frame(guards, 0, 64, eight)])),
    ],
    ['guards of a region that is not announced', frame(guards, 0, 0, frame(guards, 9, 0, eight))],
    ['guards that are longer than their frame', frame(guards, 0, 0, frame(guards, 0, 0, 32))],
    ['a frame of guards that ends in a header', frame(guards, 0, 0, Buffer.alloc(7))],
    ['guards without end', frame(guards, 0, 0, guardsBytesMax + 1)],
    ['a region without length', frame(announce, 1, 0, Buffer.from('none'))],
    ['a region with an odd length', frame(announce, 1, 12, Buffer.from('odd'))],
    ['a region without a name', frame(announce, 1, 64)],
    ['a region with an endless name', frame(announce, 1, 64, Buffer.alloc(200, 0x61))],
    ['a region twice', row],
    ['another region of the same name', frame(announce, 1, 64, Buffer.from('row'))],
    ['the end of a region that is not there', frame(seal, 3, 0)],
    ['the release of a region that is not there', frame(release, 3, 0)],
    ['a kind of frame that is none', frame(99, 0, 0)],
    ['nothing but zeros', Buffer.alloc(64)],
  ];

  for (const [what, bytes] of bad) {
    it(`drops a peer that sends ${what}, in one piece or byte by byte, and nothing of it counts`, async () => {
      const [one, two] = await pair();
      const bystander = two.allocate('bystander', 64, [one.self]);
      bystander.memory.f64[0] = 5;
      bystander.put(0, 8);
      two.flush();
      await until(() => one.attach(two.self, 'bystander', 64)?.memory.f64[0] === 5, 'the bystander is there');
      for (const [i, piecemeal] of [false, true].entries()) {
        const self = Number.MAX_SAFE_INTEGER - i;
        const socket = (await insider(one, self)) as Socket;
        one.watch(self);
        socket.write(row);
        await until(() => one.attach(self, 'row', 64) !== undefined, 'its region is there');
        const before = one.attach(self, 'row', 64)!.memory;
        const closed = once(socket, 'close');
        if (piecemeal) for (const byte of bytes.subarray(0, 400)) socket.write(Buffer.from([byte]));
        else socket.write(bytes);
        await closed;
        await until(() => one.isDead(self), 'it is taken for dead');
        assert.ok(before.bytes.every((byte) => byte === 0));
        assertCounted(one, 'link', i + 1);
      }
      await assertToldOnce(1);
      assert.equal(one.attach(two.self, 'bystander', 64)!.memory.f64[0], 5);
      await assertUndisturbed(one, two);
      await assertUndisturbed(two, one);
    });
  }

  it('drops a peer whose region has another length than it has to have', async () => {
    const [one, two] = await pair();
    const self = Number.MAX_SAFE_INTEGER;
    const socket = (await insider(one, self)) as Socket;
    one.watch(self);
    socket.write(row);
    await until(() => one.attach(self, 'row', 64) !== undefined, 'its region is there');
    assert.equal(one.attach(self, 'row', 128), undefined);
    await until(() => one.isDead(self), 'it is taken for dead');
    assertCounted(one, 'link', 1);
    await assertUndisturbed(one, two);
  });

  it('makes no more memory for a peer than one may have, nor for all than they may have together', async () => {
    const [one, two] = await pair({ ...own, memoryBytesMax: 1 << 20, peerBytesMax: 1 << 19 });
    const free = 1 << 20;
    await until(() => one.freeBytes() === free, 'nothing is taken');
    const announceOf = (number: number, bytes: number) =>
      frame(announce, number, bytes, Buffer.from(`r${number}`));
    let self = Number.MAX_SAFE_INTEGER;
    const link = async () => {
      const socket = (await insider(one, --self)) as Socket;
      one.watch(self);
      return socket;
    };
    // In one region, or in many; what was given back counts no more.
    for (const frames of [
      [announceOf(0, (1 << 19) + 8)],
      [0, 1, 2].map((number) => announceOf(number, 1 << 18)),
    ]) {
      const socket = await link();
      for (let i = 0; i < 100; i++)
        socket.write(Buffer.concat([announceOf(9, 1 << 19), frame(release, 9, 0)]));
      socket.write(Buffer.concat(frames));
      await until(() => one.isDead(self), 'it is taken for dead');
      assert.equal(one.freeBytes(), free);
    }
    assertCounted(one, 'link', 2);
    await assertToldOnce(1);
    assert.match(
      warnings.at(-1)!,
      /region 'r0' of 524296 bytes, 524296 in all: one peer may have 524288 here \(tcp\.peerBytesMax\), and \d+ of 1048576 are left for all \(tcp\.memoryBytesMax\)/,
    );
    // Each has what one may have, but for the last.
    const socket = await link();
    socket.write(announceOf(0, 1 << 19));
    await until(() => one.freeBytes() === free - (1 << 19), 'it has its share');
    assert.throws(() => one.allocate('own', (1 << 19) + 8, []), {
      code: 'BE_NO_MEMORY',
      message: /of the 1048576 /,
    });
    const held = one.allocate('held', 64, []);
    const last = await link();
    last.write(announceOf(0, 1 << 19));
    await until(() => one.isDead(self), 'the last is taken for dead');
    socket.destroy();
    held.release();
    await until(() => one.freeBytes() === free, 'what the first had counts no more');
    await assertUndisturbed(one, two);
    await assertUndisturbed(two, one);
  });

  it('takes nobody for a peer that is linked, or was, and no heart for another’s', async () => {
    const [one, two] = await pair();
    const [lower, higher] = one.self < two.self ? [one, two] : [two, one];
    assert.match((await insider(lower, higher.self)) as string, /is linked with/);
    assert.match((await insider(higher, lower.self)) as string, /connects to member/);
    const beat = encodeHello({ kind: 'beat', token: nonce, region: 'row', index: 0 });
    assert.equal(await say(one, Buffer.concat([beat, Buffer.alloc(8, 1)])), '');
    await assertUndisturbed(one, two);
    await assertUndisturbed(two, one);
    await higher.close();
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert.match((await insider(lower, higher.self)) as string, /or was/);
    assertCounted(lower, 'member', 2);
    assertCounted(one, 'heart', 1);
  });

  it('holds no more than ranges for a peer that does not read, and shows it the latest once it does', async () => {
    const [one] = await pair();
    const self = Number.MAX_SAFE_INTEGER;
    const socket = (await insider(one, self)) as Socket;
    socket.pause();
    const region = one.allocate('big', 1 << 20, [self]);
    const counter = one.allocate('counter', 64, [self]);
    await new Promise((resolve) => setTimeout(resolve, 20));
    const before = process.memoryUsage();
    const rounds = 2_000;
    for (let round = 1; round <= rounds; round++) {
      region.memory.bytes.fill(round & 0xff);
      region.putPayload(0, 1 << 20);
      counter.memory.f64[0] = round;
      counter.put(0, 8);
      one.flush();
      if (round % 5 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    const grown = process.memoryUsage().rss - before.rss;
    assert.ok(grown < 100 << 20, `2 GB were put, and memory grew by ${grown >> 20} MiB`);
    // What it reads now: far less than was put, and the last counter with the last bytes before it.
    let received = 0;
    let tail = Buffer.alloc(0);
    socket.on('data', (chunk: Buffer) => {
      received += chunk.length;
      tail = Buffer.concat([tail, chunk]).subarray(-200);
    });
    socket.resume();
    const last = Buffer.alloc(8);
    last.writeDoubleLE(rounds);
    await until(() => tail.includes(last), 'the last counter');
    assert.ok(received < 64 << 20, `${received >> 20} MiB were sent`);
    assert.equal(
      tail.subarray(0, 100).every((byte) => byte === (rounds & 0xff)),
      true,
    );
  });

  it('is reached by the one of two that has the larger number, once', async () => {
    const [one, two] = await pair();
    introduceAll([one, two]);
    await assertUndisturbed(one, two);
    assertCounted(one, 'member', 0);
    assertCounted(two, 'member', 0);
  });
});

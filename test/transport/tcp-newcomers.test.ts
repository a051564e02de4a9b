import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { TcpHost } from '../../transport/tcp/host.js';
import { strangersMax } from '../../transport/tcp/gate.js';
import { linked, until } from './tcp-domain.js';

const own = { secret: 'known to all members' } as const;

describe('a member that comes to one that listens on TCP', () => {
  const open: TcpHost[] = [];
  const servers: Server[] = [];
  const sockets: Socket[] = [];
  let one: TcpHost;
  let two: TcpHost;

  beforeEach(async () => {
    [one, two] = (await linked(2, own)) as [TcpHost, TcpHost];
    open.push(one, two);
  });
  afterEach(async () => {
    for (const server of servers.splice(0)) server.close();
    for (const socket of sockets.splice(0)) socket.destroy();
    await Promise.all(open.splice(0).map((host) => host.close()));
  });

  function dial(): Socket {
    const socket = connect(Number(one.address.split(':')[1]), '127.0.0.1').on('error', () => undefined);
    sockets.push(socket);
    return socket;
  }

  /** Listens, and hands over whoever connects; gives its address. */
  async function listen(take: (from: Socket) => void): Promise<string> {
    const server = createServer((from) => {
      sockets.push(from.on('error', () => undefined));
      take(from);
    }).listen(0, '127.0.0.1');
    servers.push(server);
    await once(server, 'listening');
    return `127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  /** It is introduced to the first as if that listened at `address`. */
  async function newcomer(
    address = one.address,
    options: { readonly handshakeMs?: number } = {},
  ): Promise<TcpHost> {
    const self = Number.MAX_SAFE_INTEGER;
    const third = await TcpHost.open({
      ...own,
      ...options,
      address: `//${one.address}/tower`,
      listen: '127.0.0.1:0',
      self,
    });
    open.push(third);
    third.introduce(one.self, address);
    one.introduce(self, third.address);
    return third;
  }

  async function assertHeard(host: TcpHost, peer: TcpHost): Promise<void> {
    const beats = peer.allocate('beats', 8, [host.self]);
    const heard = () => host.attach(peer.self, 'beats', 8)?.memory.f64[0];
    await until(() => heard() !== undefined, 'they are linked');
    peer.startHeartbeat(beats.memory, 0);
    await until(() => heard()! > 1, 'its heart is heard');
  }

  it('is linked, and its heart is heard, while strangers that say nothing take every place', async () => {
    one.watch(two.self);
    let isOver = false;
    const intrude = () => {
      if (!isOver)
        dial()
          .resume()
          .once('close', () => setTimeout(intrude, 10));
    };
    for (let i = 0; i < strangersMax + 64; i++) intrude();
    await until(() => one.refusals.count('crowd') > 64, 'every place is taken');
    try {
      await assertHeard(one, await newcomer());
      assert.equal(one.isDead(two.self), false);
    } finally {
      isOver = true;
    }
  });

  it('connects again where a connection is ended without a word, to link and to beat', async () => {
    let count = 0;
    const address = await listen((from) => {
      if (++count % 2 === 1) from.destroy();
      else from.pipe(dial()).pipe(from);
    });
    await assertHeard(one, await newcomer(address));
    assert.equal(count, 4);
  });

  it('gives up where every connection is ended without a word, once its time is over', async () => {
    let count = 0;
    const address = await listen((from) => {
      count++;
      from.destroy();
    });
    const third = await newcomer(address, { handshakeMs: 500 });
    third.watch(one.self);
    await until(() => third.isDead(one.self), 'it gives up');
    assert.ok(count > 1 && count < 10, `${count} connections`);
  });

  it('hears a heart, and is heard, while 32 MiB wait on the connection, either way', async function () {
    this.timeout(15_000);
    const ends: Socket[] = [];
    const address = await listen((from) => {
      const to = dial();
      from.pipe(to).pipe(from);
      ends.push(from, to);
    });
    const other = await newcomer(address);
    const ways = [
      [one, other],
      [other, one],
    ] as const;
    for (const [from, to] of ways) await assertHeard(to, from);
    // The link was made first; nobody reads it now, at either end.
    const link = ends.slice(0, 2) as [Socket, Socket];
    for (const socket of link) socket.unpipe().pause();
    const bytes = 32 << 20;
    for (const [from, to] of ways) {
      const region = from.allocate('data', bytes, [to.self]);
      region.memory.f64[0] = 7;
      region.putPayload(8, bytes);
      region.put(0, 8);
      from.flush();
    }
    const beats = () => ways.map(([from, to]) => to.attach(from.self, 'beats', 8)!.memory.f64[0]!);
    const before = beats();
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    const counts = beats().map((count, i) => count - before[i]!);
    assert.ok(Math.min(...counts) >= 4, `${counts.join(' and ')} beats`);
    for (const [from, to] of ways) {
      assert.equal(to.attach(from.self, 'data', bytes), undefined);
      const { socket } = from.traffic().find(({ peer }) => peer === to.self)!;
      assert.ok(socket.bytesSent < bytes, `${socket.bytesSent} bytes have gone`);
    }
    link[0].pipe(link[1]).pipe(link[0]);
    const come = ([from, to]: (typeof ways)[number]) => to.attach(from.self, 'data', bytes)?.memory.f64[0];
    await until(() => ways.every((way) => come(way) === 7), 'what waited comes');
  });
});

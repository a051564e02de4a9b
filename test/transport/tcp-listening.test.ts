import assert from 'node:assert/strict';
import { readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { Participant } from '../../runtime/dds/index.js';
import { Gateway } from '../../runtime/gateway/index.js';
import { isLoopback } from '../../transport/tcp/address.js';
import { TcpHost } from '../../transport/tcp/host.js';
import { freePort } from './tcp-domain.js';

const secret = 'known to all members';

/** What a table of /proc/net calls a socket that others can reach: TCP that listens; UDP that is bound. */
const reachable = { tcp: '0A', tcp6: '0A', udp: '07', udp6: '07' };

/** Words of 4 bytes as this machine has them in memory, in hexadecimal. */
function addressFrom(hex: string): string {
  const bytes = hex.match(/.{8}/g)!.flatMap((word) => [...Buffer.from(word, 'hex').reverse()]);
  if (bytes.length === 4) return bytes.join('.');
  const groups = Array.from({ length: 8 }, (_, i) => (bytes[i * 2]! << 8) | bytes[i * 2 + 1]!);
  return new URL(`http://[${groups.map((group) => group.toString(16)).join(':')}]`).hostname.slice(1, -1);
}

/** Where sockets of this process, all of its threads, can be reached by the network, by their inodes; as the kernel has it. */
function listeners(): Map<string, { host: string; port: number }> {
  const own = new Set(
    readdirSync('/proc/self/fd').flatMap((fd) => {
      try {
        return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/self/fd/${fd}`))?.[1] ?? [];
      } catch {
        return []; // The one by which the folder was read.
      }
    }),
  );
  const found = new Map<string, { host: string; port: number }>();
  for (const [table, listening] of Object.entries(reachable))
    for (const line of readFileSync(`/proc/self/net/${table}`, 'latin1').trimEnd().split('\n').slice(1)) {
      const [, local, , state, , , , , , inode] = line.trim().split(/\s+/);
      if (state !== listening || !own.has(inode!)) continue;
      const [host, port] = local!.split(':') as [string, string];
      found.set(inode!, { host: addressFrom(host), port: parseInt(port, 16) });
    }
  return found;
}

describe('a process with members', function () {
  this.timeout(30_000);
  const closers: (() => Promise<void>)[] = [];
  let earlier: ReturnType<typeof listeners>;

  beforeEach(function () {
    if (process.platform !== 'linux') this.skip();
    earlier = listeners();
  });

  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close();
  });

  /** Where it listens that it did not before this test. */
  const added = () =>
    [...listeners()].filter(([inode]) => !earlier.has(inode)).map(([, { host, port }]) => `${host} ${port}`);

  async function join(domain: string, options: { tcp?: { sharePages?: boolean } } = {}) {
    const participant = await Participant.join({ domain, name: 'listener', ...options });
    closers.push(() => participant.close());
    return participant;
  }

  async function open(options: Parameters<typeof TcpHost.open>[0]): Promise<TcpHost> {
    const host = await TcpHost.open(options);
    closers.push(() => host.close());
    return host;
  }

  for (const domain of [`memory:listening-${process.pid}`, 'local:listening'])
    it(`listens nowhere for a domain ${domain.split(':')[0]}:`, async () => {
      for (let i = 0; i < 2; i++) await join(domain);
      assert.deepEqual(added(), []);
    });

  for (const [host, title] of [
    ['127.0.0.1', '127.0.0.1'],
    ['[::1]', '::1'],
  ] as const)
    it(`listens on ${title} alone for a domain there, whatever it has met`, async function () {
      if (
        title === '::1' &&
        !Object.values(networkInterfaces())
          .flat()
          .some((at) => at?.address === '::1')
      )
        this.skip();
      const ports = [await freePort(), await freePort()];
      const domain = `tcp://${ports.map((port) => `${host}:${port}`).join(',')}/tower`;
      await join(domain);
      // The first of a domain listens at all of its places.
      assert.deepEqual(added().sort(), ports.map((port) => `${title} ${port}`).sort());
      await join(domain, { tcp: { sharePages: true } });
      const places = added();
      assert.equal(places.length, 3);
      for (const place of places) assert.equal(place.split(' ')[0], title);
    });

  it('listens on 127.0.0.1 alone for a gateway that is told nothing', async () => {
    const gateway = await Gateway.start(await join('local:listening-gateway'));
    closers.push(() => gateway.close());
    assert.deepEqual(added(), [`127.0.0.1 ${new URL(gateway.url).port}`]);
  });

  describe('of an address beyond it', () => {
    let own: string;
    before(function () {
      const all = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
      const outward = all.find(({ internal, family }) => !internal && family === 'IPv4');
      if (outward === undefined) return this.skip();
      own = outward.address;
    });

    it('listens on that address of this machine, and on no other', async () => {
      const port = await freePort();
      await open({ address: `//${own}:${port}/tower`, secret });
      assert.deepEqual(added(), [`${own} ${port}`]);
    });

    it('listens on the address by which another machine is reached, and on no other', async () => {
      // The next one of the same network; nobody asks whether it is there.
      const other = own.replace(/\d+$/, (last) => String(Number(last) ^ 1));
      const host = await open({ address: `//${other}:7400/tower`, secret });
      const [place, ...more] = added();
      assert.deepEqual(more, []);
      assert.equal(host.address, place!.replace(' ', ':'));
      assert.notEqual(place!.split(' ')[0], '0.0.0.0');
    });

    it('listens where `listen` says, though the address names another place of this machine', async () => {
      const [port, told] = [await freePort(), await freePort()];
      await open({ address: `//${own}:${port}/tower`, secret, listen: `127.0.0.1:${told}` });
      assert.deepEqual(added(), [`127.0.0.1 ${told}`]);
    });

    it('listens everywhere where it is told to', async () => {
      const port = await freePort();
      await open({ address: `//${own}:${port}/tower`, secret, listen: `0.0.0.0:${port}` });
      assert.deepEqual(added(), [`0.0.0.0 ${port}`]);
    });
  });
});

describe('an address of loopback', () => {
  const yes = ['127.0.0.1', '127.255.3.9', '::1', '0:0:0:0:0:0:0:1', '::ffff:127.0.0.1', '::ffff:7f00:1'];
  const no = ['128.0.0.1', '10.127.0.1', '0.0.0.0', '::', '::2', 'fe80::1', '::ffff:10.0.0.1'];
  const names = [
    '127.example.org',
    '127.0.0.1.example.org',
    '127.1',
    '127.',
    'localhost',
    '::ffff:127.x',
    '',
  ];

  it('is one by its bits, not by how its text begins', () => {
    for (const host of yes) assert.equal(isLoopback(host), true, host);
    for (const host of [...no, ...names]) assert.equal(isLoopback(host), false, host);
  });

  it('lets a member go unprotected; a name that looks like one does not', async () => {
    const address = `//127.0.0.1:${await freePort()}/tower`;
    for (const name of ['127.example.org:7400', '127.0.0.1.example.org:7400'])
      for (const told of [{ listen: name }, { advertise: name }])
        await assert.rejects(TcpHost.open({ address, ...told }), { code: 'BE_INSECURE' });
    const host = await TcpHost.open({ address, listen: '127.0.0.1:0', advertise: '127.9.9.9:7400' });
    await host.close();
  });
});

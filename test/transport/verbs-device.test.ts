import assert from 'node:assert/strict';
import { TransportError } from '../../transport/errors.js';
import { domainNameOf, openHost } from '../../transport/open-host.js';
import { Device } from '../../transport/verbs/device.js';
import { loadVerbs } from '../../transport/verbs/library.js';
import { chooseGid, choosePort, decodeGids } from '../../transport/verbs/ports.js';

describe('an RDMA device', () => {
  it('is not to be had without libibverbs: the error says what to install', () => {
    assert.throws(
      () => loadVerbs('libibverbs-that-is-not.so.1'),
      (error: Error) => {
        assert.ok(error instanceof TransportError);
        assert.equal(error.code, 'BE_NO_RDMA');
        assert.match(
          error.message,
          /^libibverbs-that-is-not\.so\.1 is not to be had\. Install .*apt-get install libibverbs1/,
        );
        return true;
      },
    );
  });

  it('of a name that there is not: the error says so, and what else will do', () => {
    // The library may be missing here too: then that is what is told first.
    assert.throws(
      () => Device.open({ device: 'mlx5_97' }),
      (error: Error) => {
        assert.ok(error instanceof TransportError);
        assert.equal(error.code, 'BE_NO_RDMA');
        assert.match(error.message, /apt-get install libibverbs1|no RDMA device mlx5_97.*modprobe rdma_rxe/);
        assert.match(error.message, /use tcp: instead$/);
        return true;
      },
    );
  });
});

describe('an rdma: address', () => {
  it('without what it needs is an error that says what to install, and all else goes on', async () => {
    const rdma = openHost('rdma://127.0.0.1:7400/tower', { rdma: { device: 'mlx5_97' } });
    await assert.rejects(rdma, {
      code: 'BE_NO_RDMA',
      message: /apt-get install libibverbs1|no RDMA device mlx5_97/,
    });
    const host = await openHost('local:tower');
    assert.equal(await host.meet('', { timeoutMs: 1_000 }), undefined);
    await host.close();
  });

  it('is one of the forms that there are', async () => {
    await assert.rejects(openHost('carrier:pigeon'), {
      code: 'BE_NAME',
      message: /rdma:\/\/<host>:<port>\/<name>/,
    });
    assert.equal(domainNameOf('rdma://one:7400,two/tower'), 'tower');
  });
});

describe('the ports of an RDMA device', () => {
  const linkLocal = 'fe800000000000000202c9fffe000001';
  const global = '20010db8000000000000000000000001';
  const ipv4 = '00000000000000000000ffff0a090001';
  const [roce1, roce2] = [1, 2];

  function attributes(state: number, linkLayer = 2): Uint8Array {
    const bytes = new Uint8Array(64);
    const view = new DataView(bytes.buffer);
    view.setInt32(0, state, true);
    view.setInt32(8, 5, true);
    view.setUint32(20, 1 << 23, true);
    view.setUint16(34, 0x0102, true);
    view.setUint8(46, linkLayer);
    return bytes;
  }

  it('have the addresses of the table that the library fills', () => {
    const table = new Uint8Array(3 * 32);
    table.set(Buffer.from(`${linkLocal}0000000001000000${'01000000'}${'07000000'}`, 'hex'));
    table.set(Buffer.from(`${ipv4}0300000002000000${'02000000'}${'07000000'}`, 'hex'), 32);
    assert.deepEqual(decodeGids(table, 2), [
      { hex: linkLocal, index: 0, port: 1, type: roce1 },
      { hex: ipv4, index: 3, port: 2, type: roce2 },
    ]);
  });

  it('are reached by RoCE v2 and IPv4 where there is such an address, else by what there is', () => {
    const gids = [
      { port: 1, index: 0, hex: linkLocal, type: roce1 },
      { port: 1, index: 1, hex: linkLocal, type: roce2 },
      { port: 1, index: 2, hex: global, type: roce2 },
      { port: 1, index: 3, hex: ipv4, type: roce1 },
      { port: 1, index: 4, hex: ipv4, type: roce2 },
    ];
    assert.equal(chooseGid(gids)?.index, 4);
    assert.equal(chooseGid(gids.slice(0, 4))?.index, 2);
    assert.equal(chooseGid(gids.slice(0, 2))?.index, 0);
    assert.equal(chooseGid([]), undefined);
  });

  it('are used where they are up, and have the address that is wanted', () => {
    const gids = [
      { port: 1, index: 0, hex: linkLocal, type: roce2 },
      { port: 2, index: 0, hex: ipv4, type: roce2 },
    ];
    const states = [1, 4];
    const query = (port: number) => attributes(states[port - 1]!);
    const port = { number: 2, gid: ipv4, gidIndex: 0, lid: 0, mtu: 5, messageBytesMax: 1 << 23 };
    assert.deepEqual(choosePort(gids, undefined, query), port);
    assert.equal(choosePort(gids, 3, query), 'has no address of index 3 at port 2');
    states[1] = 2;
    assert.match(choosePort(gids, undefined, query) as string, /no port that is up: port 2 is in state 2/);
    assert.equal(choosePort([], undefined, query), 'has no port with an address');
    const infiniband = choosePort(gids, undefined, () => attributes(4, 1)) as { lid: number };
    assert.equal(infiniband.lid, 0x0102);
  });
});

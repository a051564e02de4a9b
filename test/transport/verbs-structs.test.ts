import assert from 'node:assert/strict';
import {
  encodeQueuePairInit,
  toError,
  toInit,
  toReadyToReceive,
  toReadyToSend,
} from '../../transport/verbs/structs.js';

/** Bytes that are not zero, by their offset. */
function set(bytes: Uint8Array): Record<number, number> {
  return Object.fromEntries([...bytes.entries()].filter(([, byte]) => byte !== 0));
}

const peer = {
  number: 0x123456,
  packet: 0xabcdef,
  gid: '00000000000000000000ffff0a090001',
  lid: 0,
  mtu: 5,
};

describe('the structs of libibverbs', () => {
  it('ask for a reliable connection whose sends and receives share a completion queue', () => {
    const init = encodeQueuePairInit({
      completions: 0x7f0012345678,
      sendsMax: 64,
      receivesMax: 32,
      inlineBytesMax: 256,
    });
    assert.equal(init.length, 64);
    const address = { 0: 0x78, 1: 0x56, 2: 0x34, 3: 0x12, 4: 0x00, 5: 0x7f };
    const queues = [8, 16].flatMap((at) =>
      Object.entries(address).map(([i, byte]) => [at + Number(i), byte] as const),
    );
    assert.deepEqual(
      set(init),
      Object.fromEntries([
        ...queues.filter(([, byte]) => byte !== 0),
        [32, 64],
        [36, 32],
        [40, 1],
        [44, 1],
        [49, 1],
        [52, 2],
      ]),
    );
  });

  it('let peers write, and no more, from init on', () => {
    const { attributes, mask } = toInit(1);
    assert.equal(attributes.length, 144);
    assert.deepEqual(set(attributes), { 0: 1, 32: 3, 129: 1 });
    assert.equal(mask, 0x1 | 0x8 | 0x10 | 0x20);
  });

  it('name the peer by its address on Ethernet', () => {
    const { attributes, mask } = toReadyToReceive(peer, 2, 1, 3);
    assert.deepEqual(set(attributes), {
      0: 2,
      8: 3,
      ...{ 20: 0xef, 21: 0xcd, 22: 0xab },
      ...{ 28: 0x56, 29: 0x34, 30: 0x12 },
      ...{ 66: 0xff, 67: 0xff, 68: 10, 69: 9, 71: 1 },
      ...{ 76: 1, 77: 64, 85: 1, 86: 2 },
      ...{ 127: 1, 128: 12 },
    });
    assert.equal(mask, 0x1 | 0x80 | 0x100 | 0x1000 | 0x8000 | 0x20000 | 0x100000);
  });

  it('name the peer by its local identifier on InfiniBand', () => {
    const { attributes } = toReadyToReceive({ ...peer, lid: 0x0102 }, 1, 0, 5);
    assert.deepEqual([attributes[80], attributes[81], attributes[85]], [2, 1, 0]);
  });

  it('try again so often that a dead peer is found, which 7 would not be everywhere', () => {
    const { attributes, mask } = toReadyToSend(0xabcdef);
    assert.deepEqual(set(attributes), {
      0: 3,
      ...{ 24: 0xef, 25: 0xcd, 26: 0xab },
      ...{ 126: 1, 130: 14, 131: 6, 132: 7 },
    });
    assert.equal(mask, 0x1 | 0x200 | 0x400 | 0x800 | 0x2000 | 0x10000);
  });

  it('can end a queue pair from any state', () => {
    const { attributes, mask } = toError();
    assert.deepEqual([set(attributes), mask], [{ 0: 6 }, 1]);
  });
});

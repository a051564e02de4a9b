import assert from 'node:assert/strict';
import fc from 'fast-check';
import { addressOf, mapPrivate } from '../../transport/memory/system.js';
import { regionMemory } from '../../transport/transport.js';
import { SendQueue } from '../../transport/verbs/send-queue.js';
import { sendFlag } from '../../transport/verbs/structs.js';
import { at, readList, type Request } from './verbs-requests.js';

const BYTES = 32 * 1024;
const WITH_IMMEDIATE = 1;

/** Carries out, on memory of this process, what lists of requests say: late, and in their order. */
class Loopback {
  readonly #underWay: (Request & { inline?: Uint8Array })[] = [];
  readonly done: (Request & { bytes: Uint8Array })[] = [];

  post(first: number): void {
    for (const request of readList(first)) {
      const inline =
        (request.flags & sendFlag.inline) !== 0 ? at(request.local, request.byteLength).slice() : undefined;
      this.#underWay.push({ ...request, ...(inline && { inline }) });
    }
  }

  /** Gives what a completion of the last one that was signalled would say. */
  carryOut(count: number): number | undefined {
    let signaled: number | undefined;
    for (const request of this.#underWay.splice(0, count)) {
      const bytes = request.inline ?? at(request.local, request.byteLength).slice();
      at(request.remote, request.byteLength).set(bytes);
      this.done.push({ ...request, bytes });
      if ((request.flags & sendFlag.signaled) !== 0) signaled = request.id;
    }
    return signaled;
  }
}

let keys = 0;
const register = (buffer: ArrayBuffer) => ({
  address: Number(addressOf(buffer)),
  localKey: ++keys,
  release: () => undefined,
});

function make(slotsMax = 4096, stagedBytesMax = 1 << 22) {
  const memory = regionMemory(mapPrivate(BYTES));
  const replica = mapPrivate(BYTES);
  return {
    queue: new SendQueue(7, register, slotsMax, stagedBytesMax),
    memory,
    source: { address: Number(addressOf(memory.bytes.buffer as ArrayBuffer)), localKey: 77 },
    replica: regionMemory(replica),
    target: { address: Number(addressOf(replica)), remoteKey: 99 },
    device: new Loopback(),
  };
}

function post(queue: SendQueue, device: Loopback, count = 64): void {
  queue.flush();
  const first = queue.beginList(count, 16);
  if (first === 0) return;
  device.post(first);
  queue.endList();
}

describe('the send queue of a link', () => {
  it('hands over what gathered as one list, whose last request tells the peer and is signalled', () => {
    const { queue, memory, source, target, device } = make();
    memory.f64[3] = 42;
    assert.ok(queue.addSnapshot(memory, 24, 8, target, 24, true));
    assert.ok(queue.add(source, 4096, 8192, target, 4096));
    assert.ok(queue.addSnapshot(memory, 0, 16, target, 0, false));
    assert.equal(queue.beginList(64, 16), 0, 'nothing goes that was not flushed');
    queue.flush();
    const list = readList(queue.beginList(64, 16));
    const place = { remoteKey: 99, listener: 14 };
    assert.deepEqual(
      list.map(({ local: _, localKey: __, ...rest }) => rest),
      [
        { ...place, id: 1, opcode: 0, flags: sendFlag.inline, remote: target.address + 24, byteLength: 8 },
        { ...place, id: 2, opcode: 0, flags: 0, remote: target.address + 4096, byteLength: 8192 },
        { ...place, id: 3, opcode: WITH_IMMEDIATE, flags: 6, remote: target.address, byteLength: 16 },
      ],
    );
    assert.deepEqual([list[1]!.local, list[1]!.localKey], [source.address + 4096, 77]);
    queue.endList();
    assert.equal(queue.beginList(64, 16), 0);
    assert.equal(device.done.length, 0);
    queue.end();
  });

  it('signals some in the midst of a long list, so that their places come free before its end', () => {
    const { queue, memory, target } = make();
    for (let i = 0; i < 60; i++) queue.addSnapshot(memory, 0, 8, target, 0, true);
    assert.equal(queue.beginList(64, 16), 0, 'nothing goes that was not flushed');
    queue.flush();
    const list = readList(queue.beginList(64, 16));
    const signaled = list.filter(({ flags }) => (flags & sendFlag.signaled) !== 0).map(({ id }) => id);
    assert.deepEqual(signaled, [16, 32, 48, 60]);
  });

  it('shows snapshots as they were, payload as it is', () => {
    const { queue, memory, source, replica, target, device } = make();
    for (const [index, inline] of [
      [0, true],
      [1, false],
    ] as const) {
      memory.f64[index] = 1;
      queue.addSnapshot(memory, index * 8, 8, target, index * 8, inline);
    }
    memory.f64[512] = 1;
    queue.add(source, 4096, 2048, target, 4096);
    memory.f64[0] = memory.f64[1] = memory.f64[512] = 2;
    post(queue, device);
    device.carryOut(64);
    assert.deepEqual([replica.f64[0], replica.f64[1], replica.f64[512]], [1, 1, 2]);
  });

  it('holds back what was put after something whose place is not known, and sends it in order then', () => {
    const { queue, memory, replica, target, device } = make();
    const later = { address: 0, remoteKey: undefined as number | undefined };
    memory.f64.set([1, 2, 3]);
    queue.addSnapshot(memory, 0, 8, target, 0, true);
    queue.addSnapshot(memory, 8, 8, later, 8, true);
    queue.addSnapshot(memory, 16, 8, target, 16, true);
    post(queue, device);
    post(queue, device);
    device.carryOut(64);
    assert.deepEqual([...replica.f64.subarray(0, 3)], [1, 0, 0]);
    assert.equal(queue.waiting, 2);
    Object.assign(later, target);
    post(queue, device);
    device.carryOut(64);
    assert.deepEqual([...replica.f64.subarray(0, 3)], [1, 2, 3]);
    assert.deepEqual(
      device.done.map(({ id }) => id),
      [1, 2, 3],
    );
  });

  it('lets nothing through a closed gate but what was put before', () => {
    const { queue, memory, replica, target, device } = make();
    memory.f64.set([1, 2, 3]);
    const gates = [0, 8, 16].map((at) => {
      queue.addSnapshot(memory, at, 8, target, at, true);
      return queue.close();
    });
    const seen = () => {
      post(queue, device);
      device.carryOut(64);
      return [...replica.f64.subarray(0, 3)];
    };
    assert.deepEqual(seen(), [1, 0, 0]);
    gates[1]!.open = true;
    assert.deepEqual(seen(), [1, 0, 0]);
    gates[0]!.open = true;
    assert.deepEqual(seen(), [1, 2, 3]);
  });

  it('takes as many as it may, and no more, by number and by bytes', () => {
    const few = make(256);
    let count = 0;
    while (few.queue.add(few.source, 0, 4096, few.target, 0)) count++;
    assert.equal(count, 256);
    const small = make(4096, 256 * 1024);
    for (count = 0; small.queue.addSnapshot(small.memory, 0, 4096, small.target, 0, false);) count++;
    // 64 KiB, then 128, then 256: each is begun when the one before is full.
    assert.equal(count, 16 + 32 + 64);
  });

  it('brings every put, as it was, in the order of the puts, whatever the pace of the device', () => {
    const words = fc.integer({ min: 1, max: 700 });
    const count = fc.integer({ min: 1, max: 64 });
    const put = fc.record({ kind: fc.constant('put' as const), word: fc.nat(63), words });
    const step = fc.oneof(
      { weight: 12, arbitrary: put },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('post' as const), count }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('carry' as const), count }) },
    );
    const steps = fc.array(step, { minLength: 400, maxLength: 1_500, size: 'max' });
    fc.assert(
      fc.property(steps, (all) => {
        const { queue, memory, target, device } = make();
        const expected: { bytes: Uint8Array; remote: number }[] = [];
        for (const each of all) {
          if (each.kind === 'put') {
            const [from, byteLength] = [each.word * 8, each.words * 8];
            memory.bytes.fill(expected.length & 0xff, from, from + byteLength);
            assert.ok(queue.addSnapshot(memory, from, byteLength, target, from, byteLength <= 64));
            expected.push({
              bytes: memory.bytes.slice(from, from + byteLength),
              remote: target.address + from,
            });
          } else if (each.kind === 'post') {
            if (queue.underWay < 64) post(queue, device, Math.min(each.count, 64 - queue.underWay));
          } else {
            carry(each.count);
          }
        }
        while (queue.arrived < queue.puts) {
          if (queue.underWay < 64) post(queue, device, 64 - queue.underWay);
          carry(64);
        }
        assert.deepEqual([device.done.length, queue.arrived], [expected.length, expected.length]);
        device.done.forEach(({ id, remote, bytes }, i) => {
          assert.deepEqual([id, remote], [i + 1, expected[i]!.remote]);
          assert.ok(Buffer.from(bytes).equals(expected[i]!.bytes), `put ${i} arrived changed`);
        });
        queue.end();

        function carry(most: number): void {
          const id = device.carryOut(most);
          if (id !== undefined) queue.complete(id);
        }
      }),
      { numRuns: 30 },
    );
  });

  it('is told of what it knows without harm, and goes round its slots for ever', () => {
    const { queue, memory, target, device } = make();
    for (let round = 0; round < 1_000; round++) {
      queue.addSnapshot(memory, 0, 8, target, 0, true);
      post(queue, device);
      const id = device.carryOut(64)!;
      queue.complete(id >>> 0);
      queue.complete(id >>> 0);
    }
    assert.deepEqual([queue.arrived, queue.underWay], [1_000, 0]);
  });
});

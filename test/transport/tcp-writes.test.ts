import assert from 'node:assert/strict';
import { Socket } from 'node:net';
import type { TcpHost } from '../../transport/tcp/host.js';
import type { Region } from '../../transport/transport.js';
import { linked, settle, until } from './tcp-domain.js';

/** What the streams of Node call to have something written: each is one call of the system where that takes all of it. */
interface Writing {
  _write: (...args: never[]) => void;
  _writev: (...args: never[]) => void;
}

const prototype = Socket.prototype as unknown as Writing;
const { _write, _writev } = prototype;

describe('what gathered in a turn', () => {
  const rows = 5;
  /** Longer payload is written from where it lies, as a piece of its own. */
  const payloadBytes = 64 << 10;
  const byteLength = payloadBytes + 8;
  let members: TcpHost[];
  let regions: Region[];
  let round = 0;
  let payloadRound = 0;

  async function begin(count: number): Promise<void> {
    round = payloadRound = 0;
    members = await linked(count);
    const peers = members.slice(1).map(({ self }) => self);
    regions = Array.from({ length: rows }, (_, i) => members[0]!.allocate(`row${i}`, byteLength, peers));
    const isKnown = (peer: TcpHost) => regions.every((_, i) => seenBy(peer, i) !== undefined);
    await until(() => members.slice(1).every(isKnown), 'all know of the regions');
    await settle();
  }

  afterEach(async () => {
    await Promise.all(members.map((member) => member.close()));
  });

  /** Every peer sees the guard of the latest round in every region, and before it the payload of the round that had some. */
  async function arrival(): Promise<void> {
    const seen = members.slice(1).flatMap((peer) => regions.map((_, i) => seenBy(peer, i)!));
    await until(() => seen.every(({ f64 }) => f64[0] === round), 'the latest guards');
    assert.ok(seen.every(({ bytes }) => bytes[byteLength - 1] === payloadRound));
  }

  function seenBy(peer: TcpHost, row: number) {
    return peer.attach(members[0]!.self, `row${row}`, byteLength)?.memory;
  }

  /** The writes of each socket, while `act` runs and until what it has put has come. */
  async function countWrites(act: () => void | Promise<void>): Promise<number[]> {
    const counts = new Map<Writing, number>();
    for (const [name, write] of Object.entries({ _write, _writev }))
      prototype[name as keyof Writing] = function (this: Writing, ...args) {
        counts.set(this, (counts.get(this) ?? 0) + 1);
        write.apply(this, args);
      };
    try {
      await act();
      await arrival();
      await settle();
    } finally {
      Object.assign(prototype, { _write, _writev });
    }
    return [...counts.values()];
  }

  /** Puts in every region, and flushes after each. */
  function putAll(): void {
    payloadRound = ++round;
    for (const region of regions) {
      region.memory.bytes.fill(round, 8);
      region.memory.f64[0] = round;
      region.putPayload(8, byteLength);
      members[0]!.flush();
      region.put(0, 8);
      members[0]!.flush();
    }
  }

  it('goes in one write: the puts and the flushes of several regions, short and long', async () => {
    await begin(2);
    assert.deepEqual(await countWrites(putAll), [1]);
    const short = () => {
      round++;
      for (const region of regions) {
        region.memory.f64[0] = round;
        region.put(0, 8);
        members[0]!.flush();
      }
    };
    assert.deepEqual(await countWrites(short), [1]);
  });

  it('goes in one write to each peer', async () => {
    await begin(4);
    assert.deepEqual(await countWrites(putAll), [1, 1, 1]);
  });

  it('goes at the end of the turn: in ten turns there are ten writes', async () => {
    await begin(2);
    const writes = await countWrites(async () => {
      for (let turn = 0; turn < 10; turn++) {
        putAll();
        await arrival();
      }
    });
    assert.deepEqual(writes, [10]);
  });

  it('goes in a second write where it is put after the first has begun, however often the turn goes on', async () => {
    await begin(2);
    const writes = await countWrites(async () => {
      for (let step = 0; step < 20; step++) {
        putAll();
        await Promise.resolve();
      }
    });
    assert.deepEqual(writes, [2]);
  });

  it('is not written where nothing was put', async () => {
    await begin(2);
    const flush = () => {
      for (let i = 0; i < 5; i++) members[0]!.flush();
    };
    assert.deepEqual(await countWrites(flush), []);
  });
});

import assert from 'node:assert/strict';
import type { Host } from '../../transport/host.js';
import type { RegionMemory, Replica, Transport } from '../../transport/transport.js';

/** Members of one domain, as a transport makes them for the suite. */
export interface Members<Member extends Transport = Transport> {
  readonly members: readonly Member[];
  /** So many times slower than elsewhere is everything here. Default: 1. */
  readonly slowness?: number;
  /** Whether the second of two sees the first's memory itself. Default: where memory is aliased. */
  shares?(owner: number, peer: number): boolean;
  /** Lets all that is under way arrive. */
  settle(): Promise<void>;
  /** Lets a member die, without a word. */
  kill(index: number): Promise<void>;
  end(): Promise<void>;
}

const BYTES = 4096;

/** What every transport must do; `make` gives `count` members that have attached nothing yet. */
export function transportConformance(title: string, make: (count: number) => Promise<Members>): void {
  describe(`${title}, as a transport`, () => {
    let given: Members;
    let one: Transport, two: Transport, three: Transport;

    beforeEach(async () => {
      given = await make(3);
      [one, two, three] = given.members as [Transport, Transport, Transport];
    });
    afterEach(async () => {
      await given.end();
    });

    async function attached(peer: Transport, owner: Transport, name: string): Promise<Replica> {
      await given.settle();
      const replica = peer.attach(owner.self, name, BYTES);
      assert.ok(replica, `${peer.self} does not find ${name} of ${owner.self}`);
      return replica;
    }

    it('gives each member an identity of its own', () => {
      assert.equal(new Set([one.self, two.self, three.self]).size, 3);
      for (const { self } of given.members) assert.ok(Number.isSafeInteger(self) && self > 0);
    });

    it('gives fresh memory that is zero, in the region and in its replica', async () => {
      const region = one.allocate('row', BYTES, [two.self]);
      const replica = await attached(two, one, 'row');
      for (const { bytes } of [region.memory, replica.memory]) {
        assert.equal(bytes.length, BYTES);
        assert.ok(bytes.every((byte) => byte === 0));
      }
    });

    it('shows the same bytes in all four views', () => {
      const { memory } = one.allocate('row', BYTES, []);
      memory.f64[1] = 1.5;
      assert.equal(memory.view.getFloat64(8, true), 1.5);
      assert.equal(memory.u32[3], 0x3ff80000);
      assert.equal(memory.bytes[15], 0x3f);
    });

    it('shows what was stored, put and flushed to every peer that has attached the region', async () => {
      const region = one.allocate('row', BYTES, [two.self, three.self]);
      const replicas = [await attached(two, one, 'row'), await attached(three, one, 'row')];
      region.memory.f64[5] = 42;
      region.put(40, 48);
      one.flush();
      await given.settle();
      for (const { memory } of replicas) assert.equal(memory.f64[5], 42);
    });

    it('shows what was put before a peer attached the region', async () => {
      const region = one.allocate('row', BYTES, [two.self]);
      region.memory.f64[5] = 42;
      region.put(40, 48);
      one.flush();
      assert.equal((await attached(two, one, 'row')).memory.f64[5], 42);
    });

    it('reaches a peer that was added to the list later, from then on', async () => {
      const region = one.allocate('row', BYTES, [three.self]);
      region.put(0, 8);
      one.flush();
      region.peers.push(two.self);
      const { memory } = await attached(two, one, 'row');
      region.memory.f64[0] = 7;
      region.put(0, 8);
      one.flush();
      await given.settle();
      assert.equal(memory.f64[0], 7);
    });

    it('never shows a guard before the values that were put before it, in whatever region', async () => {
      const values = one.allocate('values', BYTES, [two.self]);
      const guard = one.allocate('guard', BYTES, [two.self]);
      const seen: [RegionMemory, RegionMemory] = [
        (await attached(two, one, 'values')).memory,
        (await attached(two, one, 'guard')).memory,
      ];
      for (let round = 1; round <= 50; round++) {
        values.memory.f64.fill(round, 0, 8);
        values.put(0, 64);
        guard.memory.f64[0] = round;
        guard.put(0, 8);
        one.flush();
        if (round % 10 === 0) await given.settle();
        const known = seen[1].f64[0]!;
        for (let i = 0; i < 8; i++) assert.ok(seen[0].f64[i]! >= known);
      }
      await given.settle();
      assert.equal(seen[1].f64[0], 50);
    });

    it('brings payload before the guard that was put after it, and gives the memory back when all is released', async () => {
      const region = one.allocate('ring', BYTES, [two.self, three.self]);
      const replicas = [await attached(two, one, 'ring'), await attached(three, one, 'ring')];
      for (let round = 1; round <= 5; round++) {
        region.memory.f64.fill(round, 1);
        region.putPayload(8, BYTES);
        region.memory.f64[0] = round;
        region.put(0, 8);
        one.flush();
        for (let looks = 0; looks < 10; looks++) {
          for (const { memory } of replicas) {
            const guard = memory.f64[0]!;
            for (const i of [1, 128, 511]) assert.ok(memory.f64[i]! >= guard);
          }
          await given.settle();
        }
        for (const { memory } of replicas) assert.equal(memory.f64[0], round);
      }
      region.release();
      for (const replica of replicas) replica.release();
    });

    it('puts to one peer alone what is meant for it alone: a block, then the counter that guards it', async () => {
      const region = one.allocate('blocks', BYTES, [two.self, three.self]);
      const replicas = [await attached(two, one, 'blocks'), await attached(three, one, 'blocks')];
      const shared = [1, 2].map((peer) => given.shares?.(0, peer) ?? one.aliased);
      assert.deepEqual(
        replicas.map(({ aliased }) => aliased),
        shared,
      );
      const [mine, others] = replicas.map(({ memory }) => memory.f64) as [Float64Array, Float64Array];
      for (let round = 1; round <= 5; round++) {
        region.memory.f64.fill(round);
        region.putPayload(8, BYTES, two.self);
        region.put(0, 8, two.self);
        one.flush();
        for (let looks = 0; looks < 10; looks++) {
          const guard = mine[0]!;
          assert.ok(mine[511]! >= guard);
          await given.settle();
        }
        assert.equal(mine[0], round);
        if (!shared[1]) assert.ok(others.every((value) => value === 0));
      }
      region.put(0, 8);
      one.flush();
      await given.settle();
      assert.equal(others[0], 5);
    });

    it('finds nothing where the owner has not allocated it, and finds it afterwards', async () => {
      assert.equal(two.attach(one.self, 'row', BYTES), undefined);
      assert.equal(two.attach(12345, 'row', BYTES), undefined);
      one.allocate('other', BYTES, [two.self]);
      await given.settle();
      assert.equal(two.attach(one.self, 'row', BYTES), undefined);
      one.allocate('row', BYTES, [two.self]);
      await attached(two, one, 'row');
    });

    it('finds every region that was there before a put that is seen', async () => {
      const guard = one.allocate('guard', BYTES, [two.self]);
      const seen = (await attached(two, one, 'guard')).memory.f64;
      const rounds = 10;
      for (let round = 1; round <= rounds; round++) {
        one.allocate(`row.${round}`, BYTES, [two.self]);
        guard.memory.f64[0] = round;
        guard.put(0, 8);
        one.flush();
        for (let looks = 0; seen[0]! < round && looks < 200; looks++) {
          if (given.members.length > 0 && 'onBell' in one)
            await new Promise((resolve) => setImmediate(resolve));
          else await given.settle();
        }
        assert.equal(seen[0], round);
        assert.ok(two.attach(one.self, `row.${round}`, BYTES), `row.${round} is not there`);
      }
    });

    it('keeps regions of the same name of different owners apart', async () => {
      const mine = one.allocate('row', BYTES, [three.self]);
      const yours = two.allocate('row', BYTES, [three.self]);
      mine.memory.f64[0] = 1;
      mine.put(0, 8);
      yours.memory.f64[0] = 2;
      yours.put(0, 8);
      for (const member of [one, two]) member.flush();
      assert.equal((await attached(three, one, 'row')).memory.f64[0], 1);
      assert.equal((await attached(three, two, 'row')).memory.f64[0], 2);
    });

    it('refuses a second region of the same name, a length that is no multiple of 8, and a name that is none', () => {
      one.allocate('row', BYTES, []);
      assert.throws(() => one.allocate('row', BYTES, []), /allocated before/);
      for (const byteLength of [0, 12, -8, 1.5])
        assert.throws(() => one.allocate('x', byteLength, []), RangeError);
      for (const name of ['', '../x', 'a/b', '~x', 'x'.repeat(200)]) {
        assert.throws(() => one.allocate(name, BYTES, []), RangeError);
      }
    });

    it('refuses to attach a region as if it had another length', async () => {
      one.allocate('row', BYTES, [two.self]);
      await given.settle();
      let attached;
      try {
        attached = two.attach(one.self, 'row', 2 * BYTES);
      } catch (error) {
        // Elsewhere it is the owner's loss, with whom no more is exchanged.
        assert.match((error as Error).message, /bytes/);
      }
      assert.equal(attached, undefined);
    });

    it('refuses a put outside of the region', () => {
      const region = one.allocate('row', BYTES, [two.self]);
      for (const [start, end] of [
        [-8, 0],
        [0, BYTES + 8],
        [16, 8],
        [NaN, 8],
      ] as const) {
        assert.throws(() => {
          region.put(start, end);
        }, RangeError);
      }
    });

    it('lets nobody attach a sealed region any more, and serves those who have', async () => {
      const region = one.allocate('row', BYTES, [two.self, three.self]);
      const { memory } = await attached(two, one, 'row');
      region.seal();
      region.seal();
      await given.settle();
      assert.equal(three.attach(one.self, 'row', BYTES), undefined);
      region.memory.f64[0] = 3;
      region.put(0, 8);
      one.flush();
      await given.settle();
      assert.equal(memory.f64[0], 3);
    });

    it('keeps a replica usable after its owner has released the region, or has died', async () => {
      const regions = ['released', 'orphaned'].map((name) => {
        const region = one.allocate(name, BYTES, [two.self]);
        region.memory.f64[0] = 3;
        region.put(0, 8);
        return region;
      });
      one.flush();
      const released = await attached(two, one, 'released');
      const orphaned = await attached(two, one, 'orphaned');
      regions[0]!.release();
      regions[0]!.release();
      await given.settle();
      assert.equal(two.attach(one.self, 'released', BYTES), undefined);
      assert.equal(released.memory.f64[0], 3);
      await given.kill(0);
      assert.equal(orphaned.memory.f64[0], 3);
    });

    it('tells of a death to those who are to know, and of nobody who lives', async () => {
      for (const { self } of given.members) assert.equal(one.isDead(self), false);
      for (const peer of [two, three]) if ('watch' in one) (one as Host).watch(peer.self);
      await given.settle();
      await given.kill(1);
      for (let patience = 0; !one.isDead(two.self) && patience < 200; patience++) await given.settle();
      assert.ok(one.isDead(two.self));
      assert.equal(one.isDead(three.self), false);
    });
  });
}

const patience = { timeoutMs: 5_000 };

/** What every host must do beside: meet, be let in, sleep and be woken, go. */
export function hostConformance(title: string, make: (count: number) => Promise<Members<Host>>): void {
  describe(`${title}, as a host`, () => {
    let given: Members<Host>;
    let one: Host, two: Host, three: Host;

    beforeEach(async () => {
      given = await make(3);
      [one, two, three] = given.members as [Host, Host, Host];
    });
    afterEach(async () => {
      await given.end();
    });

    function welcomeAll(host: Host, seen: string[] = []): void {
      host.openDoor((stranger, greeting, reply) => {
        seen.push(`${stranger}: ${greeting}`);
        reply({ welcome: `from ${host.self}` });
        reply({ refused: 'a second reply counts for nothing' });
      });
    }

    it('lets one member found the domain, and hands the greetings of the others to it', async () => {
      assert.equal(await one.meet('first', patience), undefined);
      const seen: string[] = [];
      welcomeAll(one, seen);
      assert.equal(await two.meet('second', patience), `from ${one.self}`);
      assert.equal(await three.meet('third', patience), `from ${one.self}`);
      assert.deepEqual(seen, [`${two.self}: second`, `${three.self}: third`]);
    });

    it('lets others wait until the founder opens its door', async () => {
      await one.meet('', patience);
      const met = two.meet('', patience);
      await given.settle();
      welcomeAll(one);
      assert.equal(await met, `from ${one.self}`);
    });

    it('lets another found the domain where the founder dies before its door is open', async () => {
      await one.meet('', patience);
      const met = two.meet('', patience);
      await given.settle();
      await given.kill(0);
      assert.equal(await met, undefined);
    });

    it('lets a member reply as late as it likes', async () => {
      await one.meet('', patience);
      one.openDoor((_stranger, _greeting, reply) => setTimeout(reply, 50, { welcome: 'late' }));
      assert.equal(await two.meet('', patience), 'late');
    });

    it('hands on the words of a member that refuses', async () => {
      await one.meet('', patience);
      one.openDoor((_stranger, _greeting, reply) => {
        reply({ refused: 'not today' });
      });
      await assert.rejects(two.meet('', patience), { code: 'BE_JOIN_REFUSED', message: 'not today' });
    });

    it('gives up after the time given, and says whom it waited for', async () => {
      await one.meet('', patience);
      one.openDoor(() => undefined);
      await assert.rejects(
        two.meet('', { timeoutMs: 200 * (given.slowness ?? 1) }),
        (error: Error & { code?: string }) => {
          assert.equal(error.code, 'BE_JOIN_TIMEOUT');
          assert.ok(error.message.includes(String(one.self)), error.message);
          return true;
        },
      );
    });

    it('gives up where the founder never opens its door, and names it', async () => {
      await one.meet('', patience);
      await assert.rejects(
        two.meet('', { timeoutMs: 200 * (given.slowness ?? 1) }),
        (error: Error & { code?: string }) => {
          assert.equal(error.code, 'BE_JOIN_TIMEOUT');
          assert.ok(error.message.includes(String(one.self)), error.message);
          return true;
        },
      );
    });

    it('asks another member where the one that it asked dies', async () => {
      await one.meet('', patience);
      const asked = new Promise<void>((resolve) => {
        one.openDoor((stranger, _greeting, reply) => {
          if (stranger === two.self) reply({ welcome: 'from one' });
          else resolve();
        });
      });
      assert.equal(await two.meet('', patience), 'from one');
      welcomeAll(two);
      const met = three.meet('', patience);
      await asked;
      await given.kill(0);
      assert.equal(await met, `from ${two.self}`);
    });

    it('stops to meet when the signal says so', async () => {
      await one.meet('', patience);
      const controller = new AbortController();
      const met = two.meet('', { ...patience, signal: controller.signal });
      setTimeout(() => {
        controller.abort(new Error('changed my mind'));
      }, 20);
      await assert.rejects(met, /changed my mind/);
      await assert.rejects(two.meet('', { ...patience, signal: AbortSignal.abort() }), {
        name: 'AbortError',
      });
    });

    it('rings a peer that sleeps when something was put for it, and nobody else', async () => {
      const rung: Host[] = [];
      for (const host of [two, three]) {
        host.onBell(() => rung.push(host));
        host.raiseSleeping();
      }
      const region = one.allocate('row', BYTES, [two.self]);
      one.flush();
      region.put(0, 8);
      await given.settle();
      assert.deepEqual(rung, []);
      one.flush();
      await given.settle();
      assert.deepEqual(rung, [two]);
    });

    it('rings again in the next sleep, and in the same one where it was not ended', async () => {
      let rung = 0;
      two.onBell(() => rung++);
      const region = one.allocate('row', BYTES, [two.self]);
      two.raiseSleeping();
      for (let expected = 1; expected <= 5; expected++) {
        region.put(0, 8);
        one.flush();
        await given.settle();
        assert.equal(rung, expected);
        if (expected % 2 === 0) two.lowerSleeping();
        if (expected % 2 === 0) two.raiseSleeping();
      }
    });

    it('does not ring a peer that is awake', async () => {
      let rung = 0;
      two.onBell(() => rung++);
      const region = one.allocate('row', BYTES, [two.self]);
      two.raiseSleeping();
      two.lowerSleeping();
      region.put(0, 8);
      one.flush();
      await given.settle();
      assert.equal(rung, 0);
    });

    it('rings when a watched peer dies, and not for one that is no longer watched', async () => {
      const told = new Promise<void>((resolve) => {
        one.onBell(() => {
          if (one.isDead(two.self)) resolve();
        });
      });
      one.watch(two.self);
      one.watch(three.self);
      await given.settle();
      one.unwatch(three.self);
      await given.kill(2);
      await given.kill(1);
      await told;
      assert.equal(one.isDead(three.self), false);
    });

    it('learns of the death of a peer that died before it was watched', async () => {
      await given.kill(1);
      const told = new Promise<void>((resolve) => {
        one.onBell(resolve);
      });
      one.watch(two.self);
      assert.equal(one.isDead(two.self), false);
      await told;
      assert.ok(one.isDead(two.self));
    });

    it('brings what was put last before it was closed', async () => {
      const region = one.allocate('row', BYTES, [two.self]);
      await given.settle();
      const replica = two.attach(one.self, 'row', BYTES)!;
      for (let value = 1; value <= 200; value++) {
        region.memory.f64[0] = value;
        region.put(0, 8);
      }
      one.flush();
      await one.close();
      await given.settle();
      assert.equal(replica.memory.f64[0], 200);
    });

    it('does nothing more once it is closed, twice too', async () => {
      const region = one.allocate('row', BYTES, [two.self]);
      const closed = one.close();
      await one.close();
      await closed;
      one.flush();
      one.watch(two.self);
      one.unwatch(two.self);
      region.seal();
      await assert.rejects(one.meet('', patience), { code: 'BE_CLOSED' });
      assert.throws(() => one.allocate('other', BYTES, []), { code: 'BE_CLOSED' });
      await given.settle();
      assert.equal(two.attach(one.self, 'row', BYTES), undefined);
    });
  });
}

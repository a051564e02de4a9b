import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import {
  Bytes,
  Json,
  type JsonValue,
  type Participant,
  type Reducer,
  type Refused,
  type Replicated,
  Text,
} from '../../runtime/dds/index.js';
import { digestOf } from '../../runtime/dds/state-digest.js';
import { type LocalDomain, range, sleep, withStoredPair } from './local-domain.js';
import { until } from './member-process.js';

let storage: string;
let domain: LocalDomain;
let one: Participant;
let two: Participant;

withStoredPair((pair) => ({ storage, domain, one, two } = pair));

interface Stock {
  readonly items: ReadonlyMap<string, number>;
  readonly changes: number;
}
type Move = { item: string; by: number };

/** Nothing can be taken that is not there. */
const reducer: Reducer<Stock, JsonValue> = ({ items, changes }, command) => {
  const { item, by } = command as Move;
  const left = (items.get(item) ?? 0) + by;
  if (left < 0) throw new RangeError(`${item}: ${left}`);
  return { items: new Map([...items, [item, left]]), changes: changes + 1 };
};
const empty: Stock = { items: new Map(), changes: 0 };
const topic = 'stock';
const open = (participant: Participant, options = {}) =>
  participant.replicated(Json, reducer, empty, { topic, ...options });

/** Until all have applied as much. */
const alike = (members: readonly Replicated<Stock, JsonValue>[]) =>
  until(
    () => members.every(({ version }) => JSON.stringify(version) === JSON.stringify(members[0]!.version)),
    'all members to be at one version',
  );
const stateFile = (name: string) =>
  join(storage, domain.name.slice('local:'.length), name, 'topics', topic, 'state');

/** Dispatches, one snapshot after another, until the first segment of the log is gone. */
async function truncated(member: Replicated<Stock, JsonValue>, name: string): Promise<void> {
  const segments = () => readdirSync(join(stateFile(name), '..')).filter((file) => file.endsWith('.log'));
  const item = 'x'.repeat(10_000);
  for (let round = 0; segments().includes('00000001-0.log'); round++) {
    assert.ok(round < 50, 'the first segment is still there');
    await Promise.all(range(100).map(() => member.dispatch({ item, by: 1 })));
  }
}
const truncating = { truncate: true, snapshotEvery: 200 };

describe('a replicated state', () => {
  it('is the same at every member at the same version, and a dispatched command is applied once its promise resolves', async () => {
    const members = [await open(one), await open(two)];
    const seen = members.map((member) => {
      const digests = new Map<string, string>();
      member.state$.subscribe((state) => digests.set(JSON.stringify(member.version), digestOf(state)));
      return digests;
    });
    const versions = await Promise.all(
      range(200).map(async (i) => {
        const member = members[i % 2]!;
        const version = await member.dispatch({ item: `i${i % 5}`, by: i });
        const { epoch, sequence } = member.version;
        assert.ok(epoch > version.epoch || sequence >= version.sequence);
        return JSON.stringify(version);
      }),
    );
    assert.equal(new Set(versions).size, 200);
    await alike(members);
    assert.equal(members[0]!.state.changes, 200);
    for (const version of versions) {
      assert.ok(seen[0]!.has(version));
      assert.equal(seen[0]!.get(version), seen[1]!.get(version));
    }
    assert.equal(members[0]!.digest(), members[1]!.digest());
  });

  it('stays as it is where the reducer throws, at every member alike, and whoever dispatched is told', async () => {
    const members = [await open(one), await open(two)];
    const refused: Refused<JsonValue>[][] = [[], []];
    members.forEach((member, m) => member.refused$.subscribe((refusal) => refused[m]!.push(refusal)));
    await members[0]!.dispatch({ item: 'a', by: 5 });
    const rejected = assert.rejects(
      members[1]!.dispatch({ item: 'a', by: -6 }),
      (error: Error & { code: string }) => {
        assert.equal(error.code, 'BE_REFUSED_COMMAND');
        assert.match(error.message, /stock threw at version \d+\.\d+.*a: -1/);
        assert.ok(error.cause instanceof RangeError);
        return true;
      },
    );
    await rejected;
    await members[1]!.dispatch({ item: 'a', by: -5 });
    await alike(members);
    for (const { state } of members) assert.deepEqual(state, { items: new Map([['a', 0]]), changes: 2 });
    const told = refused.map(([{ version, command, error }]) => ({ version, command, error: String(error) }));
    assert.deepEqual(told[0], told[1]);
    assert.deepEqual(
      refused.map(({ length }) => length),
      [1, 1],
    );
    // A reducer that is not done when it returns is none.
    const wrong = await one.replicated(Json, (async (sum: number) => sum) as never, 0, { topic: 'wrong' });
    await assert.rejects(wrong.dispatch(1), { code: 'BE_REFUSED_COMMAND', message: /async/ });
    assert.equal(wrong.state, 0);
  });

  it('comes to the present state at a member that is late: out of the log, and on from there', async () => {
    const first = await open(one);
    await Promise.all(range(300).map((i) => first.dispatch({ item: `i${i % 7}`, by: i })));
    let dispatching = true;
    const more = (async () => {
      let count = 0;
      for (; dispatching; count++) await first.dispatch({ item: 'more', by: 1 });
      return count;
    })();
    const late = await open(two);
    await late.dispatch({ item: 'late', by: 1 });
    dispatching = false;
    const count = await more;
    await alike([first, late]);
    assert.equal(late.state.changes, 301 + count);
    assert.equal(late.digest(), first.digest());
  });

  it('begins with its snapshot: only what came after is applied again; what another reducer made is not used', async () => {
    const first = await open(one);
    await Promise.all(range(50).map(() => first.dispatch({ item: 'a', by: 1 })));
    const version = await first.snapshot();
    assert.deepEqual(version, first.version);
    await Promise.all(range(5).map(() => first.dispatch({ item: 'b', by: 1 })));
    const digest = first.digest();
    await first.close();
    await assert.rejects(first.dispatch({ item: 'a', by: 1 }), { code: 'BE_CLOSED' });
    for (const [revision, calls] of [
      ['', 5],
      ['2', 55],
    ] as const) {
      let applied = 0;
      const again = await one.replicated(
        Json,
        (state: Stock, command, info) => {
          applied++;
          return reducer(state, command, info);
        },
        empty,
        { topic, revision },
      );
      assert.equal(applied, calls);
      assert.equal(again.digest(), digest);
      await again.close();
    }
  });

  it('drops from the log what its snapshot has, where it is to, and comes back all the same', async () => {
    const anchor = await one.reader(Json, { topic, qos: 'persistent' });
    const first = await open(one, truncating);
    await truncated(first, 'one');
    const { version } = first;
    const digest = first.digest();
    await first.close();
    const again = await open(one);
    assert.deepEqual([again.version, again.digest()], [version, digest]);
    await again.close();
    await assert.rejects(open(one, { revision: 'other', timeoutMs: 200 }), {
      code: 'BE_PAST_UNKNOWN',
      message: /stock/,
    });
    await assert.rejects(anchor.at(version), { code: 'BE_PAST_UNKNOWN' });
  });

  it('comes to the present state at a member that is late where others have truncated their logs: out of a snapshot of theirs, which it keeps', async () => {
    const members = [await open(one, truncating), await open(two, truncating)];
    await Promise.all([truncated(members[0]!, 'one'), truncated(members[1]!, 'two')]);
    const three = await domain.join({ name: 'three', storage });
    let dispatching = true;
    const more = (async () => {
      for (let i = 0; dispatching; i++) await members[i % 2]!.dispatch({ item: 'more', by: 1 });
    })();
    let applied = 0;
    const late = await three.replicated(
      Json,
      (state: Stock, command, info) => {
        applied++;
        return reducer(state, command, info);
      },
      empty,
      { topic },
    );
    await late.dispatch({ item: 'late', by: 1 });
    dispatching = false;
    await more;
    await alike([...members, late]);
    assert.equal(late.digest(), members[0]!.digest());
    assert.ok(applied < late.state.changes, 'not all of it was applied here');
    // It asked once, and has no endpoint of the snapshots any more.
    const sharing = three.view.endpoints.filter((endpoint) => endpoint.topic === `${topic}.snapshots`);
    assert.deepEqual([...new Set(sharing.map(({ member }) => member))].sort(), [one.id, two.id].sort());
    await late.close();
    await Promise.all(members.map((member) => member.close()));
    // What it was given is its own now: nobody is there to ask.
    const again = await open(three, { timeoutMs: 1000 });
    assert.deepEqual([again.version, again.digest()], [late.version, late.digest()]);
  });

  it('passes over members without a snapshot that will do, and what is none, and waits for one that comes', async () => {
    const first = await open(one, truncating);
    await truncated(first, 'one');
    // Here is somebody whose answers are nonsense, there somebody who never had one.
    const snapshots = { topic: `${topic}.snapshots`, qos: 'atomic' };
    const liar = await two.writer(Bytes, snapshots);
    const heard = await two.reader(Bytes, snapshots);
    const asked: string[] = [];
    heard.samples$.subscribe(({ data, info }) => {
      const text = Buffer.from(data).toString('latin1');
      if (!text.includes('"ask"')) return;
      asked.push(text);
      for (const answer of [`no JSON`, `{"kind":"give","to":${info.member}}\nbowecho-state 1 0000\n{}\n`])
        void liar.write(Buffer.from(answer));
    });
    await first.close();
    const three = await domain.join({ name: 'three', storage });
    await assert.rejects(open(three, { timeoutMs: 300 }), { code: 'BE_PAST_UNKNOWN' });
    assert.ok(asked.length > 0);
    const late = open(three);
    await sleep(100);
    const again = await open(one, truncating);
    await alike([again, await late]);
    assert.equal((await late).digest(), again.digest());
  });

  it('asks another member where the one that it asked dies before it answers', async () => {
    const first = await open(one, truncating);
    await truncated(first, 'one');
    const silent = await domain.join({ name: 'silent', storage });
    const heard = await silent.reader(Bytes, { topic: `${topic}.snapshots`, qos: 'atomic' });
    await first.close();
    let isAsked = false;
    heard.samples$.subscribe({ next: () => (isAsked = true), error: () => undefined });
    const late = open(two);
    await until(() => isAsked, 'the silent one to be asked');
    const again = await open(one, truncating);
    await silent.close();
    await alike([again, await late]);
    assert.equal((await late).digest(), again.digest());
  });

  it('is not read from a damaged snapshot, nor kept where it holds what is no data', async () => {
    const first = await open(one);
    await first.dispatch({ item: 'a', by: 1 });
    await first.snapshot();
    await first.close();
    const file = stateFile('one');
    const bytes = readFileSync(file);
    bytes[bytes.length - 3]! ^= 4;
    writeFileSync(file, bytes);
    await assert.rejects(open(one), { code: 'BE_LOG_CORRUPT', message: /state/ });
    const odd = await two.replicated<object, string>(Text, () => ({ run: () => 1 }), {}, { topic: 'odd' });
    await odd.dispatch('go');
    assert.throws(() => odd.digest(), { code: 'BE_STATE', message: /the state\.run is a function/ });
    await assert.rejects(odd.snapshot(), { code: 'BE_STATE' });
  });

  it('takes a topic that is persistent, and delivers what is committed, and a log', async () => {
    for (const qos of ['atomic', { base: 'persistent', deliver: 'stable' }] as const)
      await assert.rejects(
        one.replicated(Json, reducer, empty, { topic: JSON.stringify(qos).slice(2, 9), qos }),
        {
          code: 'BE_UNSUPPORTED',
        },
      );
    const bare = await domain.join({ name: 'bare', storage: false });
    await assert.rejects(open(bare), { code: 'BE_NO_LOG', message: /stock/ });
    assert.deepEqual(bare.view.endpoints, []);
  });

  it('rejects what was dispatched, and not applied, where the participant stops', async () => {
    const member = await open(one);
    const outcomes = range(2000).map((i) =>
      member.dispatch({ item: `${i}`.padEnd(5000), by: 1 }).then(
        () => 'applied',
        (error: { code: string }) => error.code,
      ),
    );
    await one.close({ timeoutMs: 0 });
    const codes = await Promise.all(outcomes);
    const firstUnknown = codes.indexOf('BE_OUTCOME_UNKNOWN');
    assert.ok(firstUnknown >= 0);
    assert.ok(codes.slice(0, firstUnknown).every((code) => code === 'applied'));
    assert.ok(!codes.slice(firstUnknown).includes('applied'));
  });
});

describe('the digest of a state', () => {
  const data = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 3 },
      fc.string(),
      fc.double(),
      fc.bigInt(),
      fc.boolean(),
      fc.constantFrom(null, undefined, NaN, -0),
      fc.array(tie('value'), { maxLength: 4 }),
      fc.dictionary(fc.string(), tie('value'), { maxKeys: 4, noNullPrototype: true }),
      fc.uint8Array(),
      fc.array(fc.tuple(fc.string(), tie('value'))).map((entries) => new Map(entries)),
    ),
  })).value;

  it('is equal for equal states, whatever the order of members, and different for others', () => {
    fc.assert(
      fc.property(data, data, (a, b) => {
        assert.equal(digestOf(a), digestOf(structuredClone(a)));
        let equal = true;
        try {
          assert.deepStrictEqual(a, b);
        } catch {
          equal = false;
        }
        // deepStrictEqual does not look at the order in maps.
        if (!equal) assert.notEqual(digestOf(a), digestOf(b));
      }),
    );
    assert.equal(digestOf({ a: 1, b: 2 }), digestOf({ b: 2, a: 1 }));
    assert.notEqual(
      digestOf(
        new Map([
          [1, 1],
          [2, 2],
        ]),
      ),
      digestOf(
        new Map([
          [2, 2],
          [1, 1],
        ]),
      ),
    );
    assert.notEqual(digestOf(['a', 'b']), digestOf(['ab']));
    const circle: unknown[] = [];
    circle.push(circle);
    assert.throws(() => digestOf(circle), { code: 'BE_STATE' });
    assert.throws(() => digestOf(new URL('https://a.example')), { code: 'BE_STATE', message: /class/ });
  });
});

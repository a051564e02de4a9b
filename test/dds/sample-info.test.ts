import assert from 'node:assert/strict';
import { firstValueFrom, take, toArray } from 'rxjs';
import { Bytes, Participant, type SampleInfo } from '../../runtime/dds/index.js';
import { LocalDomain, numbered, range } from './local-domain.js';
import { endAll, MemberProcess, newDomain, until } from './member-process.js';
import { Point } from './point.js';

describe('SampleInfo', () => {
  afterEach(endAll);

  it('says who wrote the sample, as which of its samples, when, and where it stands in the order', async () => {
    const domain = new LocalDomain();
    const [one, two] = [await domain.join(), await domain.join()];
    const reader = await one.reader(Bytes, { topic: 'info' });
    const writers = [
      await one.writer(Bytes, { topic: 'info' }),
      await two.writer(Bytes, { topic: 'info' }),
      await two.writer(Bytes, { topic: 'info' }),
    ];
    const before = Date.now() * 1000;
    const samples = firstValueFrom(reader.samples$.pipe(take(300), toArray()));
    for (const i of range(100)) for (const writer of writers) await writer.write(numbered(i));
    const infos = (await samples).map(({ info }) => info);
    assertGrowing(infos);
    const names = new Set(infos.map(({ member, writer }) => `${member}:${writer}`));
    assert.equal(names.size, 3);
    assert.deepEqual([...new Set(infos.map(({ member }) => member))].sort(), [one.id, two.id].sort());
    for (const name of names) {
      const own = infos.filter(({ member, writer }) => name === `${member}:${writer}`);
      assert.deepEqual(
        own.map(({ writerSequence }) => writerSequence),
        range(100, 1),
      );
    }
    for (const { sourceTimeUs, receptionTimeUs } of infos) {
      assert.ok(Number.isSafeInteger(sourceTimeUs) && Number.isSafeInteger(receptionTimeUs));
      assert.ok(sourceTimeUs > before - 100_000 && sourceTimeUs <= receptionTimeUs, `${sourceTimeUs}`);
      assert.ok(receptionTimeUs < Date.now() * 1000 + 100_000);
    }
    await domain.close();
  });

  it('a sample from another process was written before it was received, lent or owned', async () => {
    const name = newDomain('memory');
    const here = await Participant.join({ domain: name, closeOnSignals: false });
    const there = await MemberProcess.join(name);
    const owned: SampleInfo[] = [];
    const lent: SampleInfo[] = [];
    const [first, second] = [
      await here.reader(Bytes, { topic: 't' }),
      await here.reader(Bytes, { topic: 't' }),
    ];
    first.samples$.subscribe(({ info }) => owned.push(info));
    second.borrow(({ info }) => lent.push(info));
    await there.call('open', 't');
    await there.call('start', 't', { count: 2000, batch: 7, pauseMs: 1 });
    await there.call('finish', 't');
    await until(() => lent.length === 2000, 'all delivered');
    for (const infos of [owned, lent]) {
      assertGrowing(infos);
      const early = infos.filter((info) => info.sourceTimeUs > info.receptionTimeUs);
      assert.deepEqual(early, []);
    }
    await here.close();
  });

  it('samples of one instance have the same instance, others another', async () => {
    const domain = new LocalDomain();
    const participant = await domain.join();
    const reader = await participant.reader(Point);
    const writer = await participant.writer(Point);
    const samples = firstValueFrom(reader.samples$.pipe(take(300), toArray()));
    for (const i of range(300)) await writer.write({ id: i % 100, x: i, y: 0 });
    const instances = new Map<number, Set<string>>();
    for (const { data, info } of await samples) {
      const names = instances.get(data.id) ?? new Set();
      instances.set(data.id, names.add(`${info.instanceHigh}.${info.instanceLow}`));
    }
    assert.ok([...instances.values()].every(({ size }) => size === 1));
    assert.equal(new Set([...instances.values()].flatMap((names) => [...names])).size, 100);
    await domain.close();
  });
});

function assertGrowing(infos: readonly SampleInfo[]): void {
  for (let i = 1; i < infos.length; i++) {
    const [a, b] = [infos[i - 1]!.version, infos[i]!.version];
    assert.ok(b.epoch > a.epoch || (b.epoch === a.epoch && b.sequence > a.sequence), `${i}`);
  }
}

import assert from 'node:assert/strict';
import { Bytes, type DomainView, type Match, type Participant, Text } from '../../runtime/dds/index.js';
import { LocalDomain, numbered, settledWithin } from './local-domain.js';
import { until } from './member-process.js';
import { OtherPoint, Point } from './point.js';

describe('endpoints', () => {
  let domain: LocalDomain;
  let one: Participant;
  let two: Participant;

  beforeEach(async () => {
    domain = new LocalDomain();
    one = await domain.join({ name: 'one' });
    two = await domain.join({ name: 'two' });
  });
  afterEach(() => domain.close());

  it('view$: the present view first, then each that follows, alike at all', async () => {
    const views: DomainView[][] = [[], []];
    one.view$.subscribe((view) => views[0]!.push(view));
    two.view$.subscribe((view) => views[1]!.push(view));
    await one.reader(Text, { topic: 'seen' });
    const three = await domain.join({ name: 'three' });
    await three.close();
    await until(
      () => views.every((seen) => seen.at(-1)!.members.length === 2 && seen.length >= 4),
      'the last view',
    );
    assert.deepEqual(views[0], views[1]);
    const last = views[0]!.at(-1)!;
    assert.deepEqual(
      last.members.map(({ name }) => name),
      ['one', 'two'],
    );
    assert.deepEqual(
      last.endpoints.map(({ topic, role, member, typeName }) => ({ topic, role, member, typeName })),
      [{ topic: 'seen', role: 'reader', member: one.id, typeName: 'bowecho::Text' }],
    );
    const ids = views[0]!.map(({ viewId }) => viewId);
    assert.deepEqual(
      ids,
      ids.map((_, i) => ids[0]! + i),
    );
  });

  it('whenMatched and matched$: a writer learns of readers that come and go', async () => {
    const writer = await one.writer(Text, { topic: 'm' });
    const matches: (readonly Match[])[] = [];
    writer.matched$.subscribe((match) => matches.push(match));
    const matched = writer.whenMatched(2);
    const first = await one.reader(Text, { topic: 'm' });
    assert.equal(await settledWithin(matched, 20), 'pending');
    await two.reader(Text, { topic: 'm' });
    await matched;
    await first.close();
    await until(() => matches.at(-1)!.length === 1, 'one reader left');
    assert.deepEqual(
      matches.map((match) => match.length),
      [0, 1, 2, 1],
    );
    assert.equal(matches.at(-1)![0]!.member, two.id);
  });

  it('a type that is not the topic’s is refused at the one that brings it, both types named', async () => {
    const reader = await one.reader(Point, { topic: 'typed' });
    await assert.rejects(two.writer(Text, { topic: 'typed' }), {
      code: 'BE_REFUSED',
      message: /test::Point.*two.*bowecho::Text/,
    });
    await assert.rejects(two.reader(OtherPoint, { topic: 'typed' }), {
      code: 'BE_REFUSED',
      message: /11111111.*two.*22222222/,
    });
    const writer = await two.writer(Point, { topic: 'typed' });
    await writer.write({ id: 1, x: 2, y: 3 });
    await until(() => reader.take() !== undefined, 'the topic works');
  });

  it('a reader that requests more than the topic gives is refused; one that requests less is not', async () => {
    await one.writer(Bytes, { topic: 'raw', qos: 'raw' });
    await assert.rejects(two.reader(Bytes, { topic: 'raw', qos: 'atomic' }), {
      code: 'BE_REFUSED',
      message: /raw is raw.*requests atomic/,
    });
    const writer = await one.writer(Bytes, { topic: 'atomic', qos: 'atomic' });
    const reader = await two.reader(Bytes, { topic: 'atomic', qos: 'raw' });
    await writer.write(numbered(1));
    await until(() => reader.take() !== undefined, 'delivered');
  });

  it('a writer that offers another consistency is refused', async () => {
    await one.reader(Bytes, { topic: 'c', qos: 'atomic' });
    await assert.rejects(two.writer(Bytes, { topic: 'c', qos: 'raw' }), {
      code: 'BE_REFUSED',
      message: /offers raw.*ask for atomic/,
    });
    await one.reader(Bytes, { topic: 'd', qos: 'raw' });
    await assert.rejects(two.writer(Bytes, { topic: 'd', qos: 'atomic' }), { code: 'BE_REFUSED' });
  });

  it('bad QoS is told at once, and by name', async () => {
    await assert.rejects(one.reader(Bytes, { qos: 'atomicc' }), { name: 'QosError' });
    await assert.rejects(one.writer(Bytes, { topic: 'p', qos: { durability: 'transient' } }), {
      code: 'BE_UNSUPPORTED',
    });
    const reader = await one.reader(Bytes, { topic: 'p' });
    await reader.close();
  });
});

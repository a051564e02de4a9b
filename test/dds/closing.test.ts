import assert from 'node:assert/strict';
import { firstValueFrom, lastValueFrom, toArray } from 'rxjs';
import { Bytes, Participant, Text } from '../../runtime/dds/index.js';
import { LocalDomain, numbered, numberOf, range } from './local-domain.js';
import { newDomain } from './member-process.js';

const closed = { code: 'BE_CLOSED' };

describe('closing', () => {
  it('await using closes reader, writer and participant, in this order', async () => {
    const domain = newDomain('local');
    let participant: Participant;
    const seen: number[] = [];
    {
      await using own = await Participant.join({ domain });
      participant = own;
      await using writer = await own.writer(Bytes, { topic: 't' });
      await using reader = await own.reader(Bytes, { topic: 't' });
      reader.samples$.subscribe(({ data }) => seen.push(numberOf(data)));
      for (const i of range(100)) await writer.write(numbered(i));
      await writer.whenStable();
    }
    await assert.rejects(participant.reader(Bytes, { topic: 't' }), closed);
    assert.deepEqual(seen, range(100));
  });

  it('what was written before close is delivered to the others', async () => {
    const domain = new LocalDomain();
    const [one, two] = [await domain.join(), await domain.join()];
    const reader = await one.reader(Bytes, { topic: 't' });
    const seen: number[] = [];
    reader.samples$.subscribe(({ data }) => seen.push(numberOf(data)));
    const writer = await two.writer(Bytes, { topic: 't' });
    for (const i of range(20_000)) await writer.write(numbered(i));
    await two.close();
    assert.deepEqual(seen, range(20_000));
    assert.equal(one.view.members.length, 1);
    await domain.close();
  });

  it('is idempotent, and what comes after it is told BE_CLOSED', async () => {
    const domain = newDomain('local');
    const participant = await Participant.join({ domain });
    const reader = await participant.reader(Text, { topic: 't' });
    const writer = await participant.writer(Text, { topic: 't' });
    const kept = await participant.writer(Text, { topic: 't' });
    const keptReader = await participant.reader(Text, { topic: 't' });
    await Promise.all([writer.close(), writer.close()]);
    await writer.close();
    assert.throws(() => writer.write('late'), closed);
    assert.throws(() => writer.tryWrite('late'), closed);
    assert.throws(() => writer.ready(), closed);
    await assert.rejects(writer.whenStable(), closed);
    await assert.rejects(writer.whenMatched(5), closed);
    await Promise.all([reader.close(), reader.close()]);
    await reader.close();
    assert.equal(participant.view.endpoints.length, 2);
    assert.deepEqual(await firstValueFrom(reader.samples$.pipe(toArray())), []);
    assert.throws(() => reader.borrow(() => undefined), closed);

    const views = lastValueFrom(participant.view$);
    await Promise.all([participant.close(), participant.close()]);
    await participant.close();
    await views;
    await assert.rejects(participant.reader(Text), closed);
    await assert.rejects(participant.writer(Text), closed);
    assert.throws(() => kept.write('late'), closed);
    await kept.close();
    await keptReader.close();
  });

  it('an endpoint that is being opened when its participant closes is told BE_CLOSED', async () => {
    const participant = await Participant.join({ domain: newDomain('local') });
    const opening = participant.reader(Text);
    const settled = opening.then(
      (reader) => reader.close(),
      (error: { code: string }) => assert.equal(error.code, 'BE_CLOSED'),
    );
    await participant.close();
    await settled;
  });
});

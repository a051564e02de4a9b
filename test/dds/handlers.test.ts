import assert from 'node:assert/strict';
import { Bytes, type Participant } from '../../runtime/dds/index.js';
import { LocalDomain, numbered, numberOf, range } from './local-domain.js';
import { until } from './member-process.js';

describe('a handler', () => {
  let domain: LocalDomain;
  let one: Participant;
  let two: Participant;

  beforeEach(async () => {
    domain = new LocalDomain();
    [one, two] = [await domain.join(), await domain.join()];
  });
  afterEach(() => domain.close());

  /** Writes at `two`, counts what a second reader at `two` gets: the group, seen from elsewhere. */
  async function witness(count: number) {
    const reader = await two.reader(Bytes, { topic: 't' });
    const writer = await two.writer(Bytes, { topic: 't' });
    const seen: number[] = [];
    reader.samples$.subscribe(({ data }) => seen.push(numberOf(data)));
    for (const i of range(count)) await writer.write(numbered(i));
    await until(() => seen.length >= count, 'the others go on');
    assert.deepEqual(seen.slice(0, count), range(count));
  }

  for (const how of ['samples$', 'borrow'] as const) {
    it(`${how}: that closes its reader inside a delivery ends that reader, and nothing else`, async () => {
      const reader = await one.reader(Bytes, { topic: 't' });
      let closed: Promise<void> | undefined;
      let calls = 0;
      const handler = () => {
        calls++;
        closed ??= reader.close();
      };
      if (how === 'borrow') reader.borrow(handler);
      else reader.samples$.subscribe(handler);
      await witness(1000);
      await closed;
      assert.ok(calls >= 1);
      assert.equal(one.view.endpoints.filter(({ member }) => member === one.id).length, 0);
    });

    it(`${how}: that closes its participant inside a delivery leaves the domain to the others`, async () => {
      const reader = await one.reader(Bytes, { topic: 't' });
      let closed: Promise<void> | undefined;
      const handler = () => void (closed ??= one.close());
      if (how === 'borrow') reader.borrow(handler);
      else reader.samples$.subscribe(handler);
      await witness(1000);
      await closed;
      await until(() => two.view.members.length === 1, 'the view without it');
    });

    it(`${how}: that writes inside a delivery, to the topic it reads and to others, is heard by all`, async () => {
      const reader = await one.reader(Bytes, { topic: 't' });
      const echo = await one.writer(Bytes, { topic: 't' });
      const answers = await one.writer(Bytes, { topic: 'answers' });
      const answered = await two.reader(Bytes, { topic: 'answers' });
      const seen: number[] = [];
      answered.samples$.subscribe(({ data }) => seen.push(numberOf(data)));
      const answer = (number: number) => {
        if (number >= 10_000) return;
        void answers.write(numbered(number));
        void echo.write(numbered(number + 10_000));
      };
      if (how === 'borrow') reader.borrow(({ memory, offset }) => answer(memory.view.getUint32(offset)));
      else reader.samples$.subscribe(({ data }) => answer(numberOf(data)));
      const writer = await two.writer(Bytes, { topic: 't' });
      for (const i of range(5000)) await writer.write(numbered(i));
      await until(() => seen.length === 5000, 'all answers');
      assert.deepEqual(seen, range(5000));
    });
  }

  it('opens and closes endpoints inside a delivery', async () => {
    const reader = await one.reader(Bytes, { topic: 't' });
    const opened: Promise<unknown>[] = [];
    reader.samples$.subscribe(({ data }) => {
      const number = numberOf(data);
      if (number % 100 === 0)
        opened.push(one.writer(Bytes, { topic: `t${number}` }).then((writer) => writer.close()));
    });
    await witness(1000);
    assert.equal((await Promise.all(opened)).length, 10);
  });
});

import assert from 'node:assert/strict';
import { Bytes, type Participant, type Reader, type Writer } from '../../runtime/dds/index.js';
import { LocalDomain, numbered, numberOf, range, settledWithin, sleep } from './local-domain.js';
import { endAll, MemberProcess, newDomain, until } from './member-process.js';

/** Little room anywhere. */
const small = { resourceLimits: { maxSamples: 4 }, transport: { ringBytesMax: 65_536 } };
const wouldDeadlock = { code: 'BE_WOULD_DEADLOCK' };

describe('a handler of consume that waits for room', () => {
  let domain: LocalDomain;
  let one: Participant;

  beforeEach(async () => {
    domain = new LocalDomain();
    one = await domain.join();
  });
  afterEach(() => domain.close());
  afterEach(endAll);

  /** Writes so much that what goes round fills caches and rings. */
  async function flood(writer: Writer<Uint8Array>): Promise<void> {
    for (const i of range(200)) await writer.write(numbered(i, 1000));
  }

  const waysToWait: [string, (writer: Writer<Uint8Array>) => Promise<void>][] = [
    ['write', (writer) => writer.write(numbered(0, 1000))],
    ['writeAll', (writer) => writer.writeAll(range(10).map((i) => numbered(i, 1000)))],
    [
      'ready',
      async (writer) => {
        while (!writer.tryWrite(numbered(0, 1000))) await writer.ready();
      },
    ],
  ];
  for (const [name, wait] of waysToWait) {
    it(`${name}: in the topic that it reads, is told BE_WOULD_DEADLOCK, and the topic goes on`, async () => {
      const reader = await one.reader(Bytes, { topic: 't', qos: small });
      const writer = await one.writer(Bytes, { topic: 't', qos: small });
      const consumed = reader.consume(async () => {
        await sleep(0);
        await wait(writer);
        await wait(writer);
      });
      const other = await one.writer(Bytes, { topic: 't', qos: small });
      const flooded = flood(other);
      await assert.rejects(consumed, { ...wouldDeadlock, message: /consumes t waits for room in t/ });
      let seen = 0;
      await flooded;
      void reader.consume(() => void seen++);
      await flood(other);
      await until(() => seen >= 200, 'the topic goes on');
    });
  }

  it('that two participants’ handlers give each other, is told BE_WOULD_DEADLOCK at one of them', async () => {
    const two = await domain.join();
    const echo = async (participant: Participant, from: string, to: string) => {
      const writer = await participant.writer(Bytes, { topic: to, qos: small });
      const reader = await participant.reader(Bytes, { topic: from, qos: small });
      return { writer, consumed: consumeInto(reader, writer) };
    };
    const first = await echo(one, 'x', 'y');
    const second = await echo(two, 'y', 'x');
    await first.writer.whenMatched(1);
    void flood(first.writer).catch(() => undefined);
    await assert.rejects(Promise.race([first.consumed, second.consumed]), {
      ...wouldDeadlock,
      message: /by way of the handlers/,
    });
  });

  it('that two processes’ handlers give each other, is told BE_WOULD_DEADLOCK at one of them', async () => {
    const [first, second] = await MemberProcess.joinAll(newDomain('memory'), 2);
    await first!.call('open', 'y', small);
    await second!.call('open', 'x', small);
    await first!.call('echo', 'x', 'y', small);
    await second!.call('echo', 'y', 'x', small);
    await first!.call('whenMatched', 'y', 1);
    await first!.call('writeRandom', 'y', 1000, 1);
    const endings = async () => [...(await first!.call('endings')), ...(await second!.call('endings'))];
    await until(async () => (await endings()).length > 0, 'somebody is told');
    assert.deepEqual(await endings(), ['consume BE_WOULD_DEADLOCK']);
  });

  it('and whose readers are slow, but wait for nobody, is let wait', async () => {
    const two = await domain.join();
    const slow = await two.reader(Bytes, { topic: 'slow', qos: small });
    const into = await one.writer(Bytes, { topic: 'slow', qos: small });
    const reader = await one.reader(Bytes, { topic: 't', qos: small });
    const writer = await one.writer(Bytes, { topic: 't', qos: small });
    let seen = 0;
    void slow.consume(async () => {
      if (++seen === 1) await sleep(1200);
    });
    void consumeInto(reader, into);
    await flood(writer);
    await until(() => seen === 400, 'all consumed');
  });

  it('but does not wait for it, goes on', async () => {
    const reader = await one.reader(Bytes, { topic: 't', qos: small });
    const writer = await one.writer(Bytes, { topic: 't', qos: small });
    const seen = new Set<number>();
    const writes: Promise<void>[] = [];
    void reader.consume(async ({ data }) => {
      const number = numberOf(data);
      seen.add(number);
      if (number < 200) writes.push(writer.write(numbered(number + 1000, 1000)));
      await sleep(0);
    });
    await flood(await one.writer(Bytes, { topic: 't', qos: small }));
    await until(() => seen.size === 400, 'all consumed');
    await Promise.all(writes);
  });

  it('outside of it, a writer is held back for as long as it takes', async () => {
    const reader = await one.reader(Bytes, { topic: 't', qos: small });
    const writer = await one.writer(Bytes, { topic: 't', qos: small });
    let go: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => (go = resolve));
    void reader.consume(() => gate);
    const flooded = flood(writer);
    assert.equal(await settledWithin(flooded, 1000), 'pending');
    go();
    await flooded;
  });
});

function consumeInto(reader: Reader<Uint8Array>, writer: Writer<Uint8Array>): Promise<void> {
  return reader.consume(async ({ data }) => {
    await writer.write(data);
    await writer.write(data);
  });
}

import assert from 'node:assert/strict';
import type { TopicType } from '../../codegen/support/index.js';
import type { Participant } from '../../runtime/dds/index.js';
import type { Sample } from '../codegen/generated.js';
import { load } from '../codegen/generated.js';
import { LocalDomain } from './local-domain.js';
import { until } from './member-process.js';

describe('a data representation', () => {
  let domain: LocalDomain;
  let participant: Participant;
  let type: TopicType<Sample>;

  before(async () => {
    type = (await load({ 'r.idl': '@topic struct Reading { @key long station; string text; };' })).topic(
      'Reading',
    );
  });
  beforeEach(async () => {
    domain = new LocalDomain();
    participant = await domain.join();
  });
  afterEach(() => domain.close());

  it('is the one that the writer puts first, if the reader takes it: XCDR2 with its encapsulation header', async () => {
    const reader = await participant.reader(type, { qos: { representation: ['protobuf', 'xcdr2'] } });
    const writer = await participant.writer(type, { qos: { representation: ['xcdr2'] } });
    const seen: { bytes: string; data: Sample }[] = [];
    reader.borrow((loan) => {
      const { memory, offset, length } = loan;
      const bytes = Buffer.from(memory.bytes.slice(offset, offset + length)).toString('hex');
      seen.push({ bytes, data: loan.decode() });
    });
    await writer.write({ station: 7, text: 'fair' });
    await until(() => seen.length === 1, 'delivered');
    assert.deepEqual(seen, [
      {
        bytes: '00090000' + '0d000000' + '07000000' + '05000000' + '6661697200',
        data: { station: 7, text: 'fair' },
      },
    ]);
  });

  it('arrives as objects, too, beside others on the same topic', async () => {
    const reader = await participant.reader(type, { qos: { representation: ['protobuf', 'xcdr2'] } });
    const seen: unknown[] = [];
    reader.samples$.subscribe(({ data }) => seen.push(data['text']));
    const one = await participant.writer(type, { qos: { representation: ['xcdr2', 'protobuf'] } });
    const other = await participant.writer(type);
    await one.write({ station: 1, text: 'XCDR2' });
    await other.write({ station: 2, text: 'protobuf' });
    await until(() => seen.length === 2, 'delivered');
    assert.deepEqual(seen, ['XCDR2', 'protobuf']);
  });

  it('that the reader does not take makes no match', async () => {
    const reader = await participant.reader(type);
    const statuses: string[] = [];
    reader.status$.subscribe(({ kind }) => statuses.push(kind));
    await participant.writer(type, { qos: { representation: ['xcdr2'] } });
    await until(() => statuses.includes('requestedIncompatibleQos'), 'refused');
  });

  it('that was not generated is refused', async () => {
    const { xcdr2, ...without } = type;
    assert.ok(xcdr2);
    const qos = { representation: ['protobuf', 'xcdr2'] } as const;
    const refusal = { code: 'BE_UNSUPPORTED', message: /no codec for XCDR2.*--xcdr2/ };
    await assert.rejects(participant.reader(without, { qos }), refusal);
    await assert.rejects(participant.writer(without, { qos }), refusal);
  });
});

import assert from 'node:assert/strict';
import { Report } from '../../bench/generated/bench.js';
import { nanosecondsPer } from '../../bench/harness/operation-time.js';
import { bytesForm } from '../../bench/product/bytes-form.js';
import type { Form } from '../../bench/product/form.js';
import { inPlaceForm } from '../../bench/product/in-place-form.js';
import { protobufForm, reportOf, variedTextsForm } from '../../bench/product/protobuf-form.js';
import { size } from '../../bench/suites/sizes.js';
import { Participant } from '../../runtime/dds/index.js';

const forms: Readonly<Record<string, Form>> = {
  bytes: bytesForm,
  'in place': inPlaceForm,
  protobuf: protobufForm,
  'protobuf, varied texts': variedTextsForm,
};

describe('bench: what travels', function () {
  this.timeout(60_000);

  it('a report takes as many bytes as its case says', () => {
    const memory = new Uint8Array(1 << 20);
    const view = new DataView(memory.buffer);
    for (const bytes of Object.values(size).filter((each) => each < size.mib1)) {
      assert.equal(Report.protobuf.encode(reportOf(bytes, 1), { bytes: memory, view }, 0, 1 << 20), bytes);
    }
  });

  for (const [name, form] of Object.entries(forms)) {
    for (const way of ['borrow', 'samples$'] as const) {
      it(`${name} through ${way}: a reader gets what was written, at every size`, async () => {
        const participant = await Participant.join({
          domain: `local:bench-${`${name}-${way}`.replace(/\W/g, '-')}`,
        });
        for (const bytes of [size.b16, size.b128, size.kib1, size.kib10, size.kib100]) {
          const endpoint = { topic: `of ${bytes}`, qos: 'atomic' };
          const received = await form.openReader(participant, endpoint, bytes, way);
          const source = await form.openWriter(participant, endpoint, bytes, 1);
          await source.whenMatched(1);
          for (let i = 0; i < 3; i++) {
            while (!source.send()) await Promise.all([source.ready(), new Promise(setImmediate)]);
          }
          while (received.count < 3) await new Promise((resolve) => setImmediate(resolve));
          assert.equal(received.count, 3);
          assert.notEqual(received.touched, 0);
        }
        await participant.close();
      });
    }
  }

  it('varied texts are as long as the others, and each is its own', async () => {
    const participant = await Participant.join({ domain: 'local:bench-varied' });
    const endpoint = { topic: 'varied', qos: 'atomic' };
    const reader = await participant.reader(Report, endpoint);
    const [stations, remarks, lengths] = [new Set<string>(), new Set<string>(), new Set<number>()];
    let count = 0;
    reader.borrow((loan) => {
      const { station, remark } = loan.decode();
      stations.add(station);
      remarks.add(remark);
      lengths.add(loan.length);
      count++;
    });
    const source = await variedTextsForm.openWriter(participant, endpoint, size.b128, 0);
    await source.whenMatched(1);
    const written = 2_000;
    for (let i = 0; i < written; i++) {
      while (!source.send()) await Promise.all([source.ready(), new Promise(setImmediate)]);
    }
    while (count < written) await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual([stations.size, remarks.size, ...lengths], [written, written, size.b128]);
    await participant.close();
  });

  it('times an operation by its fastest loop', () => {
    const ns = nanosecondsPer((index) => index, { seconds: 0.02, warmupSeconds: 0 });
    assert.ok(ns > 0 && ns < 10_000, `${ns} ns`);
  });
});

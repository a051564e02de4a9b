import assert from 'node:assert/strict';
import { compareVersions, schemaOf, typeHashOf } from '../../codegen/index.js';
import type { Aggregate } from '../../codegen/shape.js';
import type { Model } from '../../idl/index.js';
import { encodeQos, resolveReaderQos } from '../../qos/index.js';
import { admit, asJson } from '../../runtime/dds/admission.js';
import { rowsByTopic } from '../codegen/evolution-rows.js';
import { modelOf } from '../codegen/generated.js';

/** What a topic's first endpoint says of its type, and what another says of its own. */
function infoOf(model: Model) {
  const schema = schemaOf(model, model.definitions.get('T') as Aggregate);
  return { typeName: 'T', typeHash: typeHashOf(schema), schema, consistency: 'atomic' };
}

describe('an endpoint whose type is another version of the topic’s', () => {
  for (const [of, rows] of Object.entries(rowsByTopic)) {
    it(`is admitted where bowecho breaking finds nothing broken, and refused with its reason elsewhere: ${of}`, () => {
      for (const [what, before, after] of rows) {
        const [old, now] = [modelOf({ 't.idl': before }), modelOf({ 't.idl': after })];
        const change = compareVersions(old, now).find(({ name }) => name === 'T')!;
        const terms = { ordered: true, ringBytes: 4096, largeBytes: 0, info: asJson(infoOf(old)) };
        const topic = { ...terms, name: 'news', slot: 0, epoch: 0 };
        const qos = encodeQos(resolveReaderQos('atomic'));
        const info = asJson({ ...infoOf(now), participant: 'tower', qos: asJson(qos) });
        const refusal = admit(topic, { id: 1, role: 'reader', topic: 'news', info }, terms);
        if (change.change !== 'breaking') assert.equal(refusal, undefined, what);
        else {
          const reasons = [...change.oldReadsNew!.problems, ...change.newReadsOld!.problems];
          assert.ok(
            reasons.some((reason) => refusal?.endsWith(`they do not go together: ${reason}`)),
            `${what}: ${refusal}`,
          );
        }
      }
    });
  }
});

import assert from 'node:assert/strict';
import fc from 'fast-check';
import { schemaOf } from '../../codegen/index.js';
import type { Aggregate } from '../../codegen/shape.js';
import { assignability } from '../../codegen/support/index.js';
import { samplesOf } from './arbitrary.js';
import { rowsByTopic } from './evolution-rows.js';
import type { Generated } from './generated.js';
import { encoded, isMalformed, load, memoryFrom } from './generated.js';

/** What the rules allow, the codecs have to bear out: whatever the one version writes, the other reads. */
describe('two versions that go together', function () {
  this.timeout(60_000);

  const typeIn = ({ model }: Generated): Aggregate => model.definitions.get('T') as Aggregate;

  function check(writer: Generated, reader: Generated): void {
    const schema = (of: Generated) => schemaOf(of.model, typeIn(of));
    const { problems, notes } = assignability(schema(writer), schema(reader));
    assert.deepEqual(problems, []);
    const mayBeLost = notes.some((note) => note.includes('does not arrive'));
    for (const representation of ['protobuf', 'xcdr2'] as const) {
      const from = writer.topic('T')[representation]!;
      const to = reader.topic('T')[representation]!;
      fc.assert(
        fc.property(samplesOf(writer.model, typeIn(writer), { nul: false }), (sample) => {
          const bytes = encoded(from, sample);
          try {
            to.decode(memoryFrom(bytes), 0, bytes.length);
          } catch (error) {
            if (!mayBeLost || !isMalformed(error)) throw error;
          }
        }),
        { numRuns: 50 },
      );
    }
  }

  it('give a case that its writer did not know of its default, where the writer sent that label', async () => {
    const text = (added: string) =>
      `union U switch (long) { case 1: long a; ${added} }; struct T { U u; long after; };`;
    const [old, now] = await Promise.all([
      load({ 't.idl': text('') }),
      load({ 't.idl': text('case 2: string b; case 3: sequence<double> c; case 4: double d;') }),
    ]);
    for (const representation of ['protobuf', 'xcdr2'] as const) {
      for (const [label, member] of [
        [2, { b: '' }],
        [3, { c: [] }],
        [4, { d: 0 }],
      ] as const) {
        const written = { u: { $d: 'default', $label: label }, after: 7 };
        const bytes = encoded(old.topic('T')[representation]!, written);
        const read = now.topic('T')[representation]!.decode(memoryFrom(bytes), 0, bytes.length);
        assert.deepEqual(read, { u: { $d: label, ...member }, after: 7 });
      }
    }
  });

  for (const [of, rows] of Object.entries(rowsByTopic)) {
    it(`read in both representations what the other writes: ${of}`, async () => {
      for (const [what, before, after, { oldReadsNew, newReadsOld }] of rows) {
        if (oldReadsNew !== 'yes' && newReadsOld !== 'yes') continue;
        const [old, now] = await Promise.all([load({ 't.idl': before }), load({ 't.idl': after })]);
        try {
          if (oldReadsNew === 'yes') check(now, old);
          if (newReadsOld === 'yes') check(old, now);
        } catch (error) {
          throw new Error(`${what}: ${String(error)}`, { cause: error });
        }
      }
    });
  }
});

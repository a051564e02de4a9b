import assert from 'node:assert/strict';
import type { Generated } from './generated.js';
import { encoded, isMalformed, load, memoryFrom } from './generated.js';
import type { Row } from './try-construct-rows.js';
import { readTypes, rowsByConstruct, writtenTypes } from './try-construct-rows.js';
import { problems } from './type-check.js';

const kinds = ['final', 'appendable', 'mutable'];

describe('@try_construct within collections, unions and nested types', function () {
  this.timeout(60_000);
  const files: string[] = [];

  for (const [construct, rows] of Object.entries(rowsByConstruct)) {
    for (const kind of kinds) {
      describe(`of ${construct} in ${kind} types`, () => {
        for (const row of rows) {
          if (row.delimited && kind === 'final') continue;
          it(row.what, async () => {
            const [writer, reader] = await both(row, kind);
            files.push(...reader.files.map(({ path }) => path));
            for (const representation of ['protobuf', 'xcdr2'] as const) {
              const sample = { ...row.sample, after: 7 };
              const bytes = encoded(writer.topic('T')[representation]!, sample);
              const decode = () =>
                reader.topic('T')[representation]!.decode(memoryFrom(bytes), 0, bytes.length);
              if (row.expected === 'refused') assert.throws(decode, isMalformed, representation);
              else assert.deepEqual(decode(), { ...row.expected, after: 7 }, representation);
            }
          });
        }
      });
    }
  }

  describe('in TypeScript', () => {
    it('makes code that checks under the strictest settings', () => {
      assert.ok(files.length > 50);
      assert.deepEqual(problems(files), []);
    });
  });
});

function both({ written, read }: Row, kind: string): Promise<[Generated, Generated]> {
  const source = (types: string, members: string) =>
    `${types} @KIND @topic struct T { ${members} long after; };`.replaceAll('@KIND', `@${kind}`);
  return Promise.all([
    load({ 'w.idl': source(writtenTypes, written) }),
    load({ 'r.idl': source(readTypes, read) }),
  ]);
}

import assert from 'node:assert/strict';
import { compareVersions } from '../../codegen/index.js';
import { rowsByTopic } from './evolution-rows.js';
import { modelOf } from './generated.js';
import { told } from './try-construct-evolution.js';

describe('a change from one version to the next', () => {
  for (const [of, rows] of Object.entries(rowsByTopic)) {
    describe(`of ${of}`, () => {
      for (const [what, before, after, expected] of rows) {
        it(what, () => {
          const change = compareVersions(modelOf({ 't.idl': before }), modelOf({ 't.idl': after })).find(
            ({ name }) => name === 'T',
          );
          for (const direction of ['oldReadsNew', 'newReadsOld'] as const) {
            const problems = change?.[direction]?.problems ?? [];
            const wanted = expected[direction];
            if (wanted === 'yes') assert.deepEqual(problems, [], direction);
            else assert.match(problems[0] ?? 'yes', wanted, direction);
          }
        });
      }
    });
  }

  it('tells all that is wrong, and what is lost where nothing is', () => {
    const compare = (before: string, after: string) =>
      compareVersions(modelOf({ 't.idl': before }), modelOf({ 't.idl': after })).find(
        ({ name }) => name === 'T',
      )!;
    const broken = compare(
      '@mutable struct T { @id(1) long a; @id(2) long b; @id(3) long c; };',
      '@mutable struct T { @id(1) string a; @id(2) @key long b; @id(3) long c; };',
    );
    assert.equal(broken.change, 'breaking');
    assert.equal(broken.oldReadsNew?.problems.length, 2);
    const lossy = compare(
      'enum E { A }; bitmask M { F }; union U switch (long) { case 1: long a; }; struct T { E e; M m; U u; @try_construct(TRIM) string<3> s; };',
      'enum E { A, B }; bitmask M { F, G }; union U switch (long) { case 1: long a; case 2: long b; }; struct T { E e; M m; U u; @try_construct(TRIM) string s; };',
    );
    assert.equal(lossy.change, 'compatible');
    assert.deepEqual(lossy.newReadsOld?.notes, []);
    assert.deepEqual(lossy.oldReadsNew?.notes, [
      'E: the reader does not know B: a sample that holds it does not arrive',
      'M: the reader does not know the flag G',
      'U: the reader has no case 2: it sees the discriminator alone',
      'T.s: the writer has no bound, the reader takes at most 3, and cuts off the rest',
    ]);
  });

  it('tells what readers take where something does not fit', () => {
    for (const [writer, reader, ...notes] of told) {
      const [change] = compareVersions(modelOf({ 't.idl': reader }), modelOf({ 't.idl': writer })).filter(
        ({ name }) => name === 'T',
      );
      assert.deepEqual([change?.oldReadsNew?.problems, change?.oldReadsNew?.notes], [[], notes], reader);
    }
  });

  it('tells topics that are new, gone and the same', () => {
    const before = modelOf({ 't.idl': '@topic struct A { long a; }; @topic struct B { long a; };' });
    const after = modelOf({ 't.idl': '@topic struct C { long a; }; @topic struct B { long a; };' });
    assert.deepEqual(
      compareVersions(before, after).map(({ name, change }) => [name, change]),
      [
        ['A', 'removed'],
        ['B', 'none'],
        ['C', 'added'],
      ],
    );
  });
});

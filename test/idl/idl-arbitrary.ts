import fc from 'fast-check';

/** IDL as the tokens of one or several definitions. */
type Words = readonly string[];

const name = fc.constantFrom('a', 'b', 'Position', '_module', 'x1');
const scoped = fc.constantFrom<Words>(['T'], ['m', '::', 'T'], ['::', 'm', '::', 'n', '::', 'T']);

const expression: fc.Arbitrary<Words> = fc.letrec<{ any: Words; value: Words }>((tie) => ({
  value: fc.oneof(
    fc.constantFrom<Words>(
      ['1'],
      ['0x1F'],
      ['1.5e3'],
      ['TRUE'],
      ["'c'"],
      ['"text // no comment"'],
      ['"a"', '"b"'],
    ),
    scoped,
  ),
  any: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    tie('value'),
    fc.tuple(fc.constantFrom('+', '-', '~'), tie('any')).map(([sign, of]) => [sign, ...of]),
    fc
      .tuple(tie('any'), fc.constantFrom('|', '^', '&', '<<', '>>', '+', '-', '*', '/', '%'), tie('any'))
      .map(([left, sign, right]) => [...left, sign, ...right]),
    tie('any').map((inner) => ['(', ...inner, ')']),
  ),
})).any;

const inParentheses = expression.map((words) => ['(', ...words, ')']);

const type: fc.Arbitrary<Words> = fc.letrec<{ any: Words }>((tie) => ({
  any: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.constantFrom<Words>(['long'], ['unsigned', 'long', 'long'], ['octet'], ['double'], ['string']),
    scoped,
    inParentheses.map((bound) => ['string', '<', ...bound, '>']),
    // A '>' of its own or two as one: both are written.
    fc
      .tuple(tie('any'), fc.boolean())
      .map(([element, apart]) => {
        const inner = element.at(-1) === '>' && !apart ? [...element.slice(0, -1), '>>'] : [...element, '>'];
        return ['sequence', '<', ...inner];
      })
      .filter((words) => !words.includes('>>>')),
    fc
      .tuple(tie('any'), inParentheses)
      .map(([element, bound]) => ['sequence', '<', ...element, ',', ...bound, '>']),
  ),
})).any;

const annotation: fc.Arbitrary<Words> = fc.oneof(
  fc.constantFrom<Words>(['@', 'key'], ['@', 'a::', 'own']),
  fc.tuple(fc.constantFrom('default', 'id'), inParentheses).map(([word, value]) => ['@', word, ...value]),
  fc
    .tuple(expression, expression)
    .map(([min, max]) => ['@', 'range', '(', 'min', '=', ...min, ',', 'max', '=', ...max, ')']),
);
const annotations = fc.array(annotation, { maxLength: 2 }).map((all) => all.flat());

const declarators = fc
  .array(fc.tuple(name, fc.array(expression, { maxLength: 2 })), { minLength: 1, maxLength: 3 })
  .map((all) =>
    all.flatMap(([word, sizes], i) => [
      ...(i === 0 ? [] : [',']),
      word,
      ...sizes.flatMap((size) => ['[', ...size, ']']),
    ]),
  );

const member = fc
  .tuple(annotations, type, declarators)
  .map(([before, of, names]) => [...before, ...of, ...names, ';']);

const unionCase = fc
  .tuple(fc.array(fc.option(expression), { minLength: 1, maxLength: 3 }), annotations, type, name)
  .map(([labels, before, of, word]) => [
    ...labels.flatMap((label) => (label === null ? ['default', ':'] : ['case', ...label, ':'])),
    ...before,
    ...of,
    word,
    ';',
  ]);

const operation = fc
  .tuple(
    annotations,
    type,
    name,
    fc.array(fc.tuple(fc.constantFrom('in', 'out', 'inout'), type, name), { maxLength: 3 }),
  )
  .map(([before, of, word, parameters]) => [
    ...before,
    ...of,
    word,
    '(',
    ...parameters.flatMap(([direction, each, local], i) => [
      ...(i === 0 ? [] : [',']),
      direction,
      ...each,
      local,
    ]),
    ')',
    'raises',
    '(',
    'X',
    ')',
    ';',
  ]);

const enumerators = fc
  .array(fc.tuple(annotations, name), { minLength: 1, maxLength: 6 })
  .map((all) => all.flatMap(([before, word], i) => [...(i === 0 ? [] : [',']), ...before, word]));

const definition: fc.Arbitrary<Words> = fc.letrec<{ any: Words }>((tie) => ({
  any: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc
      .tuple(annotations, name, fc.array(member, { minLength: 1, maxLength: 4 }))
      .map(([before, word, members]) => [...before, 'struct', word, '{', ...members.flat(), '}', ';']),
    fc
      .tuple(annotations, fc.constantFrom('enum', 'bitmask'), name, enumerators)
      .map(([before, kind, word, list]) => [...before, kind, word, '{', ...list, '}', ';']),
    fc
      .tuple(annotations, name, type, fc.array(unionCase, { minLength: 1, maxLength: 4 }))
      .map(([before, word, on, cases]) => [
        ...before,
        ...['union', word, 'switch', '('],
        ...on,
        ...[')', '{'],
        ...cases.flat(),
        ...['}', ';'],
      ]),
    fc
      .tuple(name, scoped, fc.array(operation, { maxLength: 3 }))
      .map(([word, base, operations]) => [
        'interface',
        word,
        ':',
        ...base,
        '{',
        ...operations.flat(),
        '}',
        ';',
      ]),
    fc
      .tuple(name, expression, name)
      .map(([word, bits, field]) => [
        'bitset',
        word,
        '{',
        'bitfield',
        '<',
        '(',
        ...bits,
        ')',
        '>',
        field,
        ';',
        '}',
        ';',
      ]),
    fc.constantFrom<Words>(
      ['@annotation', 'own', '{', 'long', 'value', 'default', '-1', ';', '}', ';'],
      ['exception', 'X', '{', '}', ';'],
      ['struct', 'S', ':', '::', 'm', '::', 'B', '{', '}', ';'],
    ),
    fc.tuple(type, declarators).map(([of, names]) => ['typedef', ...of, ...names, ';']),
    fc.tuple(name, expression).map(([word, value]) => ['const', 'long', word, '=', ...value, ';']),
    fc
      .tuple(name, fc.array(tie('any'), { maxLength: 3 }))
      .map(([word, inner]) => ['module', word, '{', ...inner.flat(), '}', ';']),
  ),
})).any;

/** What may stand between two tokens. */
const gap = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom(' ', '\n', '  ', '\n\n\n', '\t') },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      ' // a comment\n',
      '\n// its own line\n',
      ' /* inline */ ',
      '\n/* a block\n   of lines */\n',
      '\n/**\n* doc\n   * comment */\n',
      ' ///< after\n',
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      '\n#define MACRO 1 \\\n  + 2\n',
      '\n  #pragma once // why\n',
      "\n#if 0\n don't read this {\n#endif\n",
      '\n#ifndef Q\n#else\nstruct Other { long a;\n#endif\n',
    ),
  },
);

/** The text of an IDL file that can be read, however strangely it is laid out; what it says makes no sense. */
export const idlText: fc.Arbitrary<string> = fc
  .array(definition, { minLength: 1, maxLength: 4 })
  .map((all) => all.flat())
  .chain((words) =>
    fc.array(gap, { minLength: words.length, maxLength: words.length }).map((gaps) => {
      // What could be glued sometimes is.
      return words.map((word, i) => gaps[i]! + word).join('');
    }),
  );

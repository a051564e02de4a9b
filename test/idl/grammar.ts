import fc from 'fast-check';

/**
 * Texts in the manner of IDL: the grammar's productions with names, numbers and types that mostly, and not always, fit each
 * other, so that every part of the compiler meets right and wrong input.
 */
const name = fc.constantFrom(
  'A',
  'B',
  'C',
  'a',
  'b',
  'M',
  'M::A',
  '::B',
  'E',
  'X',
  'M::E::X',
  '_long',
  'é',
  'long',
  'true',
);
const declared = fc.constantFrom(
  'A',
  'B',
  'C',
  'D',
  'E',
  'a',
  'b',
  'c',
  'M',
  'X',
  '_enum',
  'String',
  'struct',
);
const number = fc.constantFrom(
  '0',
  '1',
  '2',
  '3',
  '-1',
  '017',
  '0x1F',
  '255',
  '256',
  '2147483648',
  '1.5',
  '.5e3',
  '1.25d',
  '09',
  '5x',
);
const text = fc.constantFrom(
  '"a"',
  'L"a"',
  "'a'",
  "L'\\u2122'",
  '"\\x41"',
  '"\\q"',
  '"',
  'TRUE',
  'FALSE',
  '"a" "b"',
);
const operator = fc.constantFrom('+', '-', '*', '/', '%', '|', '&', '^', '<<', '>>', '+ ~', '==');
const empty = fc.constant('');

const expression = fc.letrec<{ all: string }>((tie) => ({
  all: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.oneof(number, text, name),
    fc.tuple(tie('all'), operator, tie('all')).map((parts) => parts.join(' ')),
    tie('all').map((inner) => `(${inner})`),
    tie('all').map((inner) => `-${inner}`),
  ),
})).all;

const annotationName = fc.constantFrom(
  ...[
    'key',
    'id',
    'optional',
    'default',
    'range',
    'final',
    'mutable',
    'nested',
    'topic',
    'autoid',
    'hashid',
    'external',
  ],
  ...[
    'value',
    'position',
    'bit_bound',
    'unit',
    'min',
    'max',
    'verbatim',
    'Key',
    'own',
    'M::own',
    'try_construct',
    'kye',
  ],
);
const annotation = fc.oneof(
  annotationName.map((word) => `@${word} `),
  fc.tuple(annotationName, expression).map(([word, value]) => `@${word}(${value}) `),
  fc
    .tuple(annotationName, expression, fc.constantFrom('value', 'min', 'name'))
    .map(([word, value, parameter]) => `@${word}(${parameter} = ${value}) `),
);
const annotated = fc.oneof({ weight: 3, arbitrary: empty }, { weight: 1, arbitrary: annotation });

const type = fc.letrec<{ all: string }>((tie) => ({
  all: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom(
      'long',
      'octet',
      'boolean',
      'double',
      'string',
      'wchar',
      'long double',
      'unsigned long long',
      'int8',
      'any',
    ),
    name,
    expression.map((bound) => `string<${bound}>`),
    tie('all').map((element) => `sequence<${element}>`),
    fc.tuple(tie('all'), expression).map(([element, bound]) => `sequence<${element}, ${bound}>`),
    fc
      .tuple(tie('all'), annotated, tie('all'))
      .map(([key, before, value]) => `map<${key}, ${before}${value}>`),
    fc.tuple(expression, expression).map(([digits, scale]) => `fixed<${digits}, ${scale}>`),
  ),
})).all;

const dimension = fc.oneof(
  { weight: 3, arbitrary: empty },
  expression.map((size) => `[${size}]`),
);
const member = fc
  .tuple(annotated, type, declared, dimension)
  .map(([before, of, as, size]) => `${before}${of} ${as}${size};`);
const body = (part: fc.Arbitrary<string>) =>
  fc.array(part, { maxLength: 5 }).map((parts) => `{ ${parts.join(' ')} };`);
const base = fc.oneof(
  { weight: 3, arbitrary: empty },
  name.map((of) => ` : ${of}`),
);
const label = fc.oneof(
  expression.map((value) => `case ${value}:`),
  fc.constant('default:'),
);
const enumerators = fc
  .array(
    fc.tuple(annotated, declared).map((parts) => parts.join('')),
    { maxLength: 5 },
  )
  .map((parts) => `{ ${parts.join(', ')} };`);
const bitfield = fc.tuple(expression, declared).map(([bits, as]) => `bitfield<${bits}> ${as};`);
const operation = fc.oneof(
  fc.tuple(type, declared, type, declared).map(([to, as, of, what]) => `${to} ${as}(in ${of} ${what});`),
  fc.tuple(type, declared).map(([of, as]) => `readonly attribute ${of} ${as};`),
  member,
);

const definition = fc.letrec<{ all: string }>((tie) => ({
  all: fc.oneof(
    { depthSize: 'small' },
    fc
      .tuple(annotated, declared, base, body(member))
      .map(([before, as, of, of2]) => `${before}struct ${as}${of} ${of2}`),
    fc
      .tuple(annotated, declared, type, body(fc.tuple(label, member).map((parts) => parts.join(' '))))
      .map(([before, as, of, cases]) => `${before}union ${as} switch (${of}) ${cases}`),
    fc.tuple(annotated, declared, enumerators).map(([before, as, all]) => `${before}enum ${as} ${all}`),
    fc.tuple(annotated, declared, enumerators).map(([before, as, all]) => `${before}bitmask ${as} ${all}`),
    fc.tuple(declared, base, body(bitfield)).map(([as, of, all]) => `bitset ${as}${of} ${all}`),
    fc
      .tuple(annotated, type, declared, dimension)
      .map(([before, of, as, size]) => `${before}typedef ${of} ${as}${size};`),
    fc.tuple(type, declared, expression).map(([of, as, value]) => `const ${of} ${as} = ${value};`),
    fc.tuple(declared, base, body(operation)).map(([as, of, all]) => `interface ${as}${of} ${all}`),
    fc.tuple(declared, body(member)).map(([as, all]) => `exception ${as} ${all}`),
    fc.tuple(declared, body(member.map((of) => `public ${of}`))).map(([as, all]) => `valuetype ${as} ${all}`),
    fc.tuple(declared, body(member)).map(([as, all]) => `@annotation ${as} ${all}`),
    fc.tuple(fc.constantFrom('struct', 'union', 'interface'), declared).map(([of, as]) => `${of} ${as};`),
    fc.tuple(declared, body(tie('all'))).map(([as, all]) => `module ${as} ${all}`),
  ),
})).all;

const directive = fc.oneof(
  fc.constantFrom(
    '#if A',
    '#ifdef B',
    '#ifndef B',
    '#else',
    '#endif',
    '#elif 1 +',
    '#undef A',
    '#pragma once',
    '#line 7',
    '#',
  ),
  fc.tuple(declared, expression).map(([as, value]) => `#define ${as} ${value}`),
  fc.tuple(declared, definition).map(([as, value]) => `#define ${as}(a, b) ${value} a##b #a`),
  fc.tuple(declared, declared).map(([of, key]) => `#pragma keylist ${of} ${key}`),
  fc.constantFrom('#include "a.idl"', '#include "b.idl"', '#include <c.idl>'),
);

/** A file of several lines. */
export const idlText: fc.Arbitrary<string> = fc
  .array(fc.oneof({ weight: 4, arbitrary: definition }, { weight: 1, arbitrary: directive }), {
    maxLength: 8,
  })
  .map((lines) => lines.join('\n'));

/** What may get into a file by mistake or malice. */
const piece = fc.oneof(
  fc.constantFrom(
    '{',
    '}',
    ';',
    '<',
    '>',
    '>>',
    '(',
    ')',
    ',',
    '::',
    '@',
    '#',
    '##',
    '"',
    "'",
    '/*',
    '*/',
    '//',
    '\\\n',
    '\n',
    '\0',
  ),
  fc.string({ unit: 'binary', maxLength: 5 }),
  declared,
  definition,
);

/** A file in which some stretches are removed, doubled or replaced. */
export const mutatedText: fc.Arbitrary<string> = fc
  .tuple(idlText, fc.array(fc.tuple(fc.nat(), fc.nat({ max: 20 }), piece), { minLength: 1, maxLength: 6 }))
  .map(([whole, changes]) =>
    changes.reduce((now, [where, length, put]) => {
      const at = where % (now.length + 1);
      return now.slice(0, at) + put + now.slice(at + length);
    }, whole),
  );

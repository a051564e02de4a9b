import fc from 'fast-check';

/**
 * Texts in the manner of IDL: the grammar's productions with names, numbers and types that mostly, and not always, fit each
 * other, so that every part of the compiler meets right and wrong input.
 */
/** Stands for a name that nothing else has, until the text is whole. */
const unique = '\u0001';
const uniqueNumber = '\u0002';

/** Mostly the first, so that whole files can be right; else the second. */
function mostly(usual: fc.Arbitrary<string>, rare: fc.Arbitrary<string>, weight = 12): fc.Arbitrary<string> {
  return fc.oneof({ weight, arbitrary: usual }, { weight: 1, arbitrary: rare });
}

const name = fc.constantFrom(
  'n0',
  'n1',
  'n2',
  'n3',
  'n4',
  'A',
  'B',
  'M::A',
  '::B',
  'n1::n2',
  '_long',
  'é',
  'long',
  'true',
);
const declared = mostly(
  fc.constant(unique),
  fc.constantFrom('A', 'B', 'C', 'D', 'E', 'a', 'b', 'c', 'M', 'X', '_enum', 'String', 'struct'),
  20,
);
const number = mostly(
  fc.constantFrom('1', '2', '3', '4', '017', '0x1F'),
  fc.constantFrom('0', '-1', '255', '256', '2147483648', '1.5', '.5e3', '1.25d', '09', '5x'),
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
    mostly(number, fc.oneof(text, name)),
    mostly(
      number,
      fc.tuple(tie('all'), operator, tie('all')).map((parts) => parts.join(' ')),
      3,
    ),
    tie('all').map((inner) => `(${inner})`),
    tie('all').map((inner) => `-${inner}`),
  ),
})).all;

/** What has to be a whole number above 0. */
const size = mostly(fc.constantFrom('1', '2', '3', '(2 + 1)', '0x1F'), expression, 25);

const annotationName = fc.constantFrom(
  ...'key id optional default range final mutable nested topic autoid hashid external value'.split(' '),
  ...'position bit_bound unit min max verbatim Key own M::own try_construct kye'.split(' '),
);
const annotation = fc.oneof(
  annotationName.map((word) => `@${word} `),
  fc.tuple(annotationName, expression).map(([word, value]) => `@${word}(${value}) `),
  fc
    .tuple(annotationName, expression, fc.constantFrom('value', 'min', 'name'))
    .map(([word, value, parameter]) => `@${word}(${parameter} = ${value}) `),
);
const unfitting = mostly(empty, annotation, 30);
const beforeMember = mostly(
  empty,
  mostly(
    fc.constantFrom('@key ', '@optional ', '@unit("m") ', '@default(1) ', '@external ', '@id(77) '),
    annotation,
  ),
  4,
);
const beforeType = mostly(
  empty,
  mostly(fc.constantFrom('@final ', '@mutable ', '@appendable '), annotation),
  4,
);

const type = fc.letrec<{ all: string }>((tie) => ({
  all: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom('long', 'octet', 'boolean', 'double', 'string', 'wchar', 'long double', 'uint64', 'int8'),
    fc.constantFrom('short', 'float', 'char', 'unsigned long long', 'wstring', 'int16'),
    mostly(fc.constant('long'), name, 10),
    size.map((bound) => `string<${bound}>`),
    tie('all').map((element) => `sequence<${element}>`),
    fc.tuple(tie('all'), size).map(([element, bound]) => `sequence<${element}, ${bound}>`),
    fc
      .tuple(mostly(fc.constant('string'), tie('all')), unfitting, tie('all'))
      .map(([key, before, value]) => `map<${key}, ${before}${value}>`),
    mostly(
      fc.constant('fixed<5, 2>'),
      fc.tuple(expression, expression).map(([digits, scale]) => `fixed<${digits}, ${scale}>`),
    ),
  ),
})).all;

const dimension = fc.oneof(
  { weight: 3, arbitrary: empty },
  expression.map((size) => `[${size}]`),
);
const member = fc
  .tuple(beforeMember, type, declared, dimension)
  .map(([before, of, as, size]) => `${before}${of} ${as}${size};`);
const body = (part: fc.Arbitrary<string>, minLength = 0) =>
  fc.array(part, { minLength, maxLength: 5 }).map((parts) => `{ ${parts.join(' ')} };`);
const base = fc.oneof(
  { weight: 3, arbitrary: empty },
  name.map((of) => ` : ${of}`),
);
/** The values of labels, each another, for the same reason. */
const label = mostly(
  fc.constant(`case ${uniqueNumber}:`),
  fc.oneof(
    expression.map((value) => `case ${value}:`),
    fc.constant('default:'),
  ),
);
const enumerators = fc
  .array(
    fc.tuple(beforeType, declared).map((parts) => parts.join('')),
    { minLength: 1, maxLength: 5 },
  )
  .map((parts) => `{ ${parts.join(', ')} };`);
const bitfield = fc.tuple(expression, declared).map(([bits, as]) => `bitfield<${bits}> ${as};`);
const operation = fc.oneof(
  fc.tuple(type, declared, type, declared).map(([to, as, of, what]) => `${to} ${as}(in ${of} ${what});`),
  fc.tuple(type, declared).map(([of, as]) => `readonly attribute ${of} ${as};`),
  mostly(fc.constant(`void ${unique}();`), member),
);

const simple = fc.constantFrom('long', 'octet', 'uint64', 'short', 'int8');
const inCase = fc
  .tuple(unfitting, type, declared, dimension)
  .map(([before, of, as, count]) => `${before}${of} ${as}${count};`);
const parameter = mostly(
  fc.tuple(simple, declared, number).map(([of, as, value]) => `${of} ${as} default ${value};`),
  member,
);

const definition = fc.letrec<{ all: string }>((tie) => ({
  all: fc.oneof(
    { depthSize: 'small' },
    fc
      .tuple(beforeType, declared, base, body(member))
      .map(([before, as, of, of2]) => `${before}struct ${as}${of} ${of2}`),
    fc
      .tuple(
        beforeType,
        declared,
        mostly(simple, type),
        body(
          fc.tuple(label, inCase).map((parts) => parts.join(' ')),
          1,
        ),
      )
      .map(([before, as, of, cases]) => `${before}union ${as} switch (${of}) ${cases}`),
    fc.tuple(beforeType, declared, enumerators).map(([before, as, all]) => `${before}enum ${as} ${all}`),
    fc.tuple(beforeType, declared, enumerators).map(([before, as, all]) => `${before}bitmask ${as} ${all}`),
    fc.tuple(declared, base, body(bitfield, 1)).map(([as, of, all]) => `bitset ${as}${of} ${all}`),
    fc
      .tuple(unfitting, type, declared, dimension)
      .map(([before, of, as, size]) => `${before}typedef ${of} ${as}${size};`),
    fc
      .tuple(mostly(fc.constant('long'), type), declared, expression)
      .map(([of, as, value]) => `const ${of} ${as} = ${value};`),
    fc.tuple(declared, base, body(operation)).map(([as, of, all]) => `interface ${as}${of} ${all}`),
    fc.tuple(declared, body(member)).map(([as, all]) => `exception ${as} ${all}`),
    fc.tuple(declared, body(member.map((of) => `public ${of}`))).map(([as, all]) => `valuetype ${as} ${all}`),
    fc.tuple(declared, body(parameter)).map(([as, all]) => `@annotation ${as} ${all}`),
    mostly(
      fc.tuple(beforeType, body(member)).map(([before, all]) => `${before}struct ${unique} ${all}`),
      fc.tuple(fc.constantFrom('struct', 'union', 'interface'), declared).map(([of, as]) => `${of} ${as};`),
    ),
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

/** With a name of its own for each place that wants one. */
function named(whole: string): string {
  let count = 0;
  return whole.replaceAll(unique, () => `n${count++}`).replaceAll(uniqueNumber, () => String(count++));
}

/** A file of several lines. */
export const idlText: fc.Arbitrary<string> = fc
  .array(fc.oneof({ weight: 6, arbitrary: definition }, { weight: 1, arbitrary: directive }), {
    maxLength: 8,
  })
  .map((lines) => named(lines.join('\n')));

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
      return now.slice(0, at) + named(put) + now.slice(at + length);
    }, whole),
  );

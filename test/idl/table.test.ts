import assert from 'node:assert/strict';
import { codes, formatDiagnostic } from '../../idl/index.js';
import { codesOf, compileText } from './compile.js';
import { annotations } from './rows/annotations.js';
import { constants } from './rows/constants.js';
import { interfaces } from './rows/interfaces.js';
import { names } from './rows/names.js';
import { preprocessor } from './rows/preprocessor.js';
import type { Row } from './rows/row.js';
import { syntax } from './rows/syntax.js';
import { text } from './rows/text.js';
import { types } from './rows/types.js';

const tables: [what: string, rows: readonly Row[]][] = [
  ['source text', text],
  ['directives and macros', preprocessor],
  ['syntax', syntax],
  ['names', names],
  ['types', types],
  ['constants', constants],
  ['annotations', annotations],
  ['interfaces', interfaces],
];

describe('IDL', () => {
  for (const [what, rows] of tables) {
    describe(`of ${what}`, () => {
      for (const [idl, ...expected] of rows) {
        const start = idl.length > 90 ? `${idl.slice(0, 90)}…` : idl;
        // A terminal, or who looks for a text in a log, is not to meet a NUL.
        const shown = start.replaceAll('\0', '\\0');
        const title = expected.length === 0 ? 'is taken' : `gets ${[...new Set(expected)].join(', ')}`;
        it(`${title}: ${shown}`, () => {
          const result = compileText(idl);
          const said = result.diagnostics.map(formatDiagnostic).join('\n');
          assert.deepEqual(codesOf(result).sort(), [...expected].sort(), said);
          const hasErrors = result.diagnostics.some(({ severity }) => severity === 'error');
          assert.equal(result.model === undefined, hasErrors);
        });
      }
    });
  }

  it('has rows for every code, but those that need more than one text', () => {
    // Files, limits: hostile.test.ts and preprocessor.test.ts.
    const elsewhere = ['IDL1001', 'IDL1002', 'IDL1007', 'IDL1009', 'IDL1017', 'IDL1018', 'IDL1019'];
    const tested = new Set(tables.flatMap(([, rows]) => rows.flatMap(([, ...expected]) => expected)));
    assert.deepEqual(
      Object.keys(codes).filter((code) => !tested.has(code) && !elsewhere.includes(code)),
      [],
    );
  });
});

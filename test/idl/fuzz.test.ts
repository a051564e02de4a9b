import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Diagnostic, Span } from '../../idl/index.js';
import { allMembers, codes, compile, formatDiagnostic, memoryHost } from '../../idl/index.js';
import { idlText, mutatedText } from './grammar.js';

/** `IDL_FUZZ=100000 npm run fuzz:idl` makes it long; IDL_FUZZ_SEED repeats one. */
const inputs = Number(process.env['IDL_FUZZ'] ?? 2000);
const seed = process.env['IDL_FUZZ_SEED'];
const inputMsMax = 5000;

function isInside({ file, offset, length }: Span): boolean {
  return offset >= 0 && length >= 0 && offset + length <= file.text.length;
}

function checkDiagnostic(diagnostic: Diagnostic): void {
  const { code, span, message, notes } = diagnostic;
  assert.ok(code in codes);
  assert.match(message, /[.?…"'\w)]$/);
  for (const place of [span, ...notes.map((note) => note.span)]) {
    assert.ok(
      isInside(place),
      `${code} at ${place.offset}, ${place.length} long, of ${place.file.text.length}`,
    );
    const { line, column } = place.file.locate(place.offset);
    assert.ok(line >= 1 && column >= 1);
  }
  assert.ok(formatDiagnostic(diagnostic).includes(code));
}

/** Compiles, and looks at all that comes of it. */
function compileAndCheck(text: string, other: string): void {
  const host = memoryHost({ 'a.idl': text, 'b.idl': other });
  const started = performance.now();
  const { model, diagnostics } = compile({ files: ['a.idl'], host });
  assert.ok(performance.now() - started < inputMsMax, 'it takes too long');
  diagnostics.forEach(checkDiagnostic);
  const hasErrors = diagnostics.some(({ severity }) => severity === 'error');
  assert.equal(model === undefined, hasErrors);
  for (const definition of model?.definitions.values() ?? []) {
    assert.ok(isInside(definition.span));
    if (definition.kind !== 'struct') continue;
    const ids = allMembers(model!, definition).map(({ id }) => id);
    assert.equal(new Set(ids).size, ids.length);
  }
}

describe('any text', function () {
  this.timeout(Math.max(60_000, inputs * 20));
  const parameters = { numRuns: inputs / 2, ...(seed === undefined ? {} : { seed: Number(seed) }) };

  it('made by the grammar gets a model or errors, each at a place in it, and soon', () => {
    fc.assert(fc.property(idlText, idlText, compileAndCheck), parameters);
  });

  it('with mistakes in it gets a model or errors, each at a place in it, and soon', () => {
    fc.assert(fc.property(mutatedText, idlText, compileAndCheck), parameters);
  });
});

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { codes as idlCodes } from '../../idl/codes.js';
import { closeCodes } from '../../runtime/gateway/wire/index.js';
import { readPage, root } from './markdown.js';

const layers = ['idl', 'codegen', 'qos', 'transport', 'runtime', 'bin'];
const reference = readPage('docs/reference.md');

/** The first cells of the tables of the reference that are codes. */
function documented(code: RegExp): string[] {
  return [...reference.matchAll(/^\| `([A-Z0-9_]+)`/gm)]
    .map((match) => match[1]!)
    .filter((cell) => code.test(cell));
}

describe('the error codes of the reference', () => {
  it('are all that the sources have, and no others', () => {
    const inSources = new Set<string>();
    for (const layer of layers) {
      for (const file of readdirSync(root + layer, { recursive: true, encoding: 'utf8' })) {
        if (!file.endsWith('.ts')) continue;
        const source = readFileSync(`${root}${layer}/${file}`, 'utf8');
        for (const [code] of source.matchAll(/\bBE_[A-Z]+(?:_[A-Z]+)*\b/g)) inSources.add(code);
      }
    }
    assert.deepEqual([...new Set(documented(/^BE_/))].sort(), [...inSources].sort());
  });

  it('stand in its one table of codes, each once', () => {
    const all = documented(/^BE_/);
    assert.deepEqual(
      all.filter((code, i) => all.indexOf(code) !== i),
      [],
    );
  });

  it('of IDL are those of the compiler, with its own titles and severities', () => {
    assert.deepEqual(documented(/^IDL\d/), Object.keys(idlCodes));
    for (const [code, { severity, title }] of Object.entries(idlCodes)) {
      const row = new RegExp(`^\\| \`${code}\` +\\| ${severity} +\\| (.*?) +\\|`, 'm').exec(reference);
      assert.equal(row?.[1], title, code);
    }
  });

  it('of the WebSocket are those of the subprotocol', () => {
    const inReference = documented(/^\d{4}$/).map(Number);
    assert.deepEqual(inReference, Object.values(closeCodes));
  });
});

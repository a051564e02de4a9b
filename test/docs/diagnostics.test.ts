import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { codes, compile, formatDiagnostic, memoryHost } from '../../idl/index.js';
import type { Block } from './markdown.js';
import { blocksOf, readPage, root } from './markdown.js';

/** What a block stands for: `⟨x × 3⟩` is `xxx`, and a block marked `latin1` a file in that encoding. */
function contentOf({ text, marks }: Block): string | Uint8Array {
  const whole = text.trimEnd().replaceAll(/⟨([^⟩]*) × (\d+)⟩/g, (_, part: string, count: string) => {
    return (marks.includes('spaced') ? `${part} ` : part).repeat(Number(count));
  });
  return marks.includes('latin1') ? Buffer.from(whole, 'latin1') : whole;
}

/** The codes that the blocks of one kind get: the first is the file that is compiled, others are named. */
function codesOf(blocks: readonly Block[], kind: 'wrong' | 'right'): { codes: string[]; said: string } {
  const files: Record<string, string | Uint8Array> = {};
  for (const block of blocks.filter(({ language, marks }) => language === 'idl' && marks[0] === kind)) {
    const name = block.marks.find((mark) => mark.endsWith('.idl')) ?? 'a.idl';
    files[name] = contentOf(block);
  }
  const { diagnostics } = compile({ files: ['a.idl'], host: memoryHost(files) });
  const said = diagnostics.slice(0, 10).map(formatDiagnostic).join('\n');
  return { codes: [...new Set(diagnostics.map(({ code }) => code))], said };
}

describe('the pages of the diagnostics', () => {
  it('are one for each code, and no others', () => {
    const pages = readdirSync(`${root}docs/diagnostics`).sort();
    assert.deepEqual(
      pages,
      Object.keys(codes).map((code) => `${code}.md`),
    );
  });

  for (const [code, { severity, title }] of Object.entries(codes)) {
    it(`${code} has its title, a file that gets it and nothing else, and one that gets nothing`, () => {
      const page = readPage(`docs/diagnostics/${code}.md`);
      assert.ok(
        page.startsWith(`# ${code}: ${title}\n\nA${severity === 'error' ? 'n error' : ' warning'}. `),
      );
      const blocks = blocksOf(page);
      const wrong = codesOf(blocks, 'wrong');
      // Of too many problems each has a code of its own.
      const expected = code === 'IDL1019' ? ['IDL1003', code] : [code];
      assert.deepEqual(wrong.codes, expected, wrong.said);
      if (!blocks.some(({ marks }) => marks[0] === 'right')) return;
      const right = codesOf(blocks, 'right');
      assert.deepEqual(right.codes, [], right.said);
    });
  }
});

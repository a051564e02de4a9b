import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import ts from 'typescript';
import { generate } from '../../codegen/index.js';
import { compile, formatDiagnostic } from '../../idl/index.js';
import { type Block, blocksOf, readPage, root } from './markdown.js';

/**
 * Blocks of the pages that are no mere illustration:
 *
 * - `idl NAME.idl`: a file; what is generated from it is in `./generated/NAME.js`, for all blocks of the page;
 * - `ts run`: a program. It has to end by itself, and where a `text` block comes next, to print exactly that;
 * - `ts check`: a program that is not run (it needs a browser, or two terminals), and has to be right by its types.
 */
const pages = ['README.md', 'docs/guide.md', 'docs/reference.md'];

const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
const cache = `${root}node_modules/.cache/bowecho-docs/${process.pid}`;
const runMsMax = 20_000;

interface Example {
  readonly block: Block;
  readonly file: string;
  readonly expected: string | undefined;
}

/** Makes a project of a page: it finds `bowecho` as a user's does. */
function project(page: string): { folder: string; examples: Example[] } {
  const folder = join(cache, page.replaceAll(/\W/g, '-'));
  mkdirSync(`${folder}/generated`, { recursive: true });
  mkdirSync(`${folder}/node_modules`);
  symlinkSync(root, `${folder}/node_modules/bowecho`);
  writeFileSync(`${folder}/package.json`, '{ "type": "module" }');
  const blocks = blocksOf(readPage(page));
  for (const { language, marks, text } of blocks) {
    if (language === 'idl' && marks[0] !== undefined) generateFrom(folder, marks[0], text);
  }
  const examples = blocks.flatMap((block, i) => {
    if (block.language !== 'ts' || block.marks.length === 0) return [];
    const file = `${folder}/line-${block.line}.ts`;
    writeFileSync(file, block.text);
    const next = blocks[i + 1];
    return [{ block, file, expected: next?.language === 'text' ? next.text : undefined }];
  });
  return { folder, examples };
}

function generateFrom(folder: string, name: string, text: string): void {
  writeFileSync(join(folder, name), text);
  const { model, diagnostics } = compile({ files: [join(folder, name)] });
  assert.ok(model, diagnostics.map(formatDiagnostic).join('\n'));
  for (const file of generate(model)) writeFileSync(`${folder}/generated/${file.name}`, file.text);
}

/** Runs a program to its end; gives what it printed. */
async function run(file: string, runtimeDirectory: string): Promise<string> {
  const child = spawn(process.execPath, ['--import', tsx, file], {
    cwd: root,
    // Domains and logs of its own: no other run of the same page on this machine is met.
    env: {
      ...process.env,
      XDG_RUNTIME_DIR: runtimeDirectory,
      XDG_STATE_HOME: runtimeDirectory,
      NODE_OPTIONS: '',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let printed = '';
  let complaints = '';
  child.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (complaints += chunk.toString()));
  const timer = setTimeout(() => child.kill('SIGKILL'), runMsMax);
  const [code, signal] = await new Promise<[number | null, string | null]>((resolve) =>
    child.once('close', (...end) => resolve(end)),
  );
  clearTimeout(timer);
  assert.equal(signal, null, `it did not end within ${runMsMax} ms; it printed:\n${printed}${complaints}`);
  assert.equal(code, 0, `exit code ${code}:\n${complaints}`);
  assert.equal(complaints, '', 'it complained on standard error');
  return printed;
}

describe('the examples of the pages', () => {
  let runtimeDirectory: string;

  before(() => {
    runtimeDirectory = mkdtempSync(join(tmpdir(), 'be-docs-'));
  });

  after(() => {
    rmSync(runtimeDirectory, { recursive: true, force: true });
    rmSync(cache, { recursive: true, force: true });
  });

  for (const page of pages) {
    describe(page, () => {
      const blocks = blocksOf(readPage(page)).filter(({ language, marks }) => language === 'ts' && marks[0]);
      let made: ReturnType<typeof project>;

      before(() => {
        made = project(page);
      });

      it('carry only marks that mean something', () => {
        for (const { marks, line } of blocks)
          assert.ok(marks.length === 1 && ['run', 'check'].includes(marks[0]!), `line ${line}: ${marks}`);
      });

      it('are right by their types, under the strictest settings', function () {
        this.timeout(60_000);
        const program = ts.createProgram(
          made.examples.map(({ file }) => file),
          {
            target: ts.ScriptTarget.ES2023,
            module: ts.ModuleKind.NodeNext,
            moduleDetection: ts.ModuleDetectionKind.Force,
            lib: ['lib.es2023.d.ts', 'lib.esnext.disposable.d.ts', 'lib.dom.d.ts'],
            types: ['node'],
            strict: true,
            exactOptionalPropertyTypes: true,
            noUncheckedIndexedAccess: true,
            skipLibCheck: true,
            noEmit: true,
          },
        );
        const problems = ts.getPreEmitDiagnostics(program);
        const host = {
          getCurrentDirectory: () => made.folder,
          getCanonicalFileName: (name: string) => name,
          getNewLine: () => '\n',
        };
        assert.equal(ts.formatDiagnostics(problems, host), '');
      });

      for (const { line, marks } of blocks) {
        if (marks[0] !== 'run') continue;
        it(`the one in line ${line} runs, and prints what the page says`, async function () {
          this.timeout(runMsMax + 5000);
          const { file, expected } = made.examples.find(({ block }) => block.line === line)!;
          const printed = await run(file, runtimeDirectory);
          if (expected !== undefined) assert.equal(printed, expected);
        });
      }
    });
  }

  it('are there: the README has a program that runs, and the guide has several', () => {
    const runnable = (page: string) =>
      blocksOf(readPage(page)).filter(({ language, marks }) => language === 'ts' && marks.includes('run'));
    assert.ok(runnable('README.md').length >= 1);
    assert.ok(runnable('docs/guide.md').length >= 8);
  });
});

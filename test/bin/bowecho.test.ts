import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const command = fileURLToPath(new URL('../../bin/bowecho.ts', import.meta.url));
const tsx = import.meta.resolve('tsx');

describe('the bowecho command', function () {
  this.timeout(60_000);
  let folder: string;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'bowecho-'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  /** Runs it in a process of its own, in the folder of the test. */
  function bowecho(...args: string[]): { code: number | null; out: string; err: string } {
    const { status, stdout, stderr } = spawnSync(process.execPath, ['--import', tsx, command, ...args], {
      cwd: folder,
      encoding: 'utf8',
    });
    return { code: status, out: stdout, err: stderr };
  }

  function file(name: string, text: string): void {
    mkdirSync(join(folder, name, '..'), { recursive: true });
    writeFileSync(join(folder, name), text);
  }

  it('generates TypeScript, of included files too, and leaves alone what would not change', () => {
    file('a.idl', '#include <b.idl>\nstruct A { B b; long n[N]; };');
    file('include/b.idl', '@nested struct B { long b; };');
    const run = () => bowecho('gen', 'a.idl', '--out', 'out/sub', '-I', 'include', '-D', 'N=3', '--proto');
    assert.deepEqual(run(), { code: 0, out: '', err: '' });
    assert.deepEqual(readdirSync(join(folder, 'out/sub')), ['a.proto', 'a.ts', 'b.proto', 'b.ts']);
    const text = readFileSync(join(folder, 'out/sub/a.ts'), 'utf8');
    assert.match(text, /from 'bowecho\/codegen\/support'/);
    assert.match(text, /from '\.\/b\.js'/);
    const { mtimeMs } = statSync(join(folder, 'out/sub/a.ts'));
    assert.equal(run().code, 0);
    assert.equal(statSync(join(folder, 'out/sub/a.ts')).mtimeMs, mtimeMs);
  });

  it('generates JavaScript with declarations', () => {
    file('c.idl', 'struct C { long a; };');
    assert.equal(bowecho('gen', 'c.idl', '-o', 'js', '--js', '--support', '../support.js').code, 0);
    assert.deepEqual(readdirSync(join(folder, 'js')), ['c.d.ts', 'c.js']);
    assert.match(readFileSync(join(folder, 'js/c.js'), 'utf8'), /from '\.\.\/support\.js'/);
  });

  it('ends with code 1 on errors in IDL, shows them all with their places, and generates nothing', () => {
    file('bad.idl', 'struct S {\n  strin a;\n  long b\n};\n');
    for (const args of [
      ['check', 'bad.idl'],
      ['gen', 'bad.idl', '--out', 'none'],
    ]) {
      const { code, out, err } = bowecho(...args);
      assert.equal(code, 1);
      assert.equal(out, '');
      assert.match(err, /bad\.idl:2:3: error IDL3003: .*'strin'.*\n {2}2 \| {3}strin a;\n {4}\| {3}\^~~~~/);
      assert.match(err, /bad\.idl:3:9: error IDL2002/);
      assert.match(err, /bowecho: 2 errors\n$/);
    }
    assert.ok(!existsSync(join(folder, 'none')));
  });

  it('tells diagnostics as JSON', () => {
    file('warn.idl', '#pragma x\nstruct S { long a; };');
    const warned = bowecho('check', '--json', 'warn.idl');
    assert.equal(warned.code, 0);
    const [diagnostic] = JSON.parse(warned.out) as { code: string; severity: string; line: number }[];
    assert.deepEqual([diagnostic?.code, diagnostic?.severity, diagnostic?.line], ['IDL1016', 'warning', 1]);
    const failed = bowecho('check', '--json', 'missing.idl');
    assert.equal(failed.code, 1);
    assert.equal(failed.err, '');
    assert.equal((JSON.parse(failed.out) as { code: string }[])[0]?.code, 'IDL1001');
  });

  it('says what is wrong with its arguments, with code 2', () => {
    file('ok.idl', 'struct S { long a; };');
    const wrong: [args: string[], message: RegExp][] = [
      [['chek', 'ok.idl'], /unknown command 'chek'\n\(Did you mean check\?\)/],
      [['gen', 'ok.idl'], /required option '-o, --out <folder>' not specified/],
      [['check'], /missing required argument 'files'/],
      [['check', '--jsn', 'ok.idl'], /unknown option '--jsn'\n\(Did you mean --json\?\)/],
      [['check', '-D', '1x', 'ok.idl'], /NAME or NAME=VALUE/],
      [['init', 'a', 'b'], /too many arguments/],
    ];
    for (const [args, message] of wrong) {
      const { code, err } = bowecho(...args);
      assert.equal(code, 2, args.join(' '));
      assert.match(err, message);
    }
  });

  it('says where it cannot write', () => {
    file('ok.idl', 'struct S { long a; };');
    const { code, err } = bowecho('gen', 'ok.idl', '--out', 'ok.idl/out');
    assert.equal(code, 1);
    assert.match(err, /^bowecho: cannot write to 'ok\.idl\/out': /);
  });

  it('tells its version and its commands', () => {
    assert.match(bowecho('--version').out, /^\d+\.\d+\.\d+\n$/);
    const { code, out } = bowecho('--help');
    assert.equal(code, 0);
    for (const name of ['init', 'gen', 'check']) assert.match(out, new RegExp(`^ {2}${name} `, 'm'));
  });

  it('makes a project whose IDL is right, and overwrites nothing', () => {
    assert.equal(bowecho('init', 'My Project').code, 0);
    const { name, type } = JSON.parse(
      readFileSync(join(folder, 'My Project/package.json'), 'utf8'),
    ) as Record<string, string>;
    assert.deepEqual([name, type], ['my-project', 'module']);
    assert.equal(bowecho('gen', 'My Project/idl/weather.idl', '--out', 'My Project/src/generated').code, 0);
    const again = bowecho('init', 'My Project');
    assert.equal(again.code, 1);
    assert.match(again.err, /already in 'My Project', and nothing is overwritten/);
  });
});

import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { CommandFolder } from './command-folder.js';

describe('the bowecho command', function () {
  this.timeout(60_000);
  const work = new CommandFolder();
  const { path: folder } = work;
  after(() => work.remove());
  const bowecho = (...args: string[]) => work.run(args);
  const file = (name: string, text: string) => work.write(name, text);

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

  it('writes rules for make', () => {
    file('my a.idl', '#include "$b.idl"\n#include "c#.idl"\nstruct A { B b; C c; };');
    file('$b.idl', '@nested struct B { long b; };');
    file('c#.idl', '@nested struct C { long c; };');
    assert.equal(bowecho('gen', 'my a.idl', '-o', 'made', '--depfile', 'a.d').code, 0);
    assert.equal(
      readFileSync(join(folder, 'a.d'), 'utf8'),
      'made/$$b.ts made/c\\#.ts made/my\\ a.ts: $$b.idl c\\#.idl my\\ a.idl\n\n$$b.idl:\n\nc\\#.idl:\n\nmy\\ a.idl:\n',
    );
    assert.match(
      bowecho('gen', 'my a.idl', '-o', 'made', '--depfile', 'nowhere/a.d').err,
      /cannot write to 'nowhere\/a\.d'/,
    );
  });

  it('takes the standard input for a file, which can include others', () => {
    file('other.idl', 'struct Other { long a; };');
    const { code, err } = work.run(['check', '-'], '#include "other.idl"\nstruct S { Othr a; };');
    assert.equal(code, 1);
    assert.match(err, /^stdin\.idl:2:12: error IDL3003: .*Did you mean 'Other'/);
    const named = work.run(
      ['gen', '-', '--stdin-path', 'sub/piped.idl', '-o', 'piped'],
      'struct S { long a; };',
    );
    assert.deepEqual([named.code, readdirSync(join(folder, 'piped'))], [0, ['piped.ts']]);
  });

  it('takes a folder for the IDL files in it, in the order of their names', () => {
    for (const name of ['b.idl', 'a.idl', 'sub/c.idl', 'node_modules/x/d.idl', '.git/e.idl', 'f.txt']) {
      file(`all/${name}`, '$');
    }
    const files = bowecho('check', 'all').err.matchAll(/^(\S+?):1:1/gm);
    assert.deepEqual(
      [...files].map(([, name]) => name),
      ['all/a.idl', 'all/b.idl', 'all/sub/c.idl'],
    );
    file('none/f.txt', '');
    assert.match(bowecho('check', 'none').err, /there is no \.idl file in 'none'/);
  });

  it('prints what the preprocessor leaves', () => {
    file(
      'pre.idl',
      '#include "inc.idl"\n#define N 3 // three\nconst long A = N + M;\n\nconst char B = \'x\';\n',
    );
    file('inc.idl', '#define M 4\nconst string S = "a\\n" "b";');
    const { code, out } = bowecho('check', '-E', 'pre.idl');
    assert.equal(code, 0);
    assert.equal(
      out,
      '#line 2 "inc.idl"\nconst string S = "a\\n" "b";\n#line 3 "pre.idl"\nconst long A = 3 + 4 ;\n\nconst char B = \'x\';\n',
    );
    const failed = work.run(['check', '-E', '-'], '#include "gone.idl"\nconst long A = 1;');
    assert.deepEqual([failed.code, failed.out], [1, '#line 2 "stdin.idl"\nconst long A = 1;\n']);
    assert.match(failed.err, /stdin\.idl:1:10: error IDL1008/);
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

  it('takes warnings for errors, or lets them pass, as it is told', () => {
    file('warn.idl', '#pragma x\n@own struct S { long a; };');
    const codes = (...args: string[]) => {
      const { code, out } = bowecho('check', '--json', 'warn.idl', ...args);
      const all = JSON.parse(out) as { code: string; severity: string }[];
      return [code, ...all.map((each) => `${each.severity} ${each.code}`)];
    };
    assert.deepEqual(codes(), [0, 'warning IDL1016', 'warning IDL4101']);
    assert.deepEqual(codes('-Werror'), [1, 'error IDL1016', 'error IDL4101']);
    assert.deepEqual(codes('-Wignore'), [0]);
    assert.deepEqual(codes('-W', 'error', '-Wignore=IDL1016'), [1, 'error IDL4101']);
    assert.deepEqual(codes('--warnings', 'error=IDL1016'), [1, 'error IDL1016', 'warning IDL4101']);
  });

  it('says what is wrong with its arguments, with code 2', () => {
    file('ok.idl', 'struct S { long a; };');
    const wrong: [args: string[], message: RegExp][] = [
      [['chek', 'ok.idl'], /unknown command 'chek'\n\(Did you mean check\?\)/],
      [['gen', 'ok.idl'], /required option '-o, --out <folder>' not specified/],
      [['check'], /missing required argument 'files'/],
      [['check', '--jsn', 'ok.idl'], /unknown option '--jsn'\n\(Did you mean --json\?\)/],
      [['check', '-D', '1x', 'ok.idl'], /NAME or NAME=VALUE/],
      [['check', '-Wall', 'ok.idl'], /It is written error, warning or ignore/],
      [['check', '-Werror=IDL0', 'ok.idl'], /There is no diagnostic 'IDL0'/],
      [['check', '-Wignore=IDL2001', 'ok.idl'], /IDL2001 is an error, and stays one/],
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
    for (const name of ['init', 'gen', 'check', 'fmt', 'breaking', 'watch', 'lsp'])
      assert.match(out, new RegExp(`^ {2}${name} `, 'm'));
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

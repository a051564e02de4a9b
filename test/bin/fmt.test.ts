import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CommandFolder } from './command-folder.js';

describe('bowecho fmt', function () {
  this.timeout(60_000);
  const work = new CommandFolder();
  after(() => work.remove());
  const contentOf = (name: string) => readFileSync(join(work.path, name), 'utf8');
  const rough = '// S\nstruct S{long a;};';
  const smooth = '// S\nstruct S {\n  long a;\n};\n';

  it('formats files in place, and names those that it changed', () => {
    work.write('a/rough.idl', rough);
    work.write('a/smooth.idl', smooth);
    assert.deepEqual(work.run(['fmt', 'a']), { code: 0, out: 'a/rough.idl\n', err: '' });
    assert.equal(contentOf('a/rough.idl'), smooth);
    assert.deepEqual(work.run(['fmt', 'a']), { code: 0, out: '', err: '' });
  });

  it('only checks where it is told to', () => {
    work.write('rough.idl', rough);
    work.write('smooth.idl', smooth);
    const { code, out, err } = work.run(['fmt', '--check', 'rough.idl', 'smooth.idl']);
    assert.deepEqual([code, out], [1, 'rough.idl\n']);
    assert.match(err, /^bowecho: 1 file is not formatted: run bowecho fmt without --check\n$/);
    assert.equal(contentOf('rough.idl'), rough);
    assert.equal(work.run(['fmt', '--check', 'smooth.idl']).code, 0);
  });

  it('formats the standard input to the standard output', () => {
    assert.deepEqual(work.run(['fmt', '-'], rough), { code: 0, out: smooth, err: '' });
    assert.equal(work.run(['fmt', '-', '--check'], rough).code, 1);
    assert.match(work.run(['fmt', '-', 'rough.idl'], rough).err, /'-' goes with no other file/);
  });

  it('leaves alone what cannot be read, says why, and formats the others', () => {
    work.write('bad.idl', 'struct S{long a};');
    work.write('good.idl', rough);
    const { code, out, err } = work.run(['fmt', 'bad.idl', 'good.idl', 'missing.idl']);
    assert.deepEqual([code, out], [1, 'good.idl\n']);
    assert.match(err, /bad\.idl:1:16: error IDL2002/);
    assert.match(err, /missing\.idl:1:1: error IDL1001/);
    assert.match(err, /bowecho: 2 files are left as they are/);
    assert.equal(contentOf('bad.idl'), 'struct S{long a};');
    assert.deepEqual(work.run(['fmt', '-'], 'struct S{long a};').out, '');
  });
});

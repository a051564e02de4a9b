import assert from 'node:assert/strict';
import { CommandFolder } from './command-folder.js';

describe('bowecho breaking', function () {
  this.timeout(60_000);
  const work = new CommandFolder();
  after(() => work.remove());

  work.write(
    'old.idl',
    '@topic struct A { long a; }; @topic struct B { @key long b; }; @topic struct Gone { long a; };',
  );

  it('says for each topic which side understands which, and why not', () => {
    work.write(
      'new.idl',
      '@topic struct A { long a; string<5> b; }; @topic struct B { string b; }; @topic struct C { long a; };',
    );
    assert.deepEqual(work.run(['breaking', 'old.idl', 'new.idl']), {
      code: 1,
      out: `A: compatible
  old readers read new writers: yes
  new readers read old writers: yes
B: breaking
  old readers read new writers: no
    B.b: it is a @key member on one side only
  new readers read old writers: no
    B.b: it is a @key member on one side only
C: added
Gone: removed
`,
      err: 'bowecho: 2 of 4 topics broken\n',
    });
  });

  it('says it as JSON', () => {
    const { code, out } = work.run(['breaking', '--json', 'old.idl', 'old.idl']);
    assert.equal(code, 0);
    assert.deepEqual(JSON.parse(out), [
      { name: 'A', change: 'none' },
      { name: 'B', change: 'none' },
      { name: 'Gone', change: 'none' },
    ]);
  });

  it('succeeds where both directions work, one way round a larger bound does not', () => {
    work.write('small.idl', '@topic struct A { string<5> a; };');
    work.write('large.idl', '@topic struct A { string<9> a; };');
    const { code, out } = work.run(['breaking', 'small.idl', 'large.idl']);
    assert.equal(code, 1);
    assert.match(
      out,
      /old readers read new writers: no\n {4}A\.a: .*\n {2}new readers read old writers: yes\n$/,
    );
    assert.equal(work.run(['breaking', 'small.idl', 'small.idl']).code, 0);
  });

  it('tells errors of the files', () => {
    work.write('bad.idl', '#pragma x\nstruct S { lng a; };');
    const { code, err } = work.run(['breaking', 'old.idl', 'bad.idl']);
    assert.equal(code, 1);
    assert.match(err, /bad\.idl:2:12: error IDL3003/);
    const json = work.run(['breaking', '--json', 'old.idl', 'bad.idl']);
    assert.equal((JSON.parse(json.out) as unknown[]).length, 2);
  });
});

import assert from 'node:assert/strict';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { CommandFolder } from './command-folder.js';

/** What a process writes on its standard error, waited for piece by piece. */
class Messages {
  #text = '';
  #ended = false;
  #waiting: (() => void) | undefined;

  constructor(child: ChildProcessWithoutNullStreams) {
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#text += text;
      this.#waiting?.();
    });
    child.once('exit', () => {
      this.#ended = true;
      this.#waiting?.();
    });
  }

  /** Waits for the next message that ends with `watching`, and gives all since the last. */
  async next(): Promise<string> {
    for (;;) {
      const end = this.#text.indexOf('; watching\n');
      if (end >= 0) {
        const message = this.#text.slice(0, end);
        this.#text = this.#text.slice(end + '; watching\n'.length);
        return message;
      }
      assert.ok(!this.#ended, `the process has ended:\n${this.#text}`);
      await new Promise<void>((resolve) => (this.#waiting = resolve));
    }
  }
}

describe('bowecho watch', function () {
  this.timeout(20_000);
  const work = new CommandFolder();
  let child: ChildProcessWithoutNullStreams;
  let messages: Messages;
  after(() => work.remove());
  const start = (...args: string[]) => {
    child = work.start(['watch', ...args]);
    messages = new Messages(child);
  };
  afterEach(async () => {
    if (child.exitCode !== null) return;
    child.kill();
    await once(child, 'exit');
  });

  it('generates again after each change, of included files too, and goes on after errors', async () => {
    work.write('a.idl', '#include "sub/b.idl"\nstruct A { B b; };');
    work.write('sub/b.idl', 'struct B { long x; };');
    start('a.idl', '-o', 'out');
    assert.equal(await messages.next(), "bowecho: generated into 'out'");
    work.write('sub/b.idl', 'struct B { lng x; };');
    const broken = await messages.next();
    assert.match(
      broken,
      /^bowecho: sub\/b\.idl changed\n[^]*sub\/b\.idl:1:12: error IDL3003[^]*bowecho: 1 error$/,
    );
    // As editors save: another file takes the place of the old one.
    work.write('sub/b.idl~', 'struct B { string y; };');
    renameSync(join(work.path, 'sub/b.idl~'), join(work.path, 'sub/b.idl'));
    assert.match(await messages.next(), /^bowecho: sub\/b\.idl changed\nbowecho: generated into 'out'$/);
    assert.match(readFileSync(join(work.path, 'out/b.ts'), 'utf8'), /readonly y: string|y: string/);
  });

  it('waits for files that are missing, in folders that are missing', async () => {
    work.write('c.idl', '#include "later/deep/d.idl"\nstruct C { D d; };');
    start('c.idl');
    assert.match(await messages.next(), /IDL1008[^]*errors?$/);
    mkdirSync(join(work.path, 'later/deep'), { recursive: true });
    work.write('later/deep/d.idl', 'struct D { long x; };');
    assert.match(await messages.next(), /^bowecho: later\/deep\/d\.idl changed\nbowecho: no errors$/);
    rmSync(join(work.path, 'later'), { recursive: true });
    assert.match(await messages.next(), /IDL1008/);
  });

  it('watches folders for new files', async () => {
    work.write('all/a.idl', 'struct A { long x; };');
    start('all');
    assert.equal(await messages.next(), 'bowecho: no errors');
    work.write('all/sub/b.idl', 'struct B { lng x; };');
    assert.match(await messages.next(), /^bowecho: all\/sub\/b\.idl changed\nall\/sub\/b\.idl:1:12: error/);
    rmSync(join(work.path, 'all'), { recursive: true });
    // It may be seen while it is being emptied.
    let gone = await messages.next();
    while (gone.includes('there is no .idl file')) gone = await messages.next();
    assert.match(gone, /all(?:\S*\.idl)?:1:1: error IDL1001/);
    work.write('all/c.idl', 'struct C { long x; };');
    assert.match(await messages.next(), /bowecho: no errors$/);
  });

  it('does not watch the standard input', async () => {
    start('-');
    assert.deepEqual(await once(child, 'exit'), [1, null]);
  });
});

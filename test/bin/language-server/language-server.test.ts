import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Range } from './client.js';
import { Client, marked } from './client.js';

interface Location {
  readonly uri: string;
  readonly range: Range;
}

const start = ({ range }: { range: Range }): string => `${range.start.line}:${range.start.character}`;

describe('the language server', function () {
  this.timeout(30_000);
  let root: string;
  /** Serves all tests that need none of their own. */
  let shared: Client;
  let client: Client;
  let count = 0;

  before(async () => {
    root = mkdtempSync(join(tmpdir(), 'bowecho-lsp-'));
    shared = new Client(root);
    await shared.initialize();
  });
  after(async () => {
    shared.kill();
    await shared.exited();
    rmSync(root, { recursive: true, force: true });
  });
  beforeEach(() => {
    client = shared;
    client.folder = `test-${++count}`;
  });
  afterEach(async () => {
    assert.deepEqual(client.errors, []);
    client.shutAll();
    if (client === shared) return;
    client.kill();
    await client.exited();
  });

  /** From here on the test has a server of its own, which is not initialized yet. */
  function ownServer(...args: string[]): void {
    mkdirSync(client.path(''), { recursive: true });
    client = new Client(client.path(''), args);
  }

  function file(name: string, text: string): void {
    mkdirSync(dirname(client.path(name)), { recursive: true });
    writeFileSync(client.path(name), text);
  }

  /** Opens a document whose marks are taken out, and waits until it is looked at. */
  async function open(name: string, text: string) {
    const { text: plain, marks } = marked(text);
    client.open(name, plain);
    const shown = await client.shown(name);
    return { marks, shown, text: plain };
  }

  describe('shows what is wrong', () => {
    it('in a document as it is opened, changed and closed', async () => {
      const { shown } = await open('a.idl', 'struct S {\n  strin a;\n};\n');
      assert.deepEqual(
        shown.map(({ code, range, message }) => [code, range, message]),
        [
          [
            'IDL3003',
            { start: { line: 1, character: 2 }, end: { line: 1, character: 7 } },
            "There is no type 'strin'. Did you mean 'string'?",
          ],
        ],
      );
      client.change('a.idl', {
        range: { start: { line: 1, character: 7 }, end: { line: 1, character: 7 } },
        text: 'g',
      });
      assert.deepEqual(await client.shown('a.idl'), []);
      client.change('a.idl', { text: '$' });
      assert.deepEqual(
        (await client.shown('a.idl')).map(({ code }) => code),
        ['IDL1003'],
      );
      client.shut('a.idl');
      assert.deepEqual(await client.shown('a.idl'), []);
    });

    it('with open documents in place of saved ones, and of files that are not open too', async () => {
      file('b.idl', 'struct B { lng b; };');
      file('c.idl', 'struct C { lng c; };');
      client.open('a.idl', '#include "b.idl"\n#include "c.idl"\nstruct A { B b; C c; D d; };');
      const [a, b, c] = await Promise.all(['a.idl', 'b.idl', 'c.idl'].map((name) => client.shown(name)));
      assert.deepEqual(
        [a, b, c].map((all) => all!.map(({ code }) => code)),
        [['IDL3003'], ['IDL3003'], ['IDL3003']],
      );
      client.open('b.idl', 'struct B { long b; }; struct D { long d; };');
      assert.deepEqual(await Promise.all([client.shown('a.idl'), client.shown('b.idl')]), [[], []]);
    });

    it('again when the client says that files have changed', async () => {
      const { shown } = await open('a.idl', '#include "b.idl"\nstruct A { B b; };');
      assert.ok(shown.some(({ code }) => code === 'IDL1008'));
      file('b.idl', 'struct B { long b; };');
      client.notify('workspace/didChangeWatchedFiles', { changes: [{ uri: client.uri('b.idl'), type: 1 }] });
      assert.deepEqual(await client.shown('a.idl'), []);
    });

    it('with the folders and macros of the client', async () => {
      ownServer();
      file('include/b.idl', 'struct B { long b[N]; };');
      await client.initialize({ includePaths: ['include'], defines: { N: 3 } });
      assert.deepEqual((await open('a.idl', '#include <b.idl>\nstruct A { B b; };')).shown, []);
    });

    it('with those of the command line', async () => {
      ownServer('--stdio', '-I', 'include', '-D', 'N=3');
      file('include/b.idl', 'struct B { long b[N]; };');
      await client.initialize('nonsense');
      assert.deepEqual((await open('a.idl', '#include <b.idl>\nstruct A { B b; };')).shown, []);
    });
  });

  describe('tells of a name', () => {
    async function hover(text: string): Promise<string | undefined> {
      const { marks } = await open('a.idl', text);
      const result = (await client.at('hover', 'a.idl', marks[0]!)) as { contents: { value: string } } | null;
      return result?.contents.value;
    }
    const table: [what: string, text: string, expected: string | undefined][] = [
      [
        'a member, with its documentation',
        'struct S {\n  /// Which it is.\n  @key string<16> |station;\n};',
        '```idl\n@key string<16> S::station\n```\n\nWhich it is.\n\nid 0',
      ],
      [
        'a member of an array, with a default and a range',
        'const long N = 2 * 3; struct S { @default(4) @range(min = 1, max = 5) @unit("m") long a|[N]; };',
        undefined,
      ],
      [
        'a typed member',
        'module m { typedef sequence<long, 5> L; struct S { L |xs; }; };',
        '```idl\nm::L m::S::xs\n```\n\nid 0, that is sequence<int32, 5>',
      ],
      [
        'a constant',
        'module m { const long A = 6 << 2; const long B = |A + 1; };',
        '```idl\nconst int32 m::A = 24\n```',
      ],
      [
        'an enumerator',
        'enum Color { RED, /// Like grass.\n GREEN }; const Color C = |GREEN;',
        '```idl\nColor::GREEN = 1\n```\n\nLike grass.',
      ],
      [
        'an enum',
        'enum Color { RED, GREEN }; struct S { |Color c; };',
        '```idl\nenum Color { RED, GREEN }\n```',
      ],
      [
        'a struct',
        '/** What it is. */ @topic @final struct S { long a; }; struct T { |S s; };',
        '```idl\n@final struct S\n```\n\nWhat it is.\n\na topic',
      ],
      [
        'a union',
        'union U switch (long) { case 1: long a; }; struct T { |U u; };',
        '```idl\n@appendable union U switch (int32)\n```',
      ],
      [
        'a module',
        'module outer { module inner { const long A = 1; }; }; const long B = outer::|inner::A;',
        '```idl\nmodule outer::inner\n```',
      ],
      [
        'a typedef',
        'typedef string<5> Name; struct S { |Name n[2]; };',
        '```idl\ntypedef string<5> Name\n```',
      ],
      ['an annotation', 'struct S { @ra|nge(min = 1, max = 2) long a; };', undefined],
      ['a number', 'const long A = |1;', undefined],
      [
        'a name in a file that is half written',
        'struct S { long a; }; struct T { |S s; long',
        '```idl\n@appendable struct S\n```',
      ],
    ];
    for (const [what, text, expected] of table) {
      it(what, async () => {
        const found = await hover(text);
        if (expected !== undefined || what === 'a number') assert.equal(found, expected);
        else if (what === 'an annotation')
          assert.match(found!, /^```idl\n@range\(min, max\) \/\/ before: member, /);
        else assert.match(found ?? '', /S::a\[6\]/);
      });
    }
  });

  describe('finds', () => {
    const shared = 'module m {\n  struct |Position { double x; };\n};\n';
    const user = '#include "shared.idl"\nstruct A { m::|Position p; };\nmodule m { typedef Position P; };\n';

    it('where a name is declared, in other files too', async () => {
      file('shared.idl', marked(shared).text);
      const { marks } = await open('user.idl', user);
      const found = (await client.at('definition', 'user.idl', marks[0]!)) as Location[];
      assert.deepEqual(
        found.map(({ uri }) => uri),
        [client.uri('shared.idl')],
      );
      assert.equal(start(found[0]!), '1:9');
    });

    it('a file by the line that includes it', async () => {
      file('shared.idl', marked(shared).text);
      const { marks } = await open('user.idl', user.replaceAll('|', '').replace('shared', 'sh|ared'));
      const found = (await client.at('definition', 'user.idl', marks[0]!)) as Location[];
      assert.deepEqual(
        found.map((location) => [location.uri, start(location)]),
        [[client.uri('shared.idl'), '0:0']],
      );
    });

    it('all declarations of what is declared before it is defined, and of modules that go on', async () => {
      const { marks } = await open(
        'a.idl',
        'struct N;\nstruct N { sequence<|N> next; };\nmodule m { const long A = 1; };\nmodule m { const long B = |m::A; };',
      );
      const forward = (await client.at('definition', 'a.idl', marks[0]!)) as Location[];
      assert.deepEqual(forward.map(start), ['0:7', '1:7']);
      const modules = (await client.at('definition', 'a.idl', marks[1]!)) as Location[];
      assert.deepEqual(modules.map(start), ['2:7', '3:7']);
    });

    it('every use of a name in the files of the project, open or not', async () => {
      file('user.idl', marked(user).text);
      // Another of the same name, which is none of it.
      file('stranger.idl', 'module m { struct Position { long y; }; };\nstruct B { m::Position p; };');
      const { marks } = await open('shared.idl', shared);
      const find = async (includeDeclaration: boolean) =>
        (
          (await client.at('references', 'shared.idl', marks[0]!, {
            context: { includeDeclaration },
          })) as Location[]
        )
          .map((location) => `${location.uri.slice(location.uri.lastIndexOf('/') + 1)} ${start(location)}`)
          .sort();
      assert.deepEqual(await find(false), ['user.idl 1:14', 'user.idl 2:19']);
      assert.deepEqual(await find(true), ['shared.idl 1:9', 'user.idl 1:14', 'user.idl 2:19']);
    });

    it('members, enumerators, flags, cases and constants where they are used', async () => {
      const { marks } = await open(
        'a.idl',
        'enum E { |RED, GREEN };\nunion U switch (E) { case RED: long a; case E::GREEN: long b; };\nconst E C = RED;\n',
      );
      const found = (await client.at('references', 'a.idl', marks[0]!, {
        context: { includeDeclaration: false },
      })) as Location[];
      assert.deepEqual(found.map(start), ['1:26', '2:12']);
    });
  });

  describe('renames', () => {
    type Edits = Record<string, { range: Range; newText: string }[]>;
    async function rename(name: string, text: string, newName: string): Promise<Edits> {
      const { marks } = await open(name, text);
      const edit = (await client.at('rename', name, marks[0]!, { newName })) as { changes: Edits };
      return edit.changes;
    }

    it('a name wherever it is used', async () => {
      file('user.idl', '#include "shared.idl"\nstruct A { m::Position p; };');
      const changes = await rename('shared.idl', 'module m { struct |Position { double x; }; };', 'Place');
      assert.deepEqual(
        Object.entries(changes).map(([uri, edits]) => [
          uri,
          edits.map((edit) => [start(edit), edit.newText]),
        ]),
        [
          [client.uri('shared.idl'), [['0:18', 'Place']]],
          [client.uri('user.idl'), [['1:14', 'Place']]],
        ],
      );
    });

    const refused: [what: string, text: string, newName: string, message: RegExp][] = [
      ['to what is no name', 'struct |S { long a; };', '1x', /'1x' is no name/],
      ['to a keyword', 'struct |S { long a; };', 'Struct', /is the keyword 'struct', or too much like it/],
      [
        'to a name that is taken',
        'struct |S { long a; }; struct T { long a; };',
        'T',
        /would break .*a\.idl.*'T' is already declared/,
      ],
      [
        'to a name that another hides in some place',
        'struct |S { long a; }; module m { struct T { long a; }; struct U { S s; }; };',
        'T',
        /'T' would mean something else in some place/,
      ],
      [
        'to a name that hides another in some place',
        'struct T { long a; }; module m { struct |S { long a; }; struct U { T t; }; };',
        'T',
        /'T' would mean something else in some place/,
      ],
      [
        'what a macro names',
        '#define KIND S\nstruct |S { long a; }; struct T { KIND s; };',
        'R',
        /A macro names it too/,
      ],
    ];
    for (const [what, text, newName, message] of refused) {
      it(`nothing ${what}`, async () => {
        await assert.rejects(rename('a.idl', text, newName), message);
      });
    }

    it('names that are written with a module, or from the root', async () => {
      const text = 'module m { struct |S { long a; }; struct T { S s; ::m::S t; m::S u; }; };';
      const changes = await rename('a.idl', text, 'R');
      assert.equal(changes[client.uri('a.idl')]!.length, 4);
    });

    it('only what is a name', async () => {
      const { marks } = await open('a.idl', 'str|uct |S { long a; };');
      assert.equal(await client.at('prepareRename', 'a.idl', marks[0]!), null);
      assert.deepEqual(await client.at('prepareRename', 'a.idl', marks[1]!), {
        start: { line: 0, character: 7 },
        end: { line: 0, character: 8 },
      });
    });
  });

  describe('completes', () => {
    async function labels(text: string): Promise<string[]> {
      const { marks } = await open('a.idl', text);
      const items = (await client.at('completion', 'a.idl', marks[0]!)) as { label: string }[];
      return items.map(({ label }) => label);
    }
    const shared =
      'module geo { struct Point { long x; }; enum Axis { X_AXIS, Y_AXIS }; const long MAX = 1; };\n';
    const table: [what: string, text: string, has: string[], lacks: string[]][] = [
      [
        'keywords and names in scope',
        `${shared}module geo { struct Line { |`,
        ['long', 'Point', 'Axis', 'X_AXIS', 'MAX', 'geo'],
        ['x', 'Line2'],
      ],
      ['a word that has begun', `${shared}struct S { ge|`, ['geo', 'struct'], ['Point']],
      [
        'names within a module',
        `${shared}struct S { geo::|`,
        ['Point', 'Axis', 'MAX'],
        ['long', 'geo', 'X_AXIS'],
      ],
      ['names within a module, from the root', `${shared}struct S { ::geo::|`, ['Point'], ['long']],
      [
        'enumerators of an enum',
        `${shared}const geo::Axis A = geo::Axis::|`,
        ['X_AXIS', 'Y_AXIS'],
        ['Point'],
      ],
      ['annotations', 'struct S { @|', ['key', 'optional', 'range'], ['long']],
      ['directives', '#|', ['include', 'ifdef'], ['long']],
      ['nothing in a directive', '#include "|', [], ['long', 'include']],
      ['nothing in a comment', '// a |', [], ['long']],
      ['nothing in a block comment', '/* a |', [], ['long']],
      ['nothing in a string', 'const string A = "|', [], ['long']],
      [
        'nothing that comes later',
        'struct S { |\n long a; };\nstruct Later { long a; };',
        ['long'],
        ['Later'],
      ],
    ];
    for (const [what, text, has, lacks] of table) {
      it(what, async () => {
        const found = await labels(text);
        assert.deepEqual(
          has.filter((label) => !found.includes(label)),
          [],
        );
        assert.deepEqual(
          lacks.filter((label) => found.includes(label)),
          [],
        );
        assert.equal(new Set(found).size, found.length);
      });
    }
  });

  it('formats a document, and leaves alone one that cannot be read', async () => {
    const format = (name: string) =>
      client.request('textDocument/formatting', {
        textDocument: { uri: client.uri(name) },
        options: { tabSize: 2, insertSpaces: true },
      });
    await open('a.idl', 'struct S{\nlong a;};');
    assert.deepEqual(await format('a.idl'), [
      {
        range: { start: { line: 0, character: 0 }, end: { line: 1, character: 9 } },
        newText: 'struct S {\n  long a;\n};\n',
      },
    ]);
    await open('b.idl', 'struct S {\n  long a;\n};\n');
    assert.deepEqual(await format('b.idl'), []);
    await open('c.idl', 'struct S{');
    assert.deepEqual(await format('c.idl'), []);
  });

  it('lists what a document declares, as a tree', async () => {
    file('b.idl', 'struct B { long b; };');
    await open(
      'a.idl',
      '#include "b.idl"\nmodule m {\n  struct S { long a, b; };\n  enum E { A };\n  union U switch (long) { case 1: long c; };\n  typedef long T;\n  interface I { void op(in long x); };\n};\nconst long N = 1;',
    );
    interface Symbol {
      readonly name: string;
      readonly children?: Symbol[];
      readonly range: Range;
    }
    const symbols = (await client.request('textDocument/documentSymbol', {
      textDocument: { uri: client.uri('a.idl') },
    })) as Symbol[];
    const tree = ({ name, children = [] }: Symbol): unknown =>
      children.length === 0 ? name : [name, ...children.map(tree)];
    assert.deepEqual(symbols.map(tree), [
      ['m', ['S', 'a', 'b'], ['E', 'A'], ['U', 'c'], 'T', ['I', 'op']],
      'N',
    ]);
    assert.deepEqual(symbols[0]!.range, { start: { line: 1, character: 0 }, end: { line: 7, character: 1 } });
  });

  describe('stays up', () => {
    it('for requests about documents and places that are not there', async () => {
      const nowhere = { line: 999, character: 999 };
      for (const method of ['hover', 'definition', 'completion', 'prepareRename']) {
        assert.equal(await client.at(method, 'unknown.idl', nowhere), null);
      }
      assert.equal(
        await client.request('textDocument/documentSymbol', {
          textDocument: { uri: client.uri('unknown.idl') },
        }),
        null,
      );
      assert.equal(
        await client.request('textDocument/formatting', {
          textDocument: { uri: client.uri('unknown.idl') },
          options: {},
        }),
        null,
      );
      await open('a.idl', 'struct S { long a; };');
      assert.equal(await client.at('hover', 'a.idl', nowhere), null);
      assert.deepEqual(await client.at('definition', 'a.idl', nowhere), []);
      client.open('../é ü%20.idl', '$');
      assert.deepEqual(
        (await client.shown('../é ü%20.idl')).map(({ code }) => code),
        ['IDL1003'],
      );
      client.notify('textDocument/didOpen', {
        textDocument: { uri: 'untitled:Untitled-1', languageId: 'idl', version: 1, text: '$' },
      });
      await open('b.idl', '');
    });

    it('over a document typed key by key', async () => {
      const text =
        '#include <x>\nmodule m { @key(1) struct S : B { sequence<string<5>, 3> a[2]; }; union U switch (long) { case 1: long b; }; };';
      client.open('a.idl', '');
      for (let length = 1; length <= text.length; length++) {
        client.change('a.idl', { text: text.slice(0, length) });
        const position = { line: length > 12 ? 1 : 0, character: length > 12 ? length - 13 : length };
        for (const method of ['completion', 'hover', 'definition'])
          await client.at(method, 'a.idl', position);
        await client.request('textDocument/documentSymbol', { textDocument: { uri: client.uri('a.idl') } });
      }
    });

    it('over a document of megabytes', async () => {
      const members = Array.from({ length: 100_000 }, (_, i) => `  long member_number_${i};\n`).join('');
      const { shown } = await open('a.idl', `struct Large {\n${members}  strin last;\n};\n`);
      assert.deepEqual(
        shown.map(({ code, range }) => [code, range.start.line]),
        [['IDL3003', 100_001]],
      );
      const found = (await client.at('definition', 'a.idl', { line: 50_000, character: 10 })) as Location[];
      assert.equal(start(found[0]!), '50000:7');
    });

    it('over a document of nothing but errors', async () => {
      const { shown } = await open('a.idl', '$ '.repeat(100_000));
      assert.equal(shown.length, 500);
    });

    it('until it is told to exit, or the editor is gone', async () => {
      ownServer();
      await client.initialize();
      assert.equal(await client.close(), 0);
      client = new Client(root);
      await client.initialize();
      client.hangUp();
      assert.equal(await client.exited(), 1);
    });
  });
});

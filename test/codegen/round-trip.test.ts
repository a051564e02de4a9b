import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { roundTrip } from './round-trip.js';

const folder = fileURLToPath(new URL('idl', import.meta.url));

describe('a folder of IDL files', function () {
  this.timeout(120_000);

  it('goes through every generated codec, with arrays of hundreds of elements', async () => {
    const reports = await roundTrip(folder, { includePaths: [`${folder}/shared`], values: 20, seed: 1 });
    assert.deepEqual(
      reports.flatMap(({ failures }) => failures),
      [],
    );
    assert.deepEqual(
      reports.map(({ file, types, samples }) => [file, types.length, samples]),
      [
        ['collections.idl', 3, { protobuf: 60, XCDR2: 60 }],
        ['keys.idl', 12, { protobuf: 240, XCDR2: 240 }],
        ['long-arrays.idl', 3, { protobuf: 60, XCDR2: 60, 'in place': 20 }],
        ['shared/types.idl', 2, { protobuf: 40, XCDR2: 40, 'in place': 20 }],
        ['structs.idl', 9, { protobuf: 180, XCDR2: 180 }],
        ['tried.idl', 3, { protobuf: 60, XCDR2: 60 }],
        ['unions.idl', 3, { protobuf: 60, XCDR2: 60 }],
      ],
    );
  });

  describe('by its command', () => {
    let own = '';
    before(() => (own = mkdtempSync(`${tmpdir()}/bowecho-round-trip-`)));
    after(() => rmSync(own, { recursive: true, force: true }));

    it('is a table, or one line of JSON, and exit code 0', async () => {
      writeFileSync(`${own}/good.idl`, '@topic @final struct T { @key long id; sequence<string> texts; };');
      const { code, stdout } = await run(own, '--values', '5');
      assert.equal(code, 0);
      assert.match(stdout, /^good\.idl +1 +5 +5 +0 +ok$/m);
      const { code: same, stdout: line } = await run(own, '--values', '5', '--json');
      assert.equal(same, 0);
      assert.equal((JSON.parse(line) as { values: number }).values, 5);
    });

    it('fails where a file does not compile, and tells where', async () => {
      writeFileSync(`${own}/wrong.idl`, 'struct T { Missing m; };');
      const { code, stdout } = await run(own, '--values', '5');
      assert.equal(code, 1);
      assert.match(stdout, /^wrong\.idl +0 +0 +0 +0 +FAILED: compile$/m);
      assert.match(stdout, /^wrong\.idl, compile: .*wrong\.idl:1:12/m);
    });
  });
});

function run(...given: string[]): Promise<{ code: number; stdout: string }> {
  const command = fileURLToPath(new URL('round-trip-command.ts', import.meta.url));
  return new Promise((resolve) => {
    const child = execFile(process.execPath, ['--import', 'tsx', command, ...given], (_error, stdout) => {
      resolve({ code: child.exitCode ?? -1, stdout });
    });
  });
}

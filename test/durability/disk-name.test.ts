import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { diskName } from '../../runtime/durability/disk-name.js';
import { isFoundWith } from '../../runtime/membership/view-parts.js';

describe('the name of a disk on several hosts', () => {
  let root: string;
  beforeEach(() => (root = mkdtempSync(join(tmpdir(), 'bowecho-disk-'))));
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  it('stays, and says nothing of where the folder lies, whatever its participant is called', async () => {
    const folders = ['tower%2Fnorth', 'tower%2Fsouth'].map((name) => join(root, name));
    for (const folder of folders) mkdirSync(folder);
    const [north, south] = await Promise.all(folders.map(diskName));
    assert.match(north!, /^tower_north@[0-9a-f]{16}$/);
    assert.equal(await diskName(folders[0]!), north);
    assert.equal(isFoundWith([north!], south!), false);
    assert.equal(isFoundWith([folders[0]!], folders[1]!), true);
  });
});

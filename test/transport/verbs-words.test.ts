import assert from 'node:assert/strict';
import { LinkError } from '../../transport/tcp/wire.js';
import { decodeWords, encodeWords } from '../../transport/verbs/words.js';
import type { Words } from '../../transport/verbs/words.js';

const end = {
  kind: 'end',
  number: 17,
  packet: 0xffffff,
  gid: '00000000000000000000ffff0a090001',
  lid: 0,
  mtu: 5,
};

describe('what the ends of a queue pair say to each other', () => {
  it('is understood as it was said', () => {
    const all: Words[] = [
      end as Words,
      { kind: 'want', region: 0 },
      { kind: 'given', region: 3, address: 0x7fff_ffff_f000, key: 0xffff_ffff },
      { kind: 'sync' },
      { kind: 'synced' },
      { kind: 'done', region: 3 },
    ];
    for (const words of all) {
      const text = encodeWords(words);
      assert.ok(text.length <= 1024);
      assert.deepEqual(decodeWords(text), words);
    }
  });

  it('is refused where no correct member says it', () => {
    const wrong: unknown[] = [
      null,
      3,
      [],
      {},
      { kind: 'constructor' },
      { kind: 'want' },
      { kind: 'want', region: -1 },
      { kind: 'want', region: 1.5 },
      { kind: 'given', region: 1, address: 2 ** 53, key: 1 },
      { kind: 'given', region: 1, address: 0, key: 1 },
      { kind: 'given', region: 1, address: 4096, key: 2 ** 32 },
      { ...end, number: 1 << 24 },
      { ...end, gid: 'fe80::1' },
      { ...end, mtu: 0 },
      { ...end, lid: '0' },
    ];
    for (const value of wrong) assert.throws(() => decodeWords(JSON.stringify(value)), LinkError);
    assert.throws(() => decodeWords('{'), LinkError);
  });
});

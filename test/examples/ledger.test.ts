import { deepEqual, equal, ok } from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { book, opened, totalOf } from '../../examples/ledger/ledger.js';

interface Result {
  transfers: number;
  refused: number;
  total: number;
  kills: { after: number }[];
  digests: Record<string, string>;
}

const demo = fileURLToPath(new URL('../../dist/examples/ledger/demo.js', import.meta.url));

async function run(...flags: string[]): Promise<Result> {
  const { stdout } = await promisify(execFile)(process.execPath, [demo, ...flags]);
  return JSON.parse(stdout.trim().split('\n').at(-1)!) as Result;
}

describe('npm run ledger', function () {
  this.timeout(90_000);

  it('books the transfers of three clerks, alike at all of them, and no money comes or goes', async () => {
    const { transfers, refused, total, kills, digests } = await run('--transfers', '500');
    deepEqual([transfers, total, kills], [1500, 100_000, []]);
    ok(refused > 0);
    equal(new Set(Object.values(digests)).size, 1);
  });

  it('loses nothing that was told is booked where all clerks are killed at once, twice, and start again', async () => {
    const { total, kills, digests } = await run('--chaos', '--transfers', '1500');
    equal(total, 100_000);
    equal(kills.length, 2);
    for (const { after } of kills) ok(after > 500 && after < 4500, `${after} of 4500`);
    equal(new Set(Object.values(digests)).size, 1);
  });

  it('says what is wrong with a flag', async () => {
    const refused = await run('--transfers', 'many').catch((error: Error & { stderr: string }) => error);
    ok('stderr' in refused && refused.stderr.includes('--transfers takes a whole number'));
  });
});

describe('the ledger', () => {
  const transfer = { clerk: 0, number: 1, payer: 1, payee: 2, amount: 400 };

  it('moves what is there, and refuses what is not', () => {
    let ledger = book(opened, transfer);
    deepEqual([ledger.balances[1], ledger.balances[2]], [600, 1400]);
    ledger = book(ledger, { ...transfer, number: 2, amount: 601 });
    deepEqual([ledger.balances[1], ledger.refused, totalOf(ledger)], [600, 1, 100_000]);
  });

  it('notices a transfer that is missing, or comes twice', () => {
    for (const number of [2, 0])
      try {
        book(opened, { ...transfer, number });
        throw new Error('it did not notice');
      } catch (error) {
        equal(String(error), `Error: transfer ${number} of clerk 0 follows its transfer 0`);
      }
  });
});

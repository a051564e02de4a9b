import assert from 'node:assert/strict';
import { transform } from 'esbuild';
import { readPage } from '../docs/markdown.js';
import * as logOracles from '../simulation/log-oracles.js';
import * as oracles from '../simulation/oracles.js';
import * as pastOracles from '../simulation/past-oracles.js';
import * as restartOracles from '../simulation/restart-oracles.js';
import * as spreadOracles from '../simulation/spread-oracles.js';
import * as transferOracles from '../simulation/transfer-oracles.js';
import { mutants } from './catalogue/all.js';
import { hunt } from './hunt.js';
import { type Mutant, mutatedSources, OutOfDateError } from './mutant.js';

/** Of each area one whose seed shows it within a moment. */
const shown = [
  'delivery-before-stability',
  'null-run-off-by-one',
  'silence-is-death',
  'epoch-goes-on',
  'no-echo',
];

const byName = (name: string) => mutants.find((mutant) => mutant.name === name)!;

describe('the mutants', () => {
  it('fit the sources as they are, each in one place, and still compile', async () => {
    for (const mutant of mutants)
      for (const source of mutatedSources(mutant).values()) await transform(source, { loader: 'ts' });
  });

  it('have names of their own, and say which section they break', () => {
    assert.equal(new Set(mutants.map(({ name }) => name)).size, mutants.length);
    for (const { name, breaks } of mutants) assert.match(breaks, /^Section \d.*: .*\. Here .*\.$/, name);
  });

  it('that fit no more are told by name and file', () => {
    const [first] = mutants;
    const [edit] = first!.edits;
    for (const find of ['no source has this', 'const ']) {
      const stale: Mutant = { ...first!, edits: [{ ...edit!, find }] };
      assert.throws(
        () => mutatedSources(stale),
        (error: Error) =>
          error instanceof OutOfDateError &&
          error.message.includes(first!.name) &&
          error.message.includes(edit!.file),
      );
    }
  });

  it('are caught by the oracle that is named, a few of them', async function () {
    this.timeout(60_000);
    for (const name of shown) {
      const mutant = byName(name);
      const { caught } = await hunt(mutant, 1, 100);
      assert.ok(caught !== undefined && mutant.oracles.includes(caught.oracle), name);
    }
  });

  it('that change nothing are not caught', async () => {
    const harmless: Mutant = {
      name: 'harmless',
      breaks: 'Nothing.',
      edits: [{ file: 'runtime/multicast/ring.ts', find: 'this.turns++;', replace: 'this.turns += 1;' }],
      oracles: ['noGap'],
    };
    const { caught, seeds } = await hunt(harmless, 1, 5);
    assert.equal(caught, undefined);
    assert.equal(seeds, 5);
  });
});

describe('the table of oracles and mutants in protocol.md, section 7', () => {
  const page = readPage('docs/protocol.md');
  const rows = [...page.matchAll(/^\| .+? +\| `(\w+)` +\| (.*?) *\|$/gm)].map(([, oracle, cell]) => ({
    oracle: oracle!,
    mutants: [...cell!.matchAll(/`([\w-]+)`/g)].map(([, name]) => name!),
  }));

  it('has every oracle once', () => {
    const all = Object.keys({
      ...oracles,
      ...spreadOracles,
      ...transferOracles,
      ...logOracles,
      ...pastOracles,
      ...restartOracles,
    }).filter((name) => name !== 'default');
    assert.deepEqual(rows.map(({ oracle }) => oracle).sort(), all.sort());
  });

  it('has with each the mutants that it is to catch', () => {
    for (const row of rows) {
      const theirs = mutants.filter((mutant) => mutant.oracles.some((name) => name === row.oracle));
      assert.deepEqual(row.mutants.sort(), theirs.map(({ name }) => name).sort(), row.oracle);
    }
  });
});

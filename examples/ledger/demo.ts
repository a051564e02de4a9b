import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { accounts, clerks, openingBalance, totalOf } from './ledger.js';
import type { Assignment } from './messages.js';
import { type Done, Office } from './office.js';

/** What the last line of the output says. */
interface Result {
  readonly transfers: number;
  readonly refused: number;
  readonly seconds: number;
  readonly total: number;
  readonly kills: readonly { readonly after: number }[];
  readonly digests: Readonly<Record<string, string>>;
}

/** Parts of all transfers after which everyone is killed. */
const killedAfter = [0.25, 0.6];

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { chaos: { type: 'boolean', default: false }, transfers: { type: 'string', default: '5000' } },
  });
  const transfers = Number(values.transfers);
  if (!Number.isInteger(transfers) || transfers < 1)
    throw new Error('--transfers takes a whole number above 0');
  const storage = mkdtempSync(join(tmpdir(), 'bowecho-ledger-'));
  try {
    const result = await run(storage, transfers, values.chaos);
    process.stdout.write(`${JSON.stringify(result)}\n`);
  } finally {
    rmSync(storage, { recursive: true, force: true });
  }
}

async function run(storage: string, transfers: number, chaos: boolean): Promise<Result> {
  const began = performance.now();
  const domain = `ledger-${process.pid}`;
  const assignments = Array.from({ length: clerks }, (_, clerk): Assignment => ({
    domain,
    clerk,
    storage,
    transfers,
  }));
  const kills: { after: number }[] = [];
  let known = Array<number>(clerks).fill(0);
  if (chaos)
    for (const part of killedAfter) {
      const { booked, last } = await untilKilled(assignments, part * clerks * transfers);
      nothingIsLost(known, last);
      known = booked.map((upTo, clerk) => Math.max(upTo, last[clerk]!));
      kills.push({ after: sumOf(known) });
      say(`all ${clerks} clerks killed after ${sumOf(known)} transfers; they start again`);
      // Who comes first is left to chance, but not always the same.
      assignments.push(assignments.shift()!);
    }
  const office = new Office(assignments);
  const last = byClerk(assignments, await office.begin());
  nothingIsLost(known, last);
  const done = await office.done();
  await office.close();
  const seconds = (performance.now() - began) / 1000;
  return judge(done, assignments, { transfers, seconds, kills });
}

/** One life of all clerks, which ends once so many transfers are booked in all their lives. */
async function untilKilled(
  assignments: readonly Assignment[],
  transfers: number,
): Promise<{ booked: number[]; last: number[] }> {
  let reached: (booked: number) => void = () => undefined;
  const office = new Office(assignments, (booked) => reached(booked));
  const last = await office.begin();
  const enough = new Promise<void>((resolve) => {
    reached = (booked) => {
      if (booked >= transfers) resolve();
    };
  });
  await Promise.race([enough, office.done()]);
  return { booked: byClerk(assignments, await office.killAll()), last: byClerk(assignments, last) };
}

function byClerk(assignments: readonly Assignment[], values: readonly number[]): number[] {
  const ordered = Array<number>(clerks).fill(0);
  assignments.forEach(({ clerk }, index) => (ordered[clerk] = values[index]!));
  return ordered;
}

/** What a clerk was told is booked is in the ledger, whoever was killed. */
function nothingIsLost(known: readonly number[], last: readonly number[]): void {
  known.forEach((upTo, clerk) => {
    if (last[clerk]! < upTo)
      throw new Error(
        `clerk ${clerk} was told that transfer ${upTo} is booked; the ledger has ${last[clerk]!}`,
      );
  });
}

function judge(
  done: readonly Done[],
  assignments: readonly Assignment[],
  { transfers, seconds, kills }: Pick<Result, 'transfers' | 'seconds' | 'kills'>,
): Result {
  const digests: Record<string, string> = {};
  done.forEach(({ digest, ledger, version, errors }, index) => {
    const name = `clerk-${assignments[index]!.clerk}`;
    digests[name] = digest.slice(0, 16);
    say(`${name}  version ${version}  total ${totalOf(ledger)}  digest ${digest.slice(0, 16)}`);
    if (errors.length > 0) throw new Error(`${name}: ${errors[0]!}`);
    if (totalOf(ledger) !== accounts * openingBalance) throw new Error(`${name}: money came or went`);
  });
  if (new Set(Object.values(digests)).size > 1) throw new Error('the ledgers are not alike');
  const { ledger } = done[0]!;
  return {
    transfers: clerks * transfers,
    refused: ledger.refused,
    seconds: Number(seconds.toFixed(2)),
    total: totalOf(ledger),
    kills,
    digests: Object.fromEntries(Object.entries(digests).sort()),
  };
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});

import { readFileSync } from 'node:fs';
import { type Command, InvalidArgumentError } from 'commander';
import { Ed25519Signer, publicKeyOf } from '../../runtime/durability/ed25519.js';
import { LogError } from '../../runtime/durability/log/errors.js';
import type { Version } from '../../runtime/durability/log/log-reading.js';
import {
  digestTopicLog,
  readTopicLog,
  repairTopicLog,
  verifyTopicLog,
} from '../../runtime/durability/open-topic-log.js';
import { type CompileFlags, addCompileFlags } from '../compile-flags.js';
import { CommandFailure } from '../failure.js';
import { describeLog, logFolders, logOverview } from '../log-folders.js';
import { decoderFor } from '../log-samples.js';
import { printLine } from '../print-line.js';

interface CatFlags extends CompileFlags {
  readonly idl?: string;
  readonly from?: Version;
  readonly upTo?: Version;
  readonly since?: number;
  readonly until?: number;
}

interface VerifyFlags {
  readonly key?: readonly string[];
  readonly json?: boolean;
  readonly digest?: boolean;
}

/** `bowecho log`: what is in the logs of persistent topics, and whether it is as it was written. */
export function addLog(program: Command): void {
  const log = program.command('log').description('look at, check and repair the logs of persistent topics');
  log
    .command('ls')
    .description('list the logs in a folder, and in the folders in it')
    .argument('<folder>')
    .option('--json', 'a line of JSON for each')
    .action((folder: string, { json }: { json?: boolean }) => telling(() => list(folder, json)));
  addCompileFlags(
    log
      .command('cat')
      .description('print the samples of a log, a line of JSON each')
      .argument('<folder>', 'the folder of one log')
      .option('--idl <file>', 'IDL of the type: samples are decoded; else their bytes are printed, in hex')
      .option('--from <version>', 'the first, as EPOCH.SEQUENCE', parseVersion)
      .option('--up-to <version>', 'the last, as EPOCH.SEQUENCE', parseVersion)
      .option(
        '--since <time>',
        'none that was written before: ISO 8601, or microseconds since 1970',
        parseTime,
      )
      .option('--until <time>', 'none that was written after', parseTime),
  ).action((folder: string, flags: CatFlags) => telling(() => cat(folder, flags)));
  log
    .command('verify')
    .description('read every byte of a log, and tell all that is wrong')
    .argument('<folder>', 'the folder of one log')
    .option('--json', 'a line of JSON for each finding')
    .option(
      '--key <file>',
      'PEM of a key that is trusted: the log has to be signed with it, or another that is given',
      (file: string, before: readonly string[] = []) => [...before, file],
    )
    .option('--digest', 'print the SHA-256 of its samples too: equal for replicas that hold the same')
    .action((folder: string, flags: VerifyFlags) => telling(() => verify(folder, flags)));
  log
    .command('repair')
    .description('remove what is torn or left over, and make a lost manifest again: no record is discarded')
    .argument('<folder>', 'the folder of one log')
    .option(
      '--discard-after <version>',
      'keep only what is up to EPOCH.SEQUENCE, which must lie before the damage',
      parseVersion,
    )
    .option(
      '--key <file>',
      'PEM of the private key of a log that is signed: nobody else can say what it is from now on',
    )
    .action((folder: string, { discardAfter, key }: { discardAfter?: Version; key?: string }) =>
      telling(async () => {
        const signer = key === undefined ? undefined : new Ed25519Signer(readKey(key));
        const done = await repairTopicLog(folder, discardAfter, signer);
        for (const line of done.length > 0 ? done : ['nothing was wrong']) console.log(line);
      }),
    );
}

async function list(folder: string, json: boolean | undefined): Promise<void> {
  const folders = await logFolders(folder);
  if (folders.length === 0) throw new CommandFailure(`there is no log in '${folder}'`);
  let failures = 0;
  for (const each of folders) {
    const overview = await logOverview(each);
    if ('code' in overview) failures++;
    await printLine(json ? JSON.stringify(overview) : describeLog(overview));
  }
  if (failures > 0) throw new CommandFailure(`${failures} of ${folders.length} logs cannot be opened`);
}

async function cat(folder: string, flags: CatFlags): Promise<void> {
  const decode = await decoderFor(folder, flags.idl, flags);
  const range = { from: flags.from, upTo: flags.upTo, fromUs: flags.since, upToUs: flags.until };
  for await (const record of readTopicLog(folder, range))
    if (!(await printLine(JSON.stringify(decode(record))))) return;
}

async function verify(folder: string, { json, digest, key }: VerifyFlags): Promise<void> {
  const keys = key?.map((file) => publicKeyOf(readKey(file)));
  const { findings, samples, whole, signed } = await verifyTopicLog(folder, keys);
  for (const finding of findings) {
    const { kind, code, file, offset, message } = finding;
    const place = offset === undefined ? file : `${file} at ${offset}`;
    await printLine(json ? JSON.stringify(finding) : `${kind}: ${place}: ${message} (${code})`);
  }
  const damage = findings.filter(({ kind }) => kind === 'damage').length;
  if (!json) await printLine(`${samples} samples${damage === 0 ? ', all whole' : ''}`);
  if (signed !== undefined && damage === 0) {
    const by = `signed with key ${signed.key}, last hash ${signed.hash ?? 'none'}`;
    await printLine(json ? JSON.stringify({ signed }) : by);
  }
  if (damage === 0) {
    if (digest)
      await printLine(
        json
          ? JSON.stringify({ sha256: await digestTopicLog(folder) })
          : `SHA-256 ${await digestTopicLog(folder)}`,
      );
    return;
  }
  const upTo =
    whole === undefined ? 'none of it is whole' : `whole up to version ${whole.epoch}.${whole.sequence}`;
  throw new CommandFailure(
    json ? '' : `the log is damaged in ${damage} ${damage === 1 ? 'place' : 'places'}; ${upTo}`,
  );
}

function readKey(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new CommandFailure(`cannot read '${file}': ${(error as Error).message}`);
  }
}

/** A log's error is the answer, not a fault of the command. */
async function telling(act: () => Promise<void>): Promise<void> {
  try {
    await act();
  } catch (error) {
    if (error instanceof LogError) throw new CommandFailure(`${error.message} (${error.code})`);
    throw error;
  }
}

function parseVersion(text: string): Version {
  const [, epoch, sequence] = /^(\d+)\.(\d+)$/.exec(text) ?? [];
  if (epoch === undefined) throw new InvalidArgumentError('It is written EPOCH.SEQUENCE, such as 3.41.');
  return { epoch: Number(epoch), sequence: Number(sequence) };
}

function parseTime(text: string): number {
  const timeUs = /^\d+$/.test(text) ? Number(text) : Date.parse(text) * 1000;
  if (Number.isNaN(timeUs))
    throw new InvalidArgumentError('It is written 2026-03-01T12:00:00Z, or as microseconds since 1970.');
  return timeUs;
}

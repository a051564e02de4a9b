import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { openTopicLog, readTopicLog, verifyTopicLog } from '../../runtime/durability/open-topic-log.js';
import { deliveryOf, identity } from './log-on-disk.js';
import { hasStrace, straceTo, tracedWrites } from './strace.js';

const script = fileURLToPath(new URL('log-process.ts', import.meta.url));
const node = ['--import', import.meta.resolve('tsx'), script];

describe('a log on the disk of this machine', function () {
  this.timeout(60_000);
  const base = mkdtempSync(join(tmpdir(), 'bowecho-log-'));
  const children: ChildProcess[] = [];
  let count = 0;
  let directory = '';
  beforeEach(() => (directory = join(base, String(count++), 'topic')));
  after(() => {
    for (const child of children) child.kill('SIGKILL');
    rmSync(base, { recursive: true, force: true });
  });

  /** Its lines, one after another. */
  function start(args: readonly string[]): { child: ChildProcess; lines: AsyncIterator<string> } {
    const child = spawn(process.execPath, [...node, directory, ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    children.push(child);
    return { child, lines: createInterface(child.stdout!)[Symbol.asyncIterator]() };
  }

  let goOn: () => void = () => undefined;
  const open = (moved: () => void = () => undefined) => openTopicLog({ ...identity, directory, moved });

  async function sequences(): Promise<number[]> {
    const found: number[] = [];
    for await (const { sequence, length } of readTopicLog(directory)) {
      assert.equal(length, 1000);
      found.push(sequence);
    }
    return found;
  }

  it('is one process at a time, until that ends, however it ends', async () => {
    const { child, lines } = start(['hold']);
    assert.equal((await lines.next()).value, 'open');
    await assert.rejects(open(), { code: 'BE_LOG_LOCKED', file: directory });
    // Reading is not writing.
    assert.deepEqual(await sequences(), []);
    const exit = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await exit;
    const log = await open();
    await assert.rejects(open(), { code: 'BE_LOG_LOCKED' }, 'in one process too');
    await log.close();
    await (await open()).close();
  });

  it('has, after SIGKILL at any time, all that the process said was durable', async () => {
    let last = -1;
    for (let round = 0; round < 6; round++) {
      const { child, lines } = start(['append', '100000', '7']);
      assert.equal((await lines.next()).value, 'open');
      let told = last;
      const exit = new Promise((resolve) => child.once('exit', resolve));
      for (let line = 0; line < 20 + 40 * round; line++) told = Number((await lines.next()).value);
      child.kill('SIGKILL');
      await exit;
      for (let line = await lines.next(); line.done !== true; line = await lines.next())
        told = Number(line.value);
      const found = await sequences();
      assert.deepEqual(
        found,
        found.map((_, index) => index),
      );
      assert.ok(found.length > told, `${found.length} samples, ${told + 1} told`);
      last = found.length - 1;
    }
    assert.deepEqual(
      (await verifyTopicLog(directory)).findings.filter(({ kind }) => kind === 'damage'),
      [],
    );
  });

  it('makes one synchronized write a batch, and no other sync', function () {
    if (!hasStrace()) this.skip();
    const run = (batches: number): { writes: number; syncs: number } => {
      directory = join(base, String(count++), 'topic');
      const trace = join(base, 'trace');
      const [strace, ...args] = straceTo(trace);
      const append = [process.execPath, ...node, directory, 'append', String(batches * 16), '16'];
      const { status, stdout } = spawnSync(strace!, [...args, ...append]);
      assert.equal(status, 0, String(stdout));
      return tracedWrites(trace);
    };
    const few = run(1);
    const more = run(11);
    assert.deepEqual([more.writes - few.writes, more.syncs - few.syncs], [10, 0]);
  });

  it('takes no memory for segments that are complete', async function () {
    if (spawnSync('fincore', ['-V']).status !== 0) this.skip();
    const limits = { segmentBytesMax: 1 << 20, bufferBytesMax: 64 << 10 };
    const log = await openTopicLog({ ...identity, directory, limits, moved: () => goOn() });
    let sequence = 0;
    const text = 'x'.repeat(1000);
    const filled = new Promise<void>((resolve) => {
      goOn = () => {
        if (sequence >= 5000) resolve();
        else while (!log.full) log.append(deliveryOf({ epoch: 1, sequence: sequence++, text }));
      };
      goOn();
    });
    await filled;
    await log.close();
    const names = readdirSync(directory).filter((name) => name.endsWith('.log'));
    const cached = names.map((name) => {
      const { stdout } = spawnSync('fincore', ['-b', '-n', '-r', '-o', 'RES', join(directory, name)]);
      return Number(stdout.toString());
    });
    assert.ok(names.length > 4, String(names));
    assert.deepEqual(
      cached.slice(0, -2).filter((bytes) => bytes > 0),
      [],
    );
    assert.ok(cached.at(-1)! + cached.at(-2)! > 0, 'the segment that is written to is in memory');
  });

  it('is not opened for appending where it may not be written, and is read all the same', async () => {
    const log = await open();
    for (let sequence = 0; sequence < 5; sequence++)
      log.append(deliveryOf({ epoch: 1, sequence, text: 'x'.repeat(1000) }));
    await log.close();
    for (const folder of [base, join(directory, '..')]) chmodSync(folder, 0o755);
    chmodSync(directory, 0o555);
    for (const name of readdirSync(directory)) chmodSync(join(directory, name), 0o444);
    for (const command of ['hold', 'nobody']) {
      // Root may write anywhere, and so the process becomes somebody else first.
      if (command === 'hold' && process.getuid?.() === 0) continue;
      const { lines } = start([command]);
      const line = String((await lines.next()).value);
      assert.match(line, /^BE_LOG_READ_ONLY .*\/topic: may not be written \(EACCES\)/);
      break;
    }
    assert.deepEqual(await sequences(), [0, 1, 2, 3, 4]);
    chmodSync(directory, 0o755);
  });

  it('appends and reads back many samples over many segments', async () => {
    let moved: () => void = () => undefined;
    const log = await open(() => moved());
    const total = 40_000;
    for (let sequence = 0; sequence < total;) {
      while (!log.full && sequence < total)
        log.append(deliveryOf({ epoch: 1, sequence, text: `${sequence++}`.padEnd(1000, '.') }));
      await new Promise<void>((resolve) => (moved = resolve));
      assert.equal(log.failure, undefined);
    }
    await log.close();
    assert.equal(log.durableSequence, total - 1);
    const { findings, samples } = await verifyTopicLog(directory);
    assert.deepEqual([findings, samples], [[], total]);
    const again = await open();
    assert.deepEqual([again.lastEpoch, again.lastSequence, again.torn], [1, total - 1, undefined]);
    let next = 30_000;
    for await (const { sequence } of again.read({ from: { epoch: 1, sequence: next } }))
      assert.equal(sequence, next++);
    assert.equal(next, total);
    await again.close();
  });
});

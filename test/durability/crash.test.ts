import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { LogError } from '../../runtime/durability/log/errors.js';
import { inspect } from '../../runtime/durability/log/inspection.js';
import { Ed25519Signer } from '../../runtime/durability/ed25519.js';
import type { Signer } from '../../runtime/durability/log/signing.js';
import { purely } from '../simulation/purity.js';
import { FaultyDisk, randomOf } from './faulty-disk.js';
import { append, close, finish, openOn, read, samples, textsOf } from './log-on-disk.js';

const all = samples(100);
const texts = textsOf(all);

/** What a program does with a log: batches of several sizes over several segments. Gives how far it was told that all is durable. */
function work(disk: FaultyDisk, signer?: Signer): { durable: number; failure: LogError | undefined } {
  let durable = -1;
  const log = openOn(disk, {
    ...(signer && { signer }),
    moved: () => {
      if (log !== undefined) durable = log.durableSequence;
    },
  });
  if (log === undefined) return { durable, failure: undefined };
  for (let at = 0; at < all.length && !disk.crashed && log.failure === undefined;) {
    const count = 1 + (at % 4);
    append(log, all.slice(at, at + count));
    at += count;
    disk.drain();
  }
  return { durable, failure: log.failure };
}

describe('a log whose machine loses its power', () => {
  const undisturbed = new FaultyDisk();
  work(undisturbed);

  it('does enough for this test: segments are begun, and manifests replaced', () => {
    assert.ok(undisturbed.operations > 100, String(undisturbed.operations));
    assert.ok(undisturbed.names.length > 3, undisturbed.names.join());
  });

  it('asks nobody but its disk: no clock, no randomness, no promises', () => {
    const disk = new FaultyDisk();
    assert.equal(purely(() => work(disk)).durable, all.length - 1);
    assert.equal(disk.operations, undisturbed.operations);
  });

  for (let seed = 1; seed <= 5; seed++)
    it(`has all that was durable, and nothing out of order, wherever it happens (${seed})`, () => {
      for (let at = 0; at < undisturbed.operations; at++) {
        const disk = new FaultyDisk();
        disk.fault = (_, index) => (index === at ? 'crash' : undefined);
        const { durable } = work(disk);
        assert.ok(disk.crashed);
        checkReopened(disk, seed * 1000 + at, durable);
      }
    });

  it('has all that was durable where it is signed too, and all of it is signed by the same key again', () => {
    const signer = new Ed25519Signer(generateKeyPairSync('ed25519').privateKey);
    const signed = new FaultyDisk();
    work(signed, signer);
    for (let at = 0; at < signed.operations; at++) {
      const disk = new FaultyDisk();
      disk.fault = (_, index) => (index === at ? 'crash' : undefined);
      const { durable } = work(disk, signer);
      checkReopened(disk, at, durable, signer);
    }
  });

  it('has what a process that was killed had written, once the next one says that it is durable', () => {
    for (let at = 0; at < undisturbed.operations; at++) {
      const disk = new FaultyDisk();
      disk.fault = (_, index) => (index === at ? 'crash' : undefined);
      work(disk);
      const killed = disk.afterExit();
      const log = openOn(killed)!;
      checkReopened(killed, at + 1, log.durableSequence);
    }
  });

  it('has it too where it happens again while the log is opened', () => {
    for (let seed = 1; seed <= 60; seed++) {
      const random = randomOf(seed);
      let disk = new FaultyDisk();
      const end = Math.floor(random() * undisturbed.operations);
      disk.fault = (_, index) => (index === end ? 'crash' : undefined);
      const { durable } = work(disk);
      for (let again = 0; again < 3; again++) {
        disk = disk.afterCrash(random);
        const next = Math.floor(random() * 12);
        disk.fault = (_, index) => (index === next ? 'crash' : undefined);
        openOn(disk);
      }
      checkReopened(disk, seed, durable);
    }
  });
});

function checkReopened(crashed: FaultyDisk, seed: number, durable: number, signer?: Signer): void {
  const disk = crashed.afterCrash(randomOf(seed));
  const options = signer && { signer };
  const log = openOn(disk, options)!;
  const found = read(disk, log);
  assert.deepEqual(found, texts.slice(0, found.length), 'a prefix of what was appended');
  assert.ok(found.length > durable, `${found.length} samples, of which ${durable + 1} were durable`);
  assert.equal(log.lastSequence, found.length - 1);
  assert.equal(log.durableSequence, found.length - 1);
  // It goes on where it was.
  append(log, all.slice(found.length));
  close(disk, log);
  const last = disk.afterCrash(randomOf(seed + 1));
  const again = openOn(last, options)!;
  assert.equal(again.torn, undefined);
  assert.deepEqual(read(last, again), texts);
  if (signer !== undefined) assert.deepEqual(finish(last, inspect(last, { scheme: signer }))!.findings, []);
}

describe('a log whose disk fails', () => {
  const undisturbed = new FaultyDisk();
  work(undisturbed);
  for (const [code, expected] of [
    ['EIO', 'BE_LOG_IO'],
    ['ENOSPC', 'BE_LOG_FULL'],
    ['EROFS', 'BE_LOG_READ_ONLY'],
  ] as const)
    it(`tells ${code} at any operation, says no more that anything is durable, and has all of which it said so`, () => {
      for (let at = 0; at < undisturbed.operations; at++) {
        const disk = new FaultyDisk();
        disk.fault = (_, index) => (index >= at ? { code } : undefined);
        let durable = -1;
        try {
          const outcome = work(disk);
          durable = outcome.durable;
          assert.equal(outcome.failure?.code, expected, `operation ${at}`);
          assert.match(outcome.failure.message, /^\/disk/);
        } catch (error) {
          assert.ok(error instanceof LogError, `operation ${at}: ${error}`);
          assert.equal(error.code, expected);
        }
        disk.fault = () => undefined;
        checkReopened(disk, at, durable);
      }
    });

  it('writes nothing more once a sync has failed, though the next might not: nobody knows what is on the disk', () => {
    const disk = new FaultyDisk();
    const log = openOn(disk)!;
    append(log, all.slice(0, 3));
    disk.drain();
    let failed = false;
    disk.fault = (operation, _, name) => {
      if (operation !== 'sync' || failed || !name.endsWith('.log')) return undefined;
      failed = true;
      return { code: 'EIO' };
    };
    append(log, all.slice(3, 6));
    disk.turn();
    append(log, all.slice(6, 9));
    disk.drain();
    assert.equal(log.failure?.code, 'BE_LOG_IO');
    assert.equal(log.durableSequence, 2);
    const writes = disk.counts.get('write');
    let told: Error | undefined;
    append(log, all.slice(9, 12));
    log.finish((error) => (told = error));
    disk.drain();
    assert.equal(disk.counts.get('write'), writes);
    assert.equal((told as LogError | undefined)?.code, 'BE_LOG_IO');
    assert.equal(log.durableSequence, 2);
  });
});

import assert from 'node:assert/strict';
import { createHash, generateKeyPairSync, verify } from 'node:crypto';
import fc from 'fast-check';
import { Ed25519Signer } from '../../runtime/durability/ed25519.js';
import { LogError } from '../../runtime/durability/log/errors.js';
import { type Finding, inspect } from '../../runtime/durability/log/inspection.js';
import { repair } from '../../runtime/durability/log/repair.js';
import { KEEP_ALL, type Retention } from '../../runtime/durability/log/retention.js';
import { FaultyDisk } from './faulty-disk.js';
import { type RawRecord, forge, isSignature, offsetsOf, recordsOf } from './forger.js';
import {
  append,
  close,
  finish,
  identity,
  logId,
  openOn,
  readClosed,
  samples,
  textsOf,
} from './log-on-disk.js';

const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const signer = new Ed25519Signer(privateKey);
const stranger = new Ed25519Signer(generateKeyPairSync('ed25519').privateKey);
const key = signer.publicKey;
const all = samples(60);
const texts = textsOf(all);

/** A signed log of several segments, in batches of one to four records; it was not closed. */
function signedLog(retention: Partial<Retention> = {}, by = signer): FaultyDisk {
  const disk = new FaultyDisk();
  const log = openOn(disk, { signer: by })!;
  log.keep({ ...KEEP_ALL, ...retention });
  for (let at = 0; at < all.length;) {
    const count = 1 + (at % 4);
    append(log, all.slice(at, at + count));
    at += count;
    disk.drain();
  }
  log.retain(1e6, () => undefined);
  disk.drain();
  return disk.afterExit();
}

function findingsOf(disk: FaultyDisk, keys?: readonly string[]): readonly Finding[] {
  return finish(disk, inspect(disk, { scheme: signer, keys }))!.findings;
}

function errorOf(act: () => unknown): LogError {
  try {
    act();
  } catch (error) {
    assert.ok(error instanceof LogError, String(error));
    return error;
  }
  assert.fail('nothing was found');
}

const segmentsOf = (disk: FaultyDisk) => disk.names.filter((name) => name.endsWith('.log'));
/** The one that is written to, and has records; the next is empty. */
const activeOf = (disk: FaultyDisk) => segmentsOf(disk).findLast((name) => recordsOf(disk, name).length > 0)!;

describe('a log that is signed', () => {
  it('has nothing that is wrong, says by whom it is signed, and what its last hash is', () => {
    const disk = signedLog();
    assert.ok(segmentsOf(disk).length > 4);
    const { findings, signed, samples: count } = finish(disk, inspect(disk, { scheme: signer }))!;
    assert.deepEqual([findings, count, signed!.key], [[], 60, key]);
    assert.match(signed!.hash!, /^[0-9a-f]{64}$/);
    assert.deepEqual(readClosed(disk), texts);
  });

  it('is as its format says: hashes from batch to batch, each with its signature', () => {
    const disk = signedLog();
    const sha = (...parts: Uint8Array[]) =>
      parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest();
    let previous = sha(Buffer.from(JSON.stringify(['bowecho log', logId, identity.domain, identity.topic])));
    let batch: RawRecord[] = [];
    let batches = 0;
    for (const record of segmentsOf(disk).flatMap((name) => recordsOf(disk, name))) {
      if (!isSignature(record)) {
        batch.push(record);
        continue;
      }
      const payload = Buffer.from(record.subarray(72));
      const hashes = batch.map((each) => sha(each.subarray(16)));
      const hash = sha(previous, ...hashes);
      assert.deepEqual(payload.subarray(0, 32), previous);
      assert.deepEqual(payload.subarray(32, 64), hash);
      const message = Buffer.concat([Buffer.from('bowecho log batch\n'), record.subarray(16, 72), hash]);
      assert.ok(verify(null, message, publicKey, payload.subarray(64, 128)));
      assert.equal(payload.subarray(128, 160).toString('hex'), key);
      assert.deepEqual(
        payload.subarray(160, 160 + 8 * batch.length),
        Buffer.concat(hashes.map((each) => each.subarray(0, 8))),
      );
      [previous, batch] = [hash, []];
      batches++;
    }
    assert.equal(batch.length, 0);
    assert.ok(batches > 15, String(batches));
    const [line, body] = Buffer.from(disk.bytesOf('manifest'))
      .toString()
      .split(/(?<=\n)/);
    const signature = Buffer.from(line!.trim().split(' ')[3]!, 'hex');
    assert.ok(verify(null, Buffer.from(`bowecho log manifest\n${body}`), publicKey, signature));
  });

  it('goes on after it was opened again, and after its end', () => {
    const disk = signedLog();
    const log = openOn(disk, { signer })!;
    assert.equal(log.torn, undefined);
    append(log, samples(5, 2));
    close(disk, log);
    const again = openOn(disk, { signer })!;
    append(again, samples(5, 3));
    close(disk, again);
    assert.deepEqual(findingsOf(disk, [key]), []);
    assert.equal(readClosed(disk).length, 70);
  });

  for (const retention of [{ samplesMax: 20 }, { depth: 3 }, { lifespanUs: 1 }])
    it(`stays verifiable where it is thrown away: ${JSON.stringify(retention)}`, () => {
      const disk = signedLog(retention);
      const kept = readClosed(disk);
      assert.ok(kept.length < 60, String(kept.length));
      assert.deepEqual(findingsOf(disk, [key]), []);
      const log = openOn(disk, { signer })!;
      log.keep({ ...KEEP_ALL, ...retention });
      for (const sample of samples(60, 2)) {
        append(log, [sample]);
        disk.drain();
      }
      close(disk, log);
      assert.deepEqual(findingsOf(disk, [key]), []);
    });

  it('is cut where the last batch was torn before its signature: nobody was told that it was durable', () => {
    const disk = signedLog();
    const name = activeOf(disk);
    const records = recordsOf(disk, name);
    const at = offsetsOf(records).at(-1)!;
    assert.ok(isSignature(records.at(-1)!));
    disk.bytesOf(name).fill(0, at);
    const { findings, whole } = finish(disk, inspect(disk, { scheme: signer }))!;
    assert.deepEqual(
      findings.map(({ kind }) => kind),
      ['torn'],
    );
    const log = openOn(disk, { signer })!;
    assert.equal(log.torn!.file, `/disk/${name}`);
    assert.equal(log.lastSequence, whole!.sequence);
    assert.ok(log.lastSequence < 59);
    append(log, samples(3, 2));
    close(disk, log);
    assert.deepEqual(findingsOf(disk), []);
  });

  it('is opened with its key alone', () => {
    const disk = signedLog();
    const without = errorOf(() => openOn(disk));
    assert.equal(without.code, 'BE_LOG_FOREIGN');
    assert.match(without.message, new RegExp(`it is signed with key ${key}, and is opened without a key`));
    assert.equal(errorOf(() => openOn(disk, { signer: stranger })).code, 'BE_LOG_FOREIGN');
    const unsigned = new FaultyDisk();
    close(unsigned, openOn(unsigned)!);
    assert.match(
      errorOf(() => openOn(unsigned, { signer })).message,
      /it is not signed, and is opened with key/,
    );
    assert.ok(openOn(disk, { signer }) !== undefined);
  });

  it('is believed only by who trusts its key', () => {
    assert.deepEqual(findingsOf(signedLog(), [stranger.publicKey, key]), []);
    const [finding] = findingsOf(signedLog({}, stranger), [key]);
    assert.equal(finding!.code, 'BE_LOG_TAMPERED');
    assert.match(
      finding!.message,
      new RegExp(`signed with key ${stranger.publicKey}, which is not among those given`),
    );
    const unsigned = new FaultyDisk();
    close(unsigned, openOn(unsigned)!);
    assert.match(findingsOf(unsigned, [key])[0]!.message, /it is not signed/);
  });
});

describe('a signed log that was forged, with every checksum right', () => {
  /** Changes the records of the segment that is written to; gives what is found first. */
  function found(change: (records: RawRecord[]) => unknown, segment = activeOf): Finding {
    const disk = signedLog();
    const name = segment(disk);
    const records = recordsOf(disk, name);
    const changed = change(records);
    forge(disk, new Map([[name, Array.isArray(changed) ? (changed as RawRecord[]) : records]]));
    const [finding] = findingsOf(disk);
    assert.ok(finding !== undefined, 'nothing was found');
    assert.equal(finding.code, 'BE_LOG_TAMPERED');
    const opening = errorOf(() => openOn(disk, { signer }));
    assert.equal(opening.code, 'BE_LOG_TAMPERED');
    assert.deepEqual([opening.file, opening.offset], [finding.file, finding.offset]);
    return finding;
  }
  /** The index of the second record of the last batch that has three. */
  function middle(records: readonly RawRecord[]): number {
    const at = records.findIndex((_, index) =>
      records.slice(index, index + 3).every((each) => !isSignature(each)),
    );
    assert.ok(at >= 0);
    return at + 1;
  }
  const disk = signedLog();
  const active = activeOf(disk);
  const records = recordsOf(disk, active);
  const at = middle(records);
  const offset = offsetsOf(records)[at]!;
  const version = `1.${new DataView(records[at]!.buffer).getFloat64(24, true)}`;
  const next = `1.${new DataView(records[at + 1]!.buffer).getFloat64(24, true)}`;

  const cases: readonly (readonly [what: string, change: (all: RawRecord[]) => unknown, message: string])[] =
    [
      [
        'a payload was changed',
        (some) => void (some[at]![74]! ^= 1),
        `a record was changed at version ${version}`,
      ],
      [
        'a time was changed',
        (some) => void (some[at]![66]! ^= 1),
        `a record was changed at version ${version}`,
      ],
      [
        'a writer was changed',
        (some) => void (some[at]![32]! ^= 1),
        `a record was changed at version ${version}`,
      ],
      ['a record was removed', (some) => some.toSpliced(at, 1), `a record was removed at version ${next}`],
      [
        'a record was inserted',
        (some) => some.toSpliced(at, 0, some[0]!),
        'a record was inserted at version',
      ],
    ];
  for (const [what, change, message] of cases)
    it(`is found where ${what}: the record is named, and the key`, () => {
      const finding = found(change);
      assert.deepEqual([finding.file, finding.offset], [`/disk/${active}`, offset]);
      assert.ok(finding.message.startsWith(message), finding.message);
      assert.ok(finding.message.includes(`after it was signed with key ${key}`), finding.message);
    });

  it('is found where two records changed places', () => {
    const finding = found((some) => void ([some[at], some[at + 1]] = [some[at + 1]!, some[at]!]));
    assert.equal(finding.offset, offset);
    assert.match(finding.message, /^records were put in another order at version/);
  });

  it('is found where a batch is gone, with its signature, or is there twice', () => {
    const end = records.findIndex(isSignature) + 1;
    assert.match(found((some) => some.slice(end)).message, /follows another than the one before it/);
    assert.match(
      found((some) => [...some.slice(0, end), ...some]).message,
      /follows another than the one before it/,
    );
  });

  it('is found where it was signed again, by another', () => {
    const other = signedLog({}, stranger);
    const theirs = recordsOf(other, active);
    assert.match(
      found(() => theirs).message,
      new RegExp(`signed with key ${stranger.publicKey}, not with ${key}`),
    );
    const named = found((some) => {
      const signature = some.findLast(isSignature)!;
      signature.set(theirs.findLast(isSignature)!.subarray(72 + 64, 72 + 128), 72 + 64);
    });
    assert.match(named.message, new RegExp(`signature of the batch was not made with key ${key}`));
  });

  it('is found in a segment that the manifest vouches for, and in one that was compacted', () => {
    for (const retention of [{}, { depth: 2 }]) {
      const forged = signedLog(retention);
      const [first] = segmentsOf(forged);
      const some = recordsOf(forged, first!);
      some[1]![74]! ^= 1;
      forge(forged, new Map([[first!, some]]));
      assert.equal(findingsOf(forged)[0]!.code, 'BE_LOG_TAMPERED');
    }
  });

  it('is not signed again when it is compacted: the log fails, and says why', () => {
    const forged = signedLog();
    const log = openOn(forged, { signer })!;
    const [first] = segmentsOf(forged);
    const some = recordsOf(forged, first!);
    some[2]![74]! ^= 1;
    forge(forged, new Map([[first!, some]]));
    log.keep({ ...KEEP_ALL, depth: 2 });
    log.retain(0, () => undefined);
    forged.drain();
    assert.equal(log.failure?.code, 'BE_LOG_TAMPERED');
    assert.deepEqual([log.failure.file, log.failure.offset], [`/disk/${first}`, offsetsOf(some)[2]]);
  });

  it('is found where the manifest says something else: segments are gone, or samples cut', () => {
    for (const change of [
      (forged: FaultyDisk) => {
        const [first] = segmentsOf(forged);
        const { previous } = {
          previous: Buffer.from(recordsOf(forged, segmentsOf(forged)[1]!)[0]!).readUInt32LE(8),
        };
        forge(forged, new Map(), (manifest) => ({
          ...manifest,
          chain: previous,
          segments: manifest.segments.slice(1),
        }));
        forged.remove(first!);
      },
      (forged: FaultyDisk) => {
        forge(forged, new Map(), (manifest) => ({ ...manifest, segments: manifest.segments.slice(0, 3) }));
        for (const name of segmentsOf(forged).slice(3)) forged.remove(name);
      },
      (forged: FaultyDisk) =>
        forge(forged, new Map(), (manifest) => ({
          ...manifest,
          cuts: [{ fromEpoch: 1, fromSequence: 3, toEpoch: 1, toSequence: 9 }],
        })),
      (forged: FaultyDisk) =>
        forge(forged, new Map(), ({ identity: { key: _, ...rest }, ...manifest }) => ({
          ...manifest,
          identity: rest,
        })),
    ]) {
      const forged = signedLog();
      change(forged);
      assert.equal(findingsOf(forged, [key])[0]!.code, 'BE_LOG_TAMPERED');
      assert.match(errorOf(() => openOn(forged, { signer })).code, /BE_LOG_TAMPERED|BE_LOG_FOREIGN/);
    }
  });

  it('is found, whichever records of whichever segments are changed, removed, put in or moved', () => {
    const plain = signedLog();
    const names = segmentsOf(plain).filter((name) => recordsOf(plain, name).length > 1);
    const edit = fc.record({
      name: fc.constantFrom(...names),
      at: fc.nat(),
      to: fc.nat(),
      kind: fc.constantFrom('flip', 'remove', 'copy', 'move'),
      byte: fc.nat(),
    });
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 2 }), (edits) => {
        const forged = signedLog();
        const before = names.map((name) =>
          recordsOf(forged, name)
            .map((each) => Buffer.from(each.subarray(16)).toString('hex'))
            .join(),
        );
        const changes = new Map(names.map((name) => [name, recordsOf(forged, name)]));
        for (const { name, at: from, to, kind, byte } of edits) {
          const some = changes.get(name)!;
          const index = from % some.length;
          const record = new Uint8Array(some[index]!);
          // Not its length, which moves all that follows.
          const place = 16 + (byte % (record.length - 16));
          if (kind === 'flip') {
            if (place < 40 || place > 44) record[place]! ^= 1 + (byte % 255);
            some[index] = record;
          } else if (kind === 'remove') some.splice(index, 1);
          else if (kind === 'copy') some.splice(to % some.length, 0, record);
          else some.splice(to % some.length, 0, ...some.splice(index, 1));
        }
        const fits = names.every(
          (name) =>
            changes.get(name)!.reduce((sum, { length }) => sum + length, 4096) <= plain.bytesOf(name).length,
        );
        fc.pre(fits);
        forge(forged, changes);
        const after = names.map((name) =>
          recordsOf(forged, name)
            .map((each) => Buffer.from(each.subarray(16)).toString('hex'))
            .join(),
        );
        fc.pre(JSON.stringify(before) !== JSON.stringify(after));
        // What has no signature at the end was torn, nobody was told that it was durable: to bring that about is to bring an earlier day back, and of
        // that only another copy knows.
        const last = recordsOf(forged, names.at(-1)!);
        const signed = last
          .slice(0, last.findLastIndex(isSignature) + 1)
          .map((each) => Buffer.from(each.subarray(16)).toString('hex'))
          .join();
        fc.pre(
          !(
            before.at(-1)!.startsWith(signed) &&
            JSON.stringify(before.slice(0, -1)) === JSON.stringify(after.slice(0, -1))
          ),
        );
        assert.ok(findingsOf(forged).length > 0);
      }),
      { numRuns: 150 },
    );
  });

  it('is found where any single byte of a file changed, with no checksum set right', () => {
    const plain = signedLog();
    const names = [...segmentsOf(plain).filter((name) => recordsOf(plain, name).length > 0), 'manifest'];
    fc.assert(
      fc.property(
        fc.constantFrom(...names),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        (name, place, change) => {
          const changed = plain.afterExit();
          const bytes = changed.bytesOf(name);
          bytes[place % bytes.length]! ^= change;
          assert.ok(findingsOf(changed).length > 0, `${name} ${place % bytes.length}`);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('is found where a segment is shorter, missing, or another', () => {
    const names = segmentsOf(signedLog()).slice(0, -1);
    for (const [index, name] of names.entries()) {
      for (const spoil of [
        (spoilt: FaultyDisk) => spoilt.put(name, spoilt.bytesOf(name).slice(0, -512)),
        (spoilt: FaultyDisk) => spoilt.remove(name),
        (spoilt: FaultyDisk) => spoilt.put(name, spoilt.bytesOf(names[(index + 1) % names.length]!)),
      ]) {
        const spoilt = signedLog();
        spoil(spoilt);
        const [finding] = findingsOf(spoilt);
        assert.equal(finding!.file, `/disk/${name}`);
      }
    }
  });
});

describe('repairing a signed log', () => {
  function damaged(): FaultyDisk {
    const disk = signedLog();
    const name = segmentsOf(disk)[2]!;
    const records = recordsOf(disk, name);
    disk.bytesOf(name)[offsetsOf(records)[records.length - 2]! + 80]! ^= 1;
    return disk;
  }
  const repaired = (disk: FaultyDisk, sequence: number, by?: Ed25519Signer) =>
    finish(disk, repair(disk, { epoch: 1, sequence }, { scheme: signer, signer: by }))!;

  it('discards only for who has the key, and signs what is left', () => {
    const disk = damaged();
    const found = finish(disk, inspect(disk, { scheme: signer }))!;
    for (const by of [undefined, stranger]) {
      const error = errorOf(() => repaired(disk, found.whole!.sequence, by));
      assert.equal(error.code, 'BE_LOG_FOREIGN');
    }
    for (let sequence = found.whole!.sequence; sequence > found.whole!.sequence - 6; sequence--) {
      const one = damaged();
      repaired(one, sequence, signer);
      assert.deepEqual(findingsOf(one, [key]), []);
      assert.deepEqual(readClosed(one), texts.slice(0, sequence + 1));
      const log = openOn(one, { signer })!;
      assert.deepEqual([log.lastSequence, log.torn], [sequence, undefined]);
      append(log, samples(3, 2));
      close(one, log);
      assert.deepEqual(findingsOf(one, [key]), []);
    }
  });

  it('makes a manifest again with the key alone', () => {
    const disk = signedLog();
    disk.remove('manifest');
    assert.equal(
      errorOf(() => finish(disk, repair(disk, undefined, { scheme: signer }))).code,
      'BE_LOG_FOREIGN',
    );
    finish(disk, repair(disk, undefined, { scheme: signer, signer }));
    assert.deepEqual(findingsOf(disk, [key]), []);
    assert.deepEqual(readClosed(disk), texts);
  });
});

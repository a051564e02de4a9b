import assert from 'node:assert/strict';
import { decodeManifest } from '../../runtime/durability/log/manifest.js';
import { decodeSegmentHeader, segmentHeaderBytes } from '../../runtime/durability/log/segment-header.js';
import { FaultyDisk } from './faulty-disk.js';
import { append, close, identity, logId, openOn, readClosed } from './log-on-disk.js';

function hex(bytes: Uint8Array): string[] {
  return Buffer.from(bytes)
    .toString('hex')
    .match(/.{1,16}/g)!;
}

/** A log with two samples in one batch, the end of their epoch, and its own end. */
function smallLog(): FaultyDisk {
  const disk = new FaultyDisk();
  const log = openOn(disk)!;
  append(log, [
    { epoch: 5, sequence: 8, text: 'hello', instance: 0xabcd, timeUs: 1_700_000_000_000_000 },
    { epoch: 5, sequence: 11, text: '', timeUs: 1_700_000_000_000_001 },
  ]);
  disk.drain();
  log.end(5, 10);
  close(disk, log);
  return disk;
}

/** docs/log-format.md, in bytes. The checksums were looked over with another implementation, bit by bit. */
describe('the format of the log', () => {
  const disk = smallLog();
  const bytes = disk.bytesOf('00000001-0.log');

  it('has a header in each segment that says whose it is', () => {
    assert.deepEqual(hex(bytes.subarray(0, 44)), [
      '626f776c6f670d0a', // 'bowlog', CR, LF
      '02000000287d620a', // format version, CRC-32C of bytes 16 to 4095
      '00bc9a785634b242', // the id of the log, a float
      '0100000000000000', // number 1, generation 0
      '000000000000c040', // 8192 bytes, a float
      '6f000000', // so many bytes of JSON follow
    ]);
    assert.equal(
      Buffer.from(bytes.subarray(44, 44 + 0x6f)).toString(),
      '{"domain":"tower","topic":"flights","typeName":"flights::Flight","typeHash":"0123456789abcdef0123456789abcdef"}',
    );
    assert.ok(bytes.subarray(44 + 0x6f, segmentHeaderBytes).every((byte) => byte === 0));
    assert.deepEqual(decodeSegmentHeader('x', bytes), {
      logId,
      number: 1,
      generation: 0,
      bytes: 8192,
      identity,
    });
  });

  it('has records with version, writer, times and checksums', () => {
    assert.deepEqual(hex(bytes.subarray(4096, 4096 + 80)), [
      '899e839eb3ed0390', // CRC-32C of the head, and of the payload
      '0000000000100000', // follows nothing; its batch began at 4096
      '0000000000001440', // epoch 5
      '0000000000002040', // sequence 8
      '0000000000405340', // sender 77
      '0500000001020300', // 5 bytes; data, flags 2, writer 3
      'cdab000000000000', // instance
      '0000000000002240', // writer sequence 9
      '0000796090281843', // source time
      '68656c6c6f000000', // 'hello', padded
    ]);
    assert.deepEqual(hex(bytes.subarray(4176, 4176 + 72)), [
      '9a20a01500000000', // nothing sums up to nothing
      '899e839e00100000', // follows the record with that checksum, in the same batch
      '0000000000001440',
      '0000000000002640', // sequence 11
      '0000000000405340',
      '0000000001020300', // no payload
      '0000000000000000',
      '0000000000002840',
      '0400796090281843',
    ]);
  });

  it('has records of its own: the end of an epoch, with what it cuts, and the end of the log', () => {
    assert.deepEqual(hex(bytes.subarray(4248, 4248 + 176)), [
      'bb6249ed70af556a',
      '9a20a01598100000', // a batch of its own, at 4248
      '0000000000001440', // the epoch 5
      '0000000000002440', // ends with sequence 10
      '0000000000000000',
      '1000000010000000', // 16 bytes; kind 16
      '0000000000000000',
      '0000000000000000',
      '0000000000000000',
      '0000000000001440', // and cuts up to 5.11
      '0000000000002640',
      'f3d6303bea9a7042',
      'bb6249edf0100000', // again a batch of its own
      '0000000000001440',
      '0000000000002440',
      '0000000000000000',
      '1000000011000000', // kind 17
      '0000000000000000',
      '0000000000000000',
      '0000000000000000',
      '0000000000000000',
      '0000000000000000',
    ]);
    assert.deepEqual(readClosed(disk), ['5.8 hello']);
  });

  it('has nothing but zeros behind the last record', () => {
    assert.equal(bytes.length, 8192);
    assert.ok(bytes.subarray(4248 + 176).every((byte) => byte === 0));
  });

  it('has a manifest that lists the segments', () => {
    const text = Buffer.from(disk.bytesOf('manifest')).toString();
    assert.equal(
      text,
      'bowecho-log 2 d49dcf0b\n' +
        '{"identity":{"domain":"tower","topic":"flights","typeName":"flights::Flight","typeHash":"0123456789abcdef0123456789abcdef"},' +
        '"types":[{"typeHash":"0123456789abcdef0123456789abcdef"}],' +
        '"logId":20015998343868,"chain":0,"cuts":[],"segments":[{"number":1,"generation":0,"bytes":8192}]}\n',
    );
    assert.equal(decodeManifest('x', disk.bytesOf('manifest')).logId, logId);
  });
});

import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ed25519Signer } from '../../runtime/durability/ed25519.js';
import { crc32c } from '../../runtime/durability/log/crc32c.js';
import { openTopicLog } from '../../runtime/durability/open-topic-log.js';
import { encoded, load } from '../codegen/generated.js';
import { deliveryOf } from '../durability/log-on-disk.js';
import { CommandFolder } from './command-folder.js';

const idl = `module flights {
  @topic struct Flight { @key string callsign; long altitude; unsigned long long squawk; sequence<octet> raw; };
};`;
const flight = { callsign: 'BAW117', altitude: -5, squawk: 1n << 40n, raw: new Uint8Array([0xab, 0xcd]) };
const text = { typeName: 'bowecho::Text', typeHash: '00000000000000000000000000000002' };
const protobuf = 0;
const xcdr2 = 2;

type Payload = readonly [bytes: Uint8Array, flags: number];

describe('bowecho log', function () {
  this.timeout(60_000);
  const work = new CommandFolder();
  after(() => work.remove());

  async function makeLog(
    name: string,
    type: { typeName: string; typeHash: string },
    payloads: readonly Payload[],
    signer?: Ed25519Signer,
  ): Promise<void> {
    const directory = join(work.path, 'logs', name);
    const log = await openTopicLog({
      directory,
      domain: 'tower',
      topic: name,
      ...type,
      signer,
      moved: () => undefined,
    });
    payloads.forEach(([bytes, flags], sequence) => {
      const timeUs = 1_700_000_000_000_000 + sequence;
      const message = deliveryOf({ epoch: 2, sequence, text: '', instance: 0xab, timeUs });
      message.memory.bytes.set(bytes, message.offset);
      message.memory.u32[1] = 1 | (flags << 8) | (3 << 16);
      message.length = bytes.length;
      log.append(message);
    });
    await log.close();
  }

  before(async () => {
    const notes = Array.from({ length: 10 }, (_, at): Payload => [Buffer.from(`note ${at}`), protobuf]);
    await makeLog('notes', text, notes);
    const { topic } = await load({ 'flights.idl': idl });
    const type = topic('Flight');
    await makeLog('flights', { typeName: type.name, typeHash: type.typeHash }, [
      [encoded(type.protobuf, flight), protobuf],
      [encoded(type.xcdr2!, flight), xcdr2],
    ]);
    work.write('flights.idl', idl);
    work.write('later.idl', idl.replace('long altitude', 'double altitude'));
    work.write('other.idl', '@topic struct Other { long a; };');
  });

  function cat(args: readonly string[]): Record<string, unknown>[] {
    const { code, out, err } = work.run(['log', 'cat', ...args]);
    assert.deepEqual([code, err], [0, '']);
    return out
      .trim()
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  }

  const head = { epoch: 2, member: 77, writer: 3, instance: '00000000000000ab' };

  it('ls shows each log in a folder and the folders in it', () => {
    const { code, out } = work.run(['log', 'ls', 'logs']);
    assert.equal(code, 0);
    assert.match(
      out,
      /^logs\/flights\n {2}topic flights of domain tower, type flights::Flight \([0-9a-f]{32}\)\n/,
    );
    assert.match(out, /logs\/notes\n.*\n {2}10 samples, 2\.0 to 2\.9, 1 segments of 1048576 bytes\n$/);
    const [first] = work.run(['log', 'ls', '--json', 'logs/notes']).out.split('\n');
    assert.deepEqual(JSON.parse(first!), {
      folder: 'logs/notes',
      domain: 'tower',
      topic: 'notes',
      ...text,
      earlierTypes: [],
      samples: 10,
      segments: 1,
      bytes: 1048576,
      first: '2.0',
      last: '2.9',
      torn: false,
    });
    assert.deepEqual(work.run(['log', 'ls', 'nowhere']).code, 1);
  });

  it('cat prints samples of the built-in types as they are', () => {
    const lines = cat(['logs/notes']);
    assert.equal(lines.length, 10);
    assert.deepEqual(lines[7], {
      ...head,
      sequence: 7,
      writerSequence: 8,
      sourceTimeUs: 1_700_000_000_000_007,
      data: 'note 7',
    });
  });

  it('cat prints a part, by versions or by times', () => {
    const sequences = (args: readonly string[]) =>
      cat(['logs/notes', ...args]).map(({ sequence }) => sequence);
    assert.deepEqual(sequences(['--from', '2.7']), [7, 8, 9]);
    assert.deepEqual(sequences(['--from', '2.3', '--up-to', '2.4']), [3, 4]);
    assert.deepEqual(sequences(['--since', '1700000000000008']), [8, 9]);
    assert.deepEqual(sequences(['--until', '2023-11-14T22:13:20Z']), [0]);
    assert.equal(work.run(['log', 'cat', 'logs/notes', '--from', 'two']).code, 2);
  });

  it('cat decodes samples by the IDL, in any representation; without it they are hex', () => {
    const data = { callsign: 'BAW117', altitude: -5, squawk: String(1n << 40n), raw: 'abcd' };
    assert.deepEqual(
      cat(['logs/flights', '--idl', 'flights.idl']).map((line) => line['data']),
      [data, data],
    );
    const [first] = cat(['logs/flights']);
    assert.match(String(first!['bytes']), /^0a06424157313137/);
  });

  it('cat decodes by no other type than the log was written with', () => {
    const later = work.run(['log', 'cat', 'logs/flights', '--idl', 'later.idl']);
    assert.equal(later.code, 1);
    assert.match(
      later.err,
      /flights::Flight in 'later\.idl' has hash [0-9a-f]{32}, the log was written with/,
    );
    const other = work.run(['log', 'cat', 'logs/flights', '--idl', 'other.idl']);
    assert.match(other.err, /there is no topic of type flights::Flight in 'other\.idl'/);
  });

  it('verify and repair: nothing is wrong', () => {
    assert.deepEqual(work.run(['log', 'verify', 'logs/notes']), {
      code: 0,
      out: '10 samples, all whole\n',
      err: '',
    });
    assert.deepEqual(work.run(['log', 'repair', 'logs/notes']), {
      code: 0,
      out: 'nothing was wrong\n',
      err: '',
    });
  });

  it('verify gives a digest that is equal where the samples are, and else is not', async () => {
    const payloads = ['one', 'two'].map((each): Payload => [Buffer.from(each), protobuf]);
    await makeLog('copy-a', text, payloads);
    await makeLog('copy-b', text, payloads);
    await makeLog('copy-c', text, [payloads[0]!, [Buffer.from('twO'), protobuf]]);
    const [a, b, c] = ['a', 'b', 'c'].map(
      (name) => work.run(['log', 'verify', '--digest', `logs/copy-${name}`]).out.split('\n')[1]!,
    );
    assert.match(a!, /^SHA-256 [0-9a-f]{64}$/);
    assert.equal(a, b);
    assert.notEqual(a, c);
  });

  it('verify names what is damaged, repair refuses, and discards only when told to', async () => {
    await makeLog('damaged', text, [
      [Buffer.from('one'), protobuf],
      [Buffer.from('two'), protobuf],
      [Buffer.from('three'), protobuf],
    ]);
    const folder = join(work.path, 'logs/damaged');
    const segment = join(
      folder,
      readdirSync(folder).find((name) => name.endsWith('.log'))!,
    );
    const bytes = readFileSync(segment);
    bytes[4096 + 80 + 74]! ^= 1;
    writeFileSync(segment, bytes);
    const verified = work.run(['log', 'verify', 'logs/damaged']);
    assert.equal(verified.code, 1);
    assert.match(
      verified.out,
      /^damage: logs\/damaged\/00000001-0\.log at 4176: the record of version 2\.1 has/,
    );
    assert.match(verified.err, /damaged in 1 place; whole up to version 2\.0/);
    assert.equal(work.run(['log', 'cat', 'logs/damaged']).code, 1);
    const refused = work.run(['log', 'repair', 'logs/damaged']);
    assert.equal(refused.code, 1);
    assert.match(
      refused.err,
      /logs\/damaged\/00000001-0\.log at 4176: .*'--discard-after 2\.0' keeps just that \(BE_LOG_CORRUPT\)/,
    );
    const done = work.run(['log', 'repair', 'logs/damaged', '--discard-after', '2.0']);
    assert.deepEqual([done.code, done.out], [0, 'discarded everything after version 2.0\n']);
    assert.deepEqual(
      cat(['logs/damaged']).map(({ data }) => data),
      ['one'],
    );
  });

  it('a lost manifest is told by ls and verify, and made again', async () => {
    await makeLog('lost', text, [[Buffer.from('one'), protobuf]]);
    rmSync(join(work.path, 'logs/lost/manifest'));
    const listed = work.run(['log', 'ls', 'logs/lost']);
    assert.equal(listed.code, 1);
    assert.match(listed.out, /manifest: the manifest is gone, .* \(BE_LOG_MISSING\)/);
    assert.equal(work.run(['log', 'verify', 'logs/lost']).code, 1);
    assert.equal(work.run(['log', 'repair', 'logs/lost']).out, 'made the manifest again, of 1 segments\n');
    assert.deepEqual(work.run(['log', 'verify', 'logs/lost']).out, '1 samples, all whole\n');
  });

  it('verify tells by whom a log is signed, whether that is who is trusted, and what was changed since', async () => {
    const pems = ['mine', 'other'].map((name) => {
      const { privateKey, publicKey } = generateKeyPairSync('ed25519');
      work.write(`${name}.pub`, publicKey.export({ format: 'pem', type: 'spki' }) as string);
      const pem = privateKey.export({ format: 'pem', type: 'pkcs8' }) as string;
      work.write(`${name}.pem`, pem);
      return pem;
    });
    const signer = new Ed25519Signer(pems[0]!);
    const notes = ['one', 'two', 'three'].map((note): Payload => [Buffer.from(note), protobuf]);
    await makeLog('signed', text, notes, signer);
    const verify = (...args: string[]) => work.run(['log', 'verify', 'logs/signed', ...args]);
    assert.match(
      verify('--key', 'other.pub', '--key', 'mine.pub').out,
      new RegExp(`^3 samples, all whole\nsigned with key ${signer.publicKey}, last hash [0-9a-f]{64}\n$`),
    );
    assert.match(
      work.run(['log', 'ls', 'logs/signed']).out,
      new RegExp(`signed with key ${signer.publicKey}`),
    );
    const stranger = verify('--key', 'other.pub');
    assert.equal(stranger.code, 1);
    assert.match(
      stranger.out,
      /manifest at 0: the log cannot be trusted: it is signed with key .* \(BE_LOG_TAMPERED\)/,
    );
    assert.match(verify('--key', 'notes').err, /cannot read 'notes'/);
    work.write('no.pem', 'no key');
    assert.match(verify('--key', 'no.pem').err, /the signing key: it cannot be read.* \(BE_LOG_KEY\)/);
    const cut = ['repair', 'logs/signed', '--discard-after', '2.1'];
    for (const key of [[], ['--key', 'other.pem']])
      assert.match(
        work.run(['log', ...cut, ...key]).err,
        /only who has its private key .* \(BE_LOG_FOREIGN\)/,
      );
    assert.equal(work.run(['log', ...cut, '--key', 'mine.pem']).code, 0);
    assert.match(verify('--key', 'mine.pem').out, /^2 samples, all whole/);
    const manifest = join(work.path, 'logs/signed/manifest');
    const forged = readFileSync(manifest, 'utf8').replace('"topic":"signed"', '"topic":"forged"');
    const [line, body] = forged.split(/(?<=\n)/) as [string, string];
    const padded = new Uint8Array((body.length + 3) & ~3);
    padded.set(Buffer.from(body));
    const sum = crc32c(padded, new Uint32Array(padded.buffer), 0, body.length).toString(16).padStart(8, '0');
    writeFileSync(manifest, line.replace(/^(bowecho-log \d+) [0-9a-f]{8}/, `$1 ${sum}`) + body);
    assert.match(verify().out, /manifest at 0: the manifest was not signed with key .* \(BE_LOG_TAMPERED\)/);
  });

  it('what somebody has open is read, and not repaired', async () => {
    const directory = join(work.path, 'logs/open');
    const log = await openTopicLog({
      directory,
      domain: 'tower',
      topic: 'open',
      ...text,
      moved: () => undefined,
    });
    assert.equal(work.run(['log', 'verify', 'logs/open']).code, 0);
    const { code, err } = work.run(['log', 'repair', 'logs/open']);
    assert.equal(code, 1);
    assert.match(err, /logs\/open: another process has the log open .* \(BE_LOG_LOCKED\)/);
    await log.close();
  });
});

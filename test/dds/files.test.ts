import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { mkdir, open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type FileError,
  FileReceiver,
  FileSender,
  type Participant,
  type ReceivedFile,
  type Writer,
} from '../../runtime/dds/index.js';
import { type FilePart, FileParts } from '../../runtime/dds/files/part.js';
import { LocalDomain } from './local-domain.js';
import { until } from './member-process.js';

const topic = 'files';
const pieceBytes = 4096;
const sumOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest();

describe('files over a topic', () => {
  let domain: LocalDomain;
  let one: Participant;
  let folder: string;
  let source: string;
  let into: string;
  let receiver: FileReceiver;
  let sender: FileSender;
  const files: ReceivedFile[] = [];
  const errors: FileError[] = [];

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'bowecho-files-'));
    source = join(folder, 'source.bin');
    into = join(folder, 'into');
    files.length = errors.length = 0;
    domain = new LocalDomain();
    one = await domain.join();
    receiver = await receive(await domain.join(), into);
    sender = await FileSender.open(one, { topic, pieceBytes });
    await sender.whenMatched(1);
  });

  afterEach(async () => {
    await domain.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function receive(participant: Participant, folder: string, bytesMax?: number): Promise<FileReceiver> {
    const opened = await FileReceiver.open(participant, folder, {
      topic,
      ...(bytesMax !== undefined && { bytesMax }),
    });
    opened.files$.subscribe((file) => files.push(file));
    opened.errors$.subscribe((error) => errors.push(error));
    return opened;
  }

  const arrived = (count: number) => until(() => files.length + errors.length >= count, `${count} files`);

  /** Some of a file is on the receiver's disk. */
  const begun = () =>
    until(() => readdirSync(into).some((name) => statSync(join(into, name)).size > 0), 'a part of a file');

  /** Bytes of a new source. */
  function makeSource(length: number): Buffer {
    const bytes = randomBytes(length);
    writeFileSync(source, bytes);
    return bytes;
  }

  /** What another process could write, whatever it likes. */
  async function rawWriter(): Promise<Writer<FilePart>> {
    const writer = await (await domain.join()).writer(FileParts, { topic });
    await writer.whenMatched(1);
    return writer;
  }

  for (const length of [0, 1, pieceBytes - 1, pieceBytes, pieceBytes + 1, 40 * pieceBytes + 17, 3_000_000])
    it(`one of ${length} bytes is there as it was, with its sum`, async () => {
      const bytes = makeSource(length);
      const sent = await sender.send(source);
      await arrived(1);
      const sha256 = sumOf(bytes).toString('hex');
      assert.deepEqual(sent, { name: 'source.bin', length, sha256 });
      assert.deepEqual(files, [{ ...sent, path: join(into, 'source.bin'), member: one.id }]);
      assert.ok(readFileSync(files[0]!.path).equals(bytes));
      assert.deepEqual(readdirSync(into), ['source.bin']);
    });

  for (const qos of ['raw', 'persistent'])
    it(`of a topic that is ${qos}, as of one that is atomic`, async () => {
      const storage = join(folder, 'storage');
      const [from, to] = [
        await domain.join({ name: 'from', storage }),
        await domain.join({ name: 'to', storage }),
      ];
      const there = await FileReceiver.open(to, into, { topic: qos, qos });
      const got = new Promise<ReceivedFile>((resolve) => there.files$.subscribe(resolve));
      const other = await FileSender.open(from, { topic: qos, qos });
      await other.whenMatched(1);
      const bytes = makeSource(3_000_000);
      const { sha256 } = await other.send(source);
      assert.equal((await got).sha256, sha256);
      assert.equal(sha256, sumOf(bytes).toString('hex'));
    });

  it('a part of one, by its handle, which stays open', async () => {
    const bytes = makeSource(100_000);
    const handle = await open(source, 'r');
    await sender.send(handle, { name: 'part', offset: 5_000, length: 20_001 });
    await arrived(1);
    assert.ok(readFileSync(join(into, 'part')).equals(bytes.subarray(5_000, 25_001)));
    assert.equal((await handle.stat()).size, 100_000);
    await handle.close();
  });

  it('several at once, from two senders, each as it was', async () => {
    const other = await FileSender.open(await domain.join(), { topic, pieceBytes: 9_000 });
    await other.whenMatched(1);
    const sums = new Map<string, string>();
    const sends = Array.from({ length: 12 }, async (_, i) => {
      const bytes = randomBytes(50_000 + i * 3_333);
      writeFileSync(join(folder, `f${i}`), bytes);
      sums.set(`f${i}`, sumOf(bytes).toString('hex'));
      await (i % 2 === 0 ? sender : other).send(join(folder, `f${i}`));
    });
    await Promise.all(sends);
    await arrived(12);
    assert.deepEqual(errors, []);
    assert.deepEqual(new Map(files.map(({ name, sha256 }) => [name, sha256])), new Map([...sums].sort()));
    for (const [name, sum] of sums) assert.equal(sumOf(readFileSync(join(into, name))).toString('hex'), sum);
  });

  it('one that had the name before is replaced as a whole, and a link is not followed', async () => {
    writeFileSync(join(folder, 'outside'), 'as it was');
    symlinkSync(join(folder, 'outside'), join(into, 'source.bin'));
    const bytes = makeSource(10_000);
    await sender.send(source);
    await arrived(1);
    assert.ok(readFileSync(join(into, 'source.bin')).equals(bytes));
    assert.equal(readFileSync(join(folder, 'outside'), 'utf8'), 'as it was');
  });

  for (const name of [
    '',
    '.',
    '..',
    '../out',
    '/etc/passwd',
    'a/b',
    'a\\b',
    'a\0b',
    'a\nb',
    '.hidden',
    'ü'.repeat(128),
    '\ud800',
  ])
    it(`cannot be called ${JSON.stringify(name.slice(0, 20))}: neither sent so, nor received`, async () => {
      makeSource(10);
      await assert.rejects(sender.send(source, { name }), { code: 'BE_FILE_NAME' });
      const writer = await rawWriter();
      const bytes = Buffer.from('evil');
      await writer.write({ kind: 'begin', transfer: 1, length: 4, name });
      await writer.write({ kind: 'piece', transfer: 1, offset: 0, bytes });
      await writer.write({ kind: 'end', transfer: 1, length: 4, sha256: sumOf(bytes) });
      await sender.send(source);
      await arrived(2);
      // What is no Unicode text becomes some on its way.
      const isText = Buffer.from(name).toString() === name;
      assert.deepEqual(
        errors.map(({ code }) => code),
        isText ? ['BE_FILE_NAME'] : [],
      );
      assert.deepEqual(readdirSync(folder).sort(), ['into', 'source.bin']);
      if (isText) assert.deepEqual(readdirSync(into), ['source.bin']);
    });

  const evil = Buffer.from('four');
  const begin = { kind: 'begin', transfer: 1, length: 4, name: 'evil' } as const;
  const piece = { kind: 'piece', transfer: 1, offset: 0, bytes: evil } as const;
  const end = { kind: 'end', transfer: 1, length: 4, sha256: sumOf(evil) } as const;
  const damages: Record<string, [code: string, ...parts: FilePart[]]> = {
    'with another sum': ['BE_FILE_DAMAGED', begin, piece, { ...end, sha256: sumOf(Buffer.from('five')) }],
    'without a piece': ['BE_FILE_DAMAGED', begin, end],
    'with a piece twice': ['BE_FILE_DAMAGED', begin, piece, piece, end],
    'with a piece at another place': ['BE_FILE_DAMAGED', begin, { ...piece, offset: 2 ** 40 }, end],
    'with more than it said': ['BE_FILE_DAMAGED', { ...begin, length: 3 }, piece, end],
    'that begins twice': ['BE_FILE_DAMAGED', begin, begin, piece, end],
    'without its beginning': ['BE_FILE_MISSED', piece, end],
    'that is given up': ['BE_FILE_ABORTED', begin, piece, { kind: 'abort', transfer: 1, reason: 'no more' }],
  };
  for (const [what, [code, ...parts]] of Object.entries(damages))
    it(`one ${what} is told once, and leaves nothing behind: ${code}`, async () => {
      const writer = await rawWriter();
      for (const part of parts) await writer.write(part);
      makeSource(10);
      await sender.send(source);
      await arrived(2);
      assert.deepEqual(
        errors.map((error) => error.code),
        [code],
      );
      assert.deepEqual(readdirSync(into), ['source.bin']);
    });

  it('bytes that are no part of one are rejected by the reader, and harm nothing', async () => {
    for (const bytes of [
      [],
      [9],
      [5, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
      Array<number>(40).fill(255),
    ])
      assert.throws(() => FileParts.protobuf.decode(memoryOf(bytes), 0, bytes.length), {
        name: 'MalformedSampleError',
      });
  });

  it('one that is shortened, or written, while it is sent is given up at both ends: BE_FILE_SOURCE', async () => {
    for (const change of [
      () => truncateSync(source, 5_000),
      () => writeFileSync(source, randomBytes(4_000_000)),
    ]) {
      makeSource(4_000_000);
      const sending = sender.send(source);
      const refused = assert.rejects(sending, { code: 'BE_FILE_SOURCE' });
      await begun();
      change();
      await refused;
      await until(() => readdirSync(into).length === 0, 'nothing of it');
    }
    await arrived(2);
    assert.deepEqual(
      errors.map(({ code }) => code),
      ['BE_FILE_ABORTED', 'BE_FILE_ABORTED'],
    );
    assert.deepEqual(readdirSync(into), []);
  });

  it('what is no regular file, or not so long, is refused; what is not there is told by the file system', async () => {
    makeSource(100);
    await assert.rejects(sender.send(folder), { code: 'BE_FILE_SOURCE' });
    await assert.rejects(sender.send(source, { offset: 50, length: 51 }), { code: 'BE_FILE_SOURCE' });
    await assert.rejects(sender.send(join(folder, 'none')), { code: 'ENOENT' });
    assert.deepEqual([files, errors], [[], []]);
  });

  it('one that is cancelled, or whose sender is closed, is given up at both ends', async () => {
    makeSource(40_000_000);
    const controller = new AbortController();
    const cancelled = assert.rejects(sender.send(source, { signal: controller.signal }), {
      name: 'AbortError',
    });
    await begun();
    controller.abort();
    await cancelled;
    await arrived(1);
    const sending = assert.rejects(sender.send(source, { name: 'second' }), { code: 'BE_FILE_ABORTED' });
    await begun();
    await sender.close();
    await sending;
    await arrived(2);
    assert.deepEqual(
      errors.map(({ code }) => code),
      ['BE_FILE_ABORTED', 'BE_FILE_ABORTED'],
    );
    assert.deepEqual(readdirSync(into), []);
  });

  it('one that is too large for a receiver is refused there, and the next one comes', async () => {
    await receiver.close();
    await receive(one, into, 1_000);
    makeSource(1_001);
    await sender.send(source);
    await sender.send(source, { name: 'short', length: 1_000 });
    await arrived(2);
    assert.deepEqual(
      errors.map(({ code, fileName }) => [code, fileName]),
      [['BE_FILE_REFUSED', 'source.bin']],
    );
    assert.deepEqual(
      files.map(({ name }) => name),
      ['short'],
    );
  });

  it('no more than 64 are on their way at once', async () => {
    const writer = await rawWriter();
    for (let transfer = 1; transfer <= 65; transfer++)
      await writer.write({ kind: 'begin', transfer, length: 1, name: `f${transfer}` });
    await arrived(1);
    assert.deepEqual(
      errors.map(({ code, fileName }) => [code, fileName]),
      [['BE_FILE_REFUSED', 'f65']],
    );
  });

  it('one that cannot be written is told, with the reason, and the next one comes', async () => {
    await mkdir(join(into, 'source.bin'));
    makeSource(10_000);
    await sender.send(source);
    await sender.send(source, { name: 'other' });
    await arrived(2);
    assert.deepEqual(
      errors.map(({ code }) => code),
      ['BE_FILE_NOT_WRITTEN'],
    );
    assert.equal((errors[0]!.cause as { code: string }).code, 'EISDIR');
    assert.deepEqual(readdirSync(into).sort(), ['other', 'source.bin']);
  });

  it('of those that are not whole nothing is left when the receiver is closed', async () => {
    const writer = await rawWriter();
    await writer.write(begin);
    await until(() => readdirSync(into).length === 1, 'the beginning');
    await receiver.close();
    assert.deepEqual(readdirSync(into), []);
  });
});

function memoryOf(numbers: readonly number[]) {
  const bytes = Uint8Array.from(numbers);
  return { bytes, view: new DataView(bytes.buffer) };
}

import { encodeManifest, type Manifest } from '../../runtime/durability/log/manifest.js';
import { headSum, payloadSum, placeSeed, recordBytes } from '../../runtime/durability/log/record.js';
import { decodeSegmentHeader, segmentHeaderBytes } from '../../runtime/durability/log/segment-header.js';
import { regionMemory } from '../../transport/transport.js';
import type { FaultyDisk } from './faulty-disk.js';

/** A record by itself, with its guard. */
export type RawRecord = Uint8Array<ArrayBuffer>;

/** The records of a segment, one after another. */
export function recordsOf(disk: FaultyDisk, name: string): RawRecord[] {
  const memory = regionMemory(new Uint8Array(disk.bytesOf(name)).buffer);
  const records: RawRecord[] = [];
  for (let at = segmentHeaderBytes; at + 72 <= memory.bytes.length && memory.u32[at >>> 2] !== 0;) {
    const bytes = recordBytes(memory.u32[(at + 40) >>> 2]!);
    records.push(memory.bytes.slice(at, at + bytes));
    at += bytes;
  }
  return records;
}

export const isSignature = (record: RawRecord): boolean => record[44] === 18;

/** Where each record of a segment begins. */
export function offsetsOf(records: readonly RawRecord[]): number[] {
  let offset = segmentHeaderBytes;
  return records.map(({ length }) => (offset += length) - length);
}

/**
 * Does what somebody would who can write to the folder, and has no key: gives segments other records, with every checksum right, and the
 * manifest too, but for its signature.
 */
export function forge(
  disk: FaultyDisk,
  changes: ReadonlyMap<string, readonly RawRecord[]>,
  changeManifest: (manifest: Manifest) => Manifest = (manifest) => manifest,
): void {
  const text = Buffer.from(disk.bytesOf('manifest')).toString();
  const manifest = changeManifest(JSON.parse(text.slice(text.indexOf('\n'))) as Manifest);
  let { chain } = manifest;
  const segments = manifest.segments.map((segment) => {
    const { number, generation } = segment;
    const name = `${String(number).padStart(8, '0')}-${generation}.log`;
    const written = rewrite(
      disk,
      name,
      changes.get(name) ?? recordsOf(disk, name),
      generation > 0 ? 0 : chain,
    );
    chain = written.chain;
    return segment.summary === undefined
      ? segment
      : { ...segment, summary: { ...segment.summary, used: written.used, chain } };
  });
  const forged = { ...manifest, segments };
  const again = Buffer.from(encodeManifest(forged)).toString();
  // The signature is the old one: there is no other.
  const signature = /^bowecho-log \d+ [0-9a-f]{8}( [0-9a-f]{128})?\n/.exec(text)![1] ?? '';
  if (JSON.stringify(forged) === JSON.stringify(JSON.parse(text.slice(text.indexOf('\n'))))) return;
  disk.put('manifest', Buffer.from(again.replace('\n', `${signature}\n`)));
}

function rewrite(
  disk: FaultyDisk,
  name: string,
  records: readonly RawRecord[],
  before: number,
): { used: number; chain: number } {
  const file = disk.bytesOf(name);
  const { logId, number } = decodeSegmentHeader(name, file);
  const target = new Uint8Array(file.length);
  target.set(file.subarray(0, segmentHeaderBytes));
  let chain = before;
  let used = segmentHeaderBytes;
  for (const record of records) {
    const memory = regionMemory(new Uint8Array(record).buffer);
    memory.u32[1] = payloadSum(memory, 0);
    memory.u32[2] = chain;
    chain = memory.u32[0] = headSum(memory, 0, placeSeed(logId, number, used));
    target.set(memory.bytes, used);
    used += record.length;
  }
  disk.put(name, target);
  return { used, chain };
}

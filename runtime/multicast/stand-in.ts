import type { MemberId, Region } from '../../transport/transport.js';
import { frameKind, headerBytes } from './frame.js';
import { framesOf, type Ring } from './frames.js';
import type { Inbox } from './inbox.js';
import { largeRegionName } from './large.js';
import type { SubgroupMemory } from './subgroup-memory.js';

export function standInName(regionName: string, s: number): string {
  return `${regionName}.relay${s}`;
}

/**
 * Shows `peers` what this member has of sender number `s`, which failed, in the sender's stead: a region like the sender's own, with the frames
 * from position `from` to the end of its first `turns` turns in the same places, and beside it the large messages to which they refer.
 * So whoever lacks some of it reads on as if it were the sender's. Gives the regions.
 */
export function showInStead(
  memory: SubgroupMemory,
  inbox: Inbox,
  s: number,
  from: number,
  turns: number,
  peers: readonly MemberId[],
): Region[] {
  const { transport, columns, regionName, layout } = memory;
  const sender = layout.senders[s]!;
  const region = transport.allocate(standInName(regionName, s), memory.regionBytes(sender), peers);
  const row = region.memory.f64;
  const ring = memory.ringIn(region.memory);
  const end = inbox.endOf(s, turns);
  // Nothing older is in the ring, whatever somebody's row says.
  const start = Math.max(from, end - ring.bytes);
  const ranges = rangesOf(ring, start, end);
  const source = memory.memoryOf(sender)!.bytes;
  for (const [first, last] of ranges) region.memory.bytes.set(source.subarray(first, last), first);
  const large = showLarge(memory, inbox, s, ring, start, end, peers);
  if (large !== undefined) {
    row[columns.largeBytes] = large.memory.bytes.length;
    row[columns.largeRegions] = 1;
  }
  for (const [first, last] of ranges) region.putPayload(first, last);
  region.put(0, columns.byteLength);
  row[columns.sent] = turns;
  region.put(0, columns.byteLength);
  return large === undefined ? [region] : [region, large];
}

/** All large messages to which frames of `ring` refer, in one region; the references say then where they are in it. */
function showLarge(
  { transport, regionName }: SubgroupMemory,
  inbox: Inbox,
  s: number,
  ring: Ring,
  from: number,
  to: number,
  peers: readonly MemberId[],
): Region | undefined {
  const { f64 } = ring.memory;
  const large = inbox.large[s]!;
  const references: number[] = [];
  let bytes = 0;
  for (const { kind, offset } of framesOf(ring, from, to)) {
    if (kind !== frameKind.large) continue;
    const word = (offset + headerBytes) >>> 3;
    if (!large.holds(f64[word]!, f64[word + 1]!, f64[word + 2]!)) {
      // Nor is it there for anyone else: see `Walk`.
      f64[word] = -1;
      continue;
    }
    references.push(word);
    bytes += padded(f64[word + 2]!);
  }
  if (bytes === 0) return undefined;
  const region = transport.allocate(largeRegionName(standInName(regionName, s), 0), bytes, peers);
  let next = 0;
  for (const word of references) {
    const [index, offset, length] = [f64[word]!, f64[word + 1]!, f64[word + 2]!];
    region.memory.bytes.set(large.memoryAt(index).bytes.subarray(offset, offset + length), next);
    f64[word] = 0;
    f64[word + 1] = next;
    next += padded(length);
  }
  region.putPayload(0, bytes);
  return region;
}

/** Where in its region the ring has positions `from` to `to`: in one range, or in two where it wraps. */
function rangesOf({ start, bytes }: Ring, from: number, to: number): [number, number][] {
  const first = start + (from % bytes);
  const past = first + (to - from) - (start + bytes);
  return past > 0
    ? [
        [first, start + bytes],
        [start, start + past],
      ]
    : [[first, first + (to - from)]];
}

function padded(length: number): number {
  return Math.ceil(length / 8) * 8;
}

import { type RegionMemory, regionMemory } from '../../../transport/transport.js';
import type { EntryRef } from '../../history/entry.js';
import { entryBytes } from '../../history/entry.js';
import { HistoryError } from '../../history/errors.js';
import type { Gap } from '../log/gap.js';
import type { Version } from '../log/log-reading.js';

/** What one log gives to another, as bytes: a head of eight floats, then entries (history/entry.ts), then an entry of a kind of its own. */
export const streamHeadBytes = 64;
const magic = 0xb0_ec_48_02;
export const endKind = 16;
export const nothing: Version = { epoch: -1, sequence: -1 };

/** What comes is before the epoch `before`, and follows `agreed`; of what there was up to `gap` it may be less. */
export function headOfStream(
  before: number,
  { epoch, sequence }: Version,
  gap: Gap = { ...nothing, timeUs: 0 },
): RegionMemory {
  const head = regionMemory(new ArrayBuffer(streamHeadBytes));
  head.f64.set([magic, before, epoch, sequence, gap.epoch, gap.sequence, gap.timeUs]);
  return head;
}

/** What a stream follows, and what is missing of it. */
export interface StreamHead {
  readonly agreed: Version;
  readonly gap: Gap | undefined;
}

/** @throws HistoryError BE_HISTORY_CORRUPT */
export function readHead({ f64 }: RegionMemory, at: number, before: number): StreamHead {
  const [seen, answered, ...said] = f64.subarray(at >>> 3, (at >>> 3) + 7);
  if (seen !== magic) throw corrupt('no head');
  if (answered !== before) throw corrupt(`what was before epoch ${answered} instead of ${before}`);
  if (!said.every(Number.isSafeInteger)) throw corrupt('no version');
  const [epoch, sequence, gapEpoch, gapSequence, timeUs] = said as [number, number, number, number, number];
  const gap = gapEpoch < 0 ? undefined : { epoch: gapEpoch, sequence: gapSequence, timeUs };
  return { agreed: { epoch, sequence }, gap };
}

/** Nothing follows the `count` samples that were given; or, with `more`, nothing in this stream. */
export function endOfStream(before: number, count: number, more: boolean): RegionMemory {
  const end = regionMemory(new ArrayBuffer(entryBytes(0)));
  end.f64.set([before, count, more ? 1 : 0]);
  end.u32[(24 + 4) >>> 2] = endKind;
  return end;
}

/**
 * Gives whether more was to be had than this stream was to bring.
 * @throws HistoryError BE_HISTORY_CORRUPT
 */
export function readEnd({ epoch, sequence, sender }: EntryRef, before: number, count: number): boolean {
  if (epoch !== before || sequence !== count)
    throw corrupt(`an end after ${sequence} samples before epoch ${epoch}, and not ${count}`);
  return sender > 0;
}

export function corrupt(what: string): HistoryError {
  return new HistoryError('BE_HISTORY_CORRUPT', what);
}

import type { MemberId } from '../../transport/transport.js';
import type { Delivery } from '../multicast/delivery.js';
import type { HybridClock } from './clock.js';

/** Where a sample stands in its topic's order: by epoch, then by sequence. Never reused. */
export interface Version {
  readonly epoch: number;
  readonly sequence: number;
}

/**
 * What is known of a sample beside its data (DDS's SampleInfo).
 *
 * Times are microseconds since the epoch, safe integers. `writerSequence` counts a writer's samples from 1, without a gap and
 * never reset.
 */
export class SampleInfo {
  epoch: number;
  sequence: number;
  /** The member that wrote it. */
  member: MemberId;
  /** The writer's number at that member. */
  writer: number;
  writerSequence: number;
  sourceTimeUs: number;
  receptionTimeUs: number;
  /** Equal for samples of one instance: 64 bits of the key's hash, in two halves; 0 and 0 for a type without key. */
  instanceLow: number;
  instanceHigh: number;

  constructor(
    epoch: number,
    sequence: number,
    member: MemberId,
    writer: number,
    writerSequence: number,
    sourceTimeUs: number,
    receptionTimeUs: number,
    instanceLow: number,
    instanceHigh: number,
  ) {
    this.epoch = epoch;
    this.sequence = sequence;
    this.member = member;
    this.writer = writer;
    this.writerSequence = writerSequence;
    this.sourceTimeUs = sourceTimeUs;
    this.receptionTimeUs = receptionTimeUs;
    this.instanceLow = instanceLow;
    this.instanceHigh = instanceHigh;
  }

  get version(): Version {
    return { epoch: this.epoch, sequence: this.sequence };
  }
}

/** A sample that its holder owns: it shares no memory with Bowecho. */
export interface Sample<T> {
  readonly data: T;
  readonly info: SampleInfo;
}

/** The info of `message`, as its frame's header has it; received now, by a clock that is never behind a time it has seen. */
export function readInfo(message: Delivery, clock: HybridClock): SampleInfo {
  const { u32, f64 } = message.ring;
  const word = message.header >>> 2;
  const sourceTimeUs = f64[(word >>> 1) + 3]!;
  clock.observe(sourceTimeUs);
  return new SampleInfo(
    message.epoch,
    message.sequence,
    message.sender,
    u32[word + 1]! >>> 16,
    f64[(word >>> 1) + 2]!,
    sourceTimeUs,
    clock.lastUs,
    u32[word + 2]!,
    u32[word + 3]!,
  );
}

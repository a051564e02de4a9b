import type { FramedSample, FrameVersion } from '../wire/index.js';

/** Where a sample stands in its topic's order: by epoch, then by sequence. */
export type Version = FrameVersion;

/** What is known of a sample beside its data; as the domain's own readers have it. */
export class SampleInfo {
  readonly epoch: number;
  readonly sequence: number;
  /** The member that wrote it; for samples of external clients, the gateway's. */
  readonly member: number;
  readonly writer: number;
  readonly writerSequence: number;
  /** Microseconds since the epoch, by the writer's clock. */
  readonly sourceTimeUs: number;
  /** Microseconds since the epoch, by this client's clock. */
  readonly receptionTimeUs: number;
  /** Equal for samples of one instance, in two halves; 0 and 0 for a type without key. */
  readonly instanceLow: number;
  readonly instanceHigh: number;

  constructor(sample: FramedSample, receptionTimeUs: number) {
    this.epoch = sample.epoch;
    this.sequence = sample.sequence;
    this.member = sample.member;
    this.writer = sample.writer;
    this.writerSequence = sample.writerSequence;
    this.sourceTimeUs = sample.sourceTimeUs;
    this.receptionTimeUs = receptionTimeUs;
    this.instanceLow = sample.instanceLow;
    this.instanceHigh = sample.instanceHigh;
  }

  get version(): Version {
    return { epoch: this.epoch, sequence: this.sequence };
  }

  /** Both halves in one; 0n for a type without key. */
  get instance(): bigint {
    return (BigInt(this.instanceHigh) << 32n) | BigInt(this.instanceLow);
  }
}

export interface Sample<T> {
  readonly data: T;
  readonly info: SampleInfo;
}

/** Samples that a reader did not get: this client was slow, or not connected. */
export interface Gap {
  /** How many are known to be missing. */
  readonly count: number;
  /** False where more may be missing than `count`: nobody watched the topic for this client meanwhile. */
  readonly exact: boolean;
  /** What is missing lies between these versions, both included. */
  readonly from: Version;
  readonly to: Version;
}

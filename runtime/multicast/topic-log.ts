import type { Delivery } from './delivery.js';

/** Why a log takes nothing any more: its disk is full, failed, or is read-only. `code` is stable; the message names the file, and says what to do. */
export interface LogFailure extends Error {
  readonly code: string;
}

/**
 * A replica's log of one persistent topic, as the core sees it: appending never waits for the disk, and what is durable is a version
 * that only grows. `runtime/durability` has the one on disk; the simulator has one that loses, fills up, and fails.
 *
 * Every message is appended once, in the topic's order: by epoch, then by sequence. Sequences have gaps, where nothing was said.
 */
export interface TopicLog {
  /** While true, nothing more may be appended: the buffer before the disk is full. */
  readonly full: boolean;
  /**
   * Takes a message, of whatever length: its bytes, its frame's header, its version and its sender are copied before the call returns.
   * Never waits, never throws: what goes wrong is told by `failure`.
   */
  append(message: Delivery): void;
  /** Epoch and sequence of the newest message up to which all that was appended survives the loss of power; −1 and −1 where there is none. */
  readonly durableEpoch: number;
  readonly durableSequence: number;
  /**
   * The epoch is over, and nothing of it follows `lastSequence` (−1: it has nothing): what lies beyond is no part of the topic. Lies in the
   * log before whatever is appended next. Not waited for: the record of the view that ends the epoch says it too.
   */
  end(epoch: number, lastSequence: number): void;
  /** Set where the log failed: what is durable moves no more, and the member has to stop. */
  readonly failure: LogFailure | undefined;
}

import type { LogFailure } from '../multicast/topic-log.js';

/**
 * What a member knows durably of its domain's views, as the core sees it (protocol.md, section 6, step 5): where a topic is persistent,
 * nobody acts on the end of a view before every survivor has the next one, and where the epochs end, on its disk.
 */
export interface ViewLog {
  /** Begins to make `record` durable: JSON of the view `viewId` that is to follow, with the trims that end the epochs before it. */
  prepare(viewId: number, record: string): void;
  /** The newest view whose record is durable; −1 where there is none. */
  readonly prepared: number;
  /** The view is in force here: what came before it is needed no more, once this is durable. Not waited for. */
  installed(viewId: number): void;
  readonly failure: LogFailure | undefined;
}

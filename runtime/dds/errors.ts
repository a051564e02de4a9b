import type { Version } from './sample-info.js';

/** What an application did that cannot be done, or what happened to it. `code` is stable; the message says what to do. */
export class BowechoError extends Error {
  readonly code: BowechoErrorCode;

  constructor(code: BowechoErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'BowechoError';
    this.code = code;
  }
}

/** The past is not settled up to the moment that was asked for, and was not in time. */
export class UnsettledError extends BowechoError {
  /** Up to this time, in microseconds since the epoch, nothing changes any more; 0 where nothing is known. */
  readonly settledUs: number;
  /** Everything up to this version is committed. */
  readonly committed: Version;

  constructor(topic: string, moment: Version | number, settledUs: number, committed: Version) {
    const asked = typeof moment === 'number' ? timeText(moment) : versionText(moment);
    const settled = typeof moment === 'number' ? timeText(settledUs) : versionText(committed);
    super(
      'BE_UNSETTLED',
      `the past of topic ${topic} is settled up to ${settled}, and not up to ${asked}: ask for an earlier moment, or wait longer (timeoutMs)`,
    );
    this.name = 'UnsettledError';
    this.settledUs = settledUs;
    this.committed = committed;
  }
}

/** Samples are gone that the answer takes: by DURABILITY_SERVICE or LIFESPAN of the topic's writers, or since a snapshot has them. */
export class PastUnknownError extends BowechoError {
  /** From this version on, nothing is missing. */
  readonly knownFrom: Version;
  /** Of what was written from this time on (microseconds since the epoch) nothing is missing; Infinity where that is not known. */
  readonly knownFromUs: number;

  constructor(topic: string, gap: Version & { readonly timeUs: number }) {
    const knownFrom = { epoch: gap.epoch, sequence: gap.sequence + 1 };
    const knownFromUs = gap.timeUs < Number.MAX_SAFE_INTEGER ? gap.timeUs + 1 : Infinity;
    super(
      'BE_PAST_UNKNOWN',
      `samples of topic ${topic} are gone by DURABILITY_SERVICE or LIFESPAN of its writers, or since a snapshot has them: 'between' knows all from ${versionText(knownFrom)} on, or from ${timeText(knownFromUs)}; what takes what was before (a state is made of all samples) is not known any more`,
    );
    this.name = 'PastUnknownError';
    this.knownFrom = knownFrom;
    this.knownFromUs = knownFromUs;
  }
}

function timeText(us: number): string {
  const date = new Date(us / 1000);
  return Number.isNaN(date.getTime()) ? `${us} µs` : `${date.toISOString()} (${us} µs)`;
}

function versionText({ epoch, sequence }: Version): string {
  return `version ${epoch}.${sequence}`;
}

export type BowechoErrorCode =
  | 'BE_CLOSED' // the participant, reader or writer is closed, or its participant had to stop
  | 'BE_REFUSED' // the domain refused the endpoint; the message names both sides and what differs
  | 'BE_NOT_PERMITTED' // the permissions of the domain do not allow it; the message names who, what and the rule
  | 'BE_PERMISSIONS' // a permissions file that cannot be used
  | 'BE_TOO_LARGE' // a sample is larger than the topic's limit
  | 'BE_TOO_MANY_WAITING' // more writes wait for room than the writer lets wait
  | 'BE_TIMEOUT' // a write waited for room longer than its QoS allows; it was not written
  | 'BE_WOULD_DEADLOCK' // the write waits for a handler that waits for the write
  | 'BE_OUTCOME_UNKNOWN' // the participant stopped before the sample was acknowledged
  | 'BE_LOANED' // a loan is out: publish or return it first
  | 'BE_NO_LOG' // what is asked of a topic takes a log, which nobody keeps; or this participant does not, whose own it takes
  | 'BE_PAST_UNKNOWN' // the log does not reach back far enough, or nobody is there that has all of it
  | 'BE_UNSETTLED' // the past is not settled up to the moment that was asked for
  | 'BE_STATE' // a replicated state has something in it that is no data
  | 'BE_REFUSED_COMMAND' // the reducer of a replicated state threw; the state is as it was
  | 'BE_READER_IN_USE' // a reader is consumed in one way at a time
  | 'BE_RESTART_WAITS' // the domain cannot begin again without what others have kept
  | 'BE_OTHER_DOMAIN' // the domain was founded anew, without what this participant has kept of it
  | 'BE_WITNESS' // a witness reads and writes nothing
  | 'BE_UNSUPPORTED' // not in this version
  | 'BE_MALFORMED'; // a view, a greeting or a frame that no correct member sends

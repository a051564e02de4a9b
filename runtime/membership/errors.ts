import type { MemberId } from '../../transport/transport.js';

/** Why a member has to stop. `code` is stable. */
export class MembershipError extends Error {
  readonly code: MembershipErrorCode;

  constructor(code: MembershipErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'MembershipError';
    this.code = code;
  }
}

/** What a peer's memory says that no correct member could have written: that peer's failure, and not ours. */
export class CorruptPeerError extends MembershipError {
  readonly member: MemberId;

  /** `where` names the column, `seen` is what was found there, `why` says what it contradicts. */
  constructor(member: MemberId, where: string, seen: unknown, why: string) {
    super(
      'BE_CORRUPT_PEER',
      `member ${member} is taken for dead: ${where} says ${String(seen)}, but ${why}. No correct member writes that: look for a stray write, a faulty host, or another version`,
    );
    this.name = 'CorruptPeerError';
    this.member = member;
  }
}

export type MembershipErrorCode =
  | 'BE_EVICTED' // the others took us for dead, and went on without us
  | 'BE_NO_MAJORITY' // too few of the view are left to decide anything
  | 'BE_NO_REPLICA' // the last disk that has all of a persistent topic, or keeps the views, failed while a view was changing
  | 'BE_CORRUPT_PEER' // a peer's memory says what no correct member could have written
  | 'BE_LOG_FAILED' // what this member has to keep durably could not be written
  | 'BE_VIEW_FAILED'; // this member could not install the next view

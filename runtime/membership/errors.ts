/** Why a member has to stop. `code` is stable. */
export class MembershipError extends Error {
  readonly code: MembershipErrorCode;

  constructor(code: MembershipErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'MembershipError';
    this.code = code;
  }
}

export type MembershipErrorCode =
  | 'BE_EVICTED' // the others took us for dead, and went on without us
  | 'BE_NO_MAJORITY' // too few of the view are left to decide anything
  | 'BE_CORRUPT_PEER' // a peer's memory says what no correct member could have written
  | 'BE_VIEW_FAILED'; // this member could not install the next view

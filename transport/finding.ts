/** What somebody found out who looked whether something is as it has to be. */
export interface Finding {
  /** What was looked at: `key`, `/dev/shm`. */
  readonly check: string;
  readonly status: 'ok' | 'warning' | 'fails';
  readonly found: string;
  /** What to do about it, where it is not ok, and `found` does not say it. */
  readonly advice?: string;
}

/** How long to wait before each attempt to reconnect. */
export interface ReconnectOptions {
  /** Before the first attempt. Default: 100 ms. */
  readonly firstMs?: number;
  /** At most. Default: 10 s. */
  readonly maxMs?: number;
}

/** Doubles from one attempt to the next; a random half keeps many clients from coming back at once. */
export function backoffMs(attempt: number, { firstMs = 100, maxMs = 10_000 }: ReconnectOptions): number {
  const full = Math.min(maxMs, firstMs * 2 ** Math.min(attempt, 30));
  return full * (0.5 + Math.random() / 2);
}

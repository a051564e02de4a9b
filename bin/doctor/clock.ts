import { declare } from '../../transport/memory/system.js';
import type { Finding } from './report.js';
import { ok, warning } from './report.js';

const adjtimex = process.platform === 'linux' ? declare('int adjtimex(uint8_t *timex)') : undefined;

/** `struct timex` of adjtimex(2), with 64-bit longs. */
const timex = { byteLength: 208, offset: 8, maxError: 24, estimatedError: 32, status: 40 } as const;
const STA_UNSYNC = 0x40;
const STA_NANO = 0x2000;
/** What adjtimex gives where the clock is not synchronised. */
const TIME_ERROR = 5;

const check = 'clock';
const advice = 'LIFESPAN, and asOf over several machines, count by it: run chrony or ntpd';

/** What the kernel knows of its clock. Times of samples come from it, LIFESPAN and the past of a topic count by it. */
export function lookAtClock(): Finding[] {
  const now = new Date().toISOString();
  if (adjtimex === undefined)
    return [warning(check, `${now}; nothing is known of it on ${process.platform}`, advice)];
  const bytes = new Uint8Array(timex.byteLength);
  return [clockFinding(now, adjtimex(bytes) as number, bytes)];
}

/** @param state what adjtimex gave, and `bytes` what it filled in */
export function clockFinding(now: string, state: number, bytes: Uint8Array): Finding {
  if (state < 0)
    return warning(check, `${now}; the kernel does not tell of it (adjtimex is refused)`, advice);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const status = view.getInt32(timex.status, true);
  const offset = Number(view.getBigInt64(timex.offset, true)) / ((status & STA_NANO) !== 0 ? 1_000 : 1);
  const maxError = Number(view.getBigInt64(timex.maxError, true));
  const estimated = Number(view.getBigInt64(timex.estimatedError, true));
  const isSynchronised = state !== TIME_ERROR && (status & STA_UNSYNC) === 0;
  if (!isSynchronised) return warning(check, `not synchronised: ${now}`, advice);
  return ok(
    check,
    `synchronised: ${now}; ${offset.toFixed(1)} µs still to be corrected, estimated error ${estimated} µs, at most ${(maxError / 1000).toFixed(1)} ms`,
  );
}

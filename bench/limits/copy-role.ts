import { playRole } from '../harness/role.js';
import type { StreamPlan } from '../harness/stream.js';

/** What a ring of large messages keeps in flight: copies go through a window of this size, not into one hot place. */
const windowBytes = 8 << 20;

playRole<StreamPlan>(({ bytes, seconds, warmupSeconds }) => {
  const source = new Uint8Array(bytes).fill(1);
  const window = new Uint8Array(Math.max(windowBytes, bytes)).fill(2);
  const places = Math.floor(window.length / bytes);
  let place = 0;
  const copyFor = (ms: number): { copies: number; elapsedMs: number } => {
    const start = performance.now();
    let copies = 0;
    let elapsedMs = 0;
    // The clock costs as much as a small copy: look at it once in a while.
    const batch = Math.max(1, Math.floor((1 << 20) / bytes));
    for (; elapsedMs < ms; elapsedMs = performance.now() - start) {
      for (let i = 0; i < batch; i++) {
        window.set(source, place * bytes);
        place = place + 1 === places ? 0 : place + 1;
      }
      copies += batch;
    }
    return { copies, elapsedMs };
  };
  copyFor(warmupSeconds * 1000);
  const { copies, elapsedMs } = copyFor(seconds * 1000);
  const rate = (copies * 1000) / elapsedMs;
  return Promise.resolve({ rate, throughput: rate * bytes });
});

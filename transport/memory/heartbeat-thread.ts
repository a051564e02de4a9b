import { workerData } from 'node:worker_threads';
import koffi from 'koffi';

/** The thread of `heartbeat.ts`: sleeps, adds one, sleeps again. */
const { address, index, intervalMs, stop } = workerData as {
  address: bigint;
  index: number;
  intervalMs: number;
  stop: Int32Array;
};
const counters = new Float64Array(koffi.view(address, (index + 1) * 8));
while (Atomics.wait(stop, 0, 0, intervalMs) === 'timed-out') counters[index]! += 1;

import { parentPort, workerData } from 'node:worker_threads';
import { FLAGS_BYTES } from '../../../transport/memory/bell.js';
import { Life } from '../../../transport/memory/life.js';
import { createShared } from '../../../transport/memory/system.js';

/** A thread that is a member's life, in the page at the path that it is given: it ends as it is told. */
const life = Life.begin(createShared(workerData as string, FLAGS_BYTES));
parentPort!.once('message', (how: 'orderly' | 'suddenly') => {
  if (how === 'orderly') life.end();
  process.exit();
});
parentPort!.postMessage('begun');

import type { Suite } from '../harness/comparison.js';
import { codec } from './codec.js';
import { fanout } from './fanout.js';
import { idl } from './idl.js';
import { idle } from './idle.js';
import { latency } from './latency.js';
import { log } from './log.js';
import { order } from './order.js';
import { persistent } from './persistent.js';
import { rdmc } from './rdmc.js';
import { references } from './references.js';
import { tcp } from './tcp.js';
import { topics } from './topics.js';
import { views } from './views.js';

export const suites: readonly Suite[] = [
  order,
  fanout,
  latency,
  topics,
  idle,
  views,
  codec,
  idl,
  log,
  persistent,
  tcp,
  rdmc,
  references,
];

import { drawBacklog } from './backlog.js';
import { drawFewDisks } from './few-disks.js';
import { drawLarge } from './large.js';
import { drawPersistent } from './persistent.js';
import { drawRaw } from './raw.js';
import { drawScenario } from './scenario.js';
import { drawStorm } from './storm.js';
import { drawTotalFailures } from './total-failures.js';
import { drawUnheardLeaders } from './unheard-leaders.js';
import { drawWitnessed } from './witnessed.js';

/**
 * What seeds may stand for: whatever may happen to a domain, view changes above all, leaders that die with what they decided, either of the
 * first two with topics that are persistent, in a domain that lives once or several times, perhaps with few of its disks or with a witness, writers of raw topics that die,
 * heard by some, or any of these with large messages that spread from member to member, or with writers that have more to write than there is room for.
 */
export const draws = {
  plain: drawScenario,
  storm: drawStorm,
  unheardLeaders: drawUnheardLeaders,
  persistent: drawPersistent,
  raw: drawRaw,
  totalFailures: drawTotalFailures,
  witness: drawWitnessed,
  large: drawLarge,
  fewDisks: drawFewDisks,
  backlog: drawBacklog,
} as const;
export type Draw = keyof typeof draws;

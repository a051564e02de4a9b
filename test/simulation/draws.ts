import { drawScenario } from './scenario.js';
import { drawStorm } from './storm.js';
import { drawUnheardLeaders } from './unheard-leaders.js';

/** What seeds may stand for: whatever may happen to a domain, view changes above all, or leaders that die with what they decided. */
export const draws = { plain: drawScenario, storm: drawStorm, unheardLeaders: drawUnheardLeaders } as const;
export type Draw = keyof typeof draws;

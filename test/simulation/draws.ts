import { drawScenario } from './scenario.js';
import { drawStorm } from './storm.js';

/** What seeds may stand for: whatever may happen to a domain, or view changes above all. */
export const draws = { plain: drawScenario, storm: drawStorm } as const;
export type Draw = keyof typeof draws;

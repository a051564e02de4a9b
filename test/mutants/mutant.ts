import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Draw } from '../simulation/draws.js';
import type * as logOracles from '../simulation/log-oracles.js';
import type * as oracles from '../simulation/oracles.js';
import type * as pastOracles from '../simulation/past-oracles.js';
import type * as restartOracles from '../simulation/restart-oracles.js';
import type * as spreadOracles from '../simulation/spread-oracles.js';
import type * as transferOracles from '../simulation/transfer-oracles.js';

/** An oracle of the simulator. */
export type OracleName =
  | keyof typeof oracles
  | keyof typeof spreadOracles
  | keyof typeof transferOracles
  | keyof typeof logOracles
  | keyof typeof pastOracles
  | keyof typeof restartOracles;

/** One piece of a source, and what stands there instead. */
export interface Edit {
  /** Below the root of the checkout. */
  readonly file: string;
  /** The piece of text that is replaced: it stands there once. */
  readonly find: string;
  readonly replace: string;
}

/** A deliberate fault in the core: data, so that the core itself has no switch for it. */
export interface Mutant {
  readonly name: string;
  /** The rule that it breaks, with its section of docs/protocol.md. */
  readonly breaks: string;
  readonly edits: readonly Edit[];
  /** Safeguards that would hide it, taken away as well: without these alone, what catches it finds nothing. */
  readonly unmasked?: readonly Edit[];
  /** Who is to catch it: a violation that another oracle finds does not count. */
  readonly oracles: readonly [OracleName, ...OracleName[]];
  /** What its seeds stand for: storms, unless it shows in others sooner. */
  readonly draw?: Draw;
  /** A seed known to bring it out: tried before all others. */
  readonly seed?: number;
}

/** The source has changed under a mutant, which has to be fitted to it again. */
export class OutOfDateError extends Error {
  constructor(mutant: Mutant, { file, find }: Edit, places: number) {
    const what = places === 0 ? 'is not there any more' : `is there ${places} times`;
    super(`mutant ${mutant.name} is out of date: in ${file}, what it replaces ${what}:\n${find}`);
    this.name = 'OutOfDateError';
  }
}

const root = fileURLToPath(new URL('../..', import.meta.url));

/**
 * The sources that a mutant changes, as it has them, by their absolute path; `only` the safeguards that it is unmasked by.
 * @throws OutOfDateError where what it replaces does not stand there exactly once
 */
export function mutatedSources(mutant: Mutant, only?: 'unmasked'): ReadonlyMap<string, string> {
  const sources = new Map<string, string>();
  for (const edit of [...(mutant.unmasked ?? []), ...(only === undefined ? mutant.edits : [])]) {
    const path = root + edit.file;
    const pieces = (sources.get(path) ?? readFileSync(path, 'utf8')).split(edit.find);
    if (pieces.length !== 2) throw new OutOfDateError(mutant, edit, pieces.length - 1);
    sources.set(path, pieces.join(edit.replace));
  }
  return sources;
}

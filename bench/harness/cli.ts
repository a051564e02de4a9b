import { parseArgs } from 'node:util';
import type { Settings, Suite } from './comparison.js';

/** A request that cannot be carried out as it was typed; the bench ends with code 2. */
export class UsageError extends Error {}

export interface Request {
  readonly suites: readonly Suite[];
  /** Only cases whose name holds this, in any case of letters. */
  readonly filter: string;
  readonly json: boolean;
  readonly list: boolean;
  /** Each comparison knows how long it warms up, unless the request says so. */
  readonly settings: Omit<Settings, 'warmupSeconds'> & { readonly warmupSeconds: number | undefined };
}

const defaults = { seconds: 1, runs: 3 };

/** Code is slow before it is compiled, and a ring reaches its pace only then. */
export const defaultWarmupSeconds = 2;

export function usage(suites: readonly Suite[]): string {
  const width = Math.max(...suites.map(({ name }) => name.length));
  return [
    'npm run bench -- <suite> [case filter] [--json] [--list] [--seconds 1] [--warmup 2] [--runs 3]',
    '',
    ...suites.map(({ name, about }) => `  ${name.padEnd(width)}  ${about}`),
    `  ${'all'.padEnd(width)}  every suite but 'references'`,
  ].join('\n');
}

/** @throws UsageError where a suite, a case or a flag is not known */
export function parseRequest(argv: readonly string[], suites: readonly Suite[]): Request {
  const { values, positionals } = parse(argv);
  const [name, filter = '', ...rest] = positionals;
  const known = `Suites: ${[...suites.map((suite) => suite.name), 'all'].join(', ')}.`;
  if (name === undefined) throw new UsageError(`Which suite? ${known}`);
  if (rest.length > 0) {
    throw new UsageError(
      `'${rest[0]!}' is one word too many: put a case filter in quotes, e.g. '3 members, 16 B'.`,
    );
  }
  const chosen = suites.filter((suite) =>
    name === 'all' ? suite.name !== 'references' : suite.name === name,
  );
  if (chosen.length === 0) throw new UsageError(`There is no suite '${name}'. ${known}`);
  return {
    suites: chosen,
    filter,
    json: values.json,
    list: values.list,
    settings: {
      seconds: optional('seconds', values.seconds, 0.05, 600) ?? defaults.seconds,
      warmupSeconds: optional('warmup', values.warmup, 0, 60),
      runs: Math.round(optional('runs', values.runs, 1, 100) ?? defaults.runs),
    },
  };
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        json: { type: 'boolean', default: false },
        list: { type: 'boolean', default: false },
        seconds: { type: 'string' },
        warmup: { type: 'string' },
        runs: { type: 'string' },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function optional(flag: string, text: string | undefined, min: number, max: number): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (text.trim() === '' || !(value >= min && value <= max)) {
    throw new UsageError(`--${flag} takes a number from ${min} to ${max}, not '${text}'.`);
  }
  return value;
}

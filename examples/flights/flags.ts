import { parseArgs } from 'node:util';

export interface Flags {
  /** Replay as fast as it goes, print a table and a line of JSON, and end. */
  once: boolean;
  /** With `once`: kill a reader and a feed on the way. */
  chaos: boolean;
  /** With `once`: how many times all flights are written. */
  repeat: number;
  /** Live: simulated minutes per second. */
  speed: number;
  /** Live: the port of the page. 0: any that is free. */
  port: number;
  /** The domain's name; every run has its own by default. */
  domain: string;
  help: boolean;
}

/** A flag that cannot be understood; the message says what can. */
export class FlagError extends Error {}

export const usage = `npm run demo                        a live page on http://127.0.0.1:8080
npm run demo -- --once              everything at once, a table, a line of JSON
npm run demo -- --once --chaos      the same, and a reader and a feed are killed on the way

  --speed N    live: simulated minutes per second (default 180)
  --port N     live: the page's port, 0 for any that is free (default 8080)
  --repeat N   once: write all flights N times (default 1; 15 with --chaos)
  --domain S   the name of the domain (default: one of its own for every run)
  --help       this text`;

const options = {
  once: { type: 'boolean' },
  chaos: { type: 'boolean' },
  repeat: { type: 'string' },
  speed: { type: 'string' },
  port: { type: 'string' },
  domain: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

/** Enough flights that the kills come while the feeds are busy: seconds, not milliseconds. */
const chaosRepeat = 15;

/** @throws FlagError */
export function parseFlags(args: readonly string[]): Flags {
  const values = parse(args);
  const once = values.once ?? false;
  const chaos = values.chaos ?? false;
  if (chaos && !once) throw new FlagError('--chaos goes with --once: npm run demo -- --once --chaos');
  if (values.repeat !== undefined && !once)
    throw new FlagError('--repeat goes with --once: npm run demo -- --once --repeat 10');
  for (const flag of ['speed', 'port'] as const) {
    if (values[flag] !== undefined && once)
      throw new FlagError(`--${flag} is for the live page: leave out --once, or leave out --${flag}`);
  }
  return {
    once,
    chaos,
    repeat: wholeNumber('repeat', values.repeat, chaos ? chaosRepeat : 1, 1, 1000),
    speed: decimal('speed', values.speed, 180, 0.1, 1_000_000),
    port: wholeNumber('port', values.port, 8080, 0, 65_535),
    domain: domainOf(values.domain),
    help: values.help ?? false,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options, strict: true, allowPositionals: false }).values;
  } catch (error) {
    // What follows the first sentence is about `--`, which npm needs as well: it would only confuse.
    throw new FlagError((error as Error).message.split(/\. (?=To )/)[0]!);
  }
}

function wholeNumber(
  flag: string,
  text: string | undefined,
  missing: number,
  min: number,
  max: number,
): number {
  if (text === undefined) return missing;
  const value = /^\d+$/.test(text) ? Number(text) : NaN;
  if (value >= min && value <= max) return value;
  throw new FlagError(`--${flag} takes a whole number from ${min} to ${max}, not '${text}'`);
}

function decimal(flag: string, text: string | undefined, missing: number, min: number, max: number): number {
  if (text === undefined) return missing;
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : NaN;
  if (value >= min && value <= max) return value;
  throw new FlagError(`--${flag} takes a number from ${min} to ${max}, not '${text}'`);
}

function domainOf(text: string | undefined): string {
  if (text === undefined) return `flights-${process.pid}`;
  if (/^[A-Za-z][A-Za-z0-9_-]{0,40}$/.test(text)) return text;
  throw new FlagError(`--domain takes a letter and then letters, digits, '-' and '_', not '${text}'`);
}

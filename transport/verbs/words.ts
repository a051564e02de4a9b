import { LinkError } from '../tcp/wire.js';
import type { EndPoint } from './structs.js';

/** What the two ends of a way say to each other, by the connection of their members. */
export type Words =
  | ({ readonly kind: 'end' } & EndPoint) // this is my queue pair
  | { readonly kind: 'want'; readonly region: number } // where may I write this region of mine?
  | { readonly kind: 'given'; readonly region: number; readonly address: number; readonly key: number } // there
  | { readonly kind: 'sync' } // have you heard of all regions that I announced before this?
  | { readonly kind: 'synced' } // I have
  | { readonly kind: 'done'; readonly region: number }; // I write it no more

export function encodeWords(words: Words): string {
  return JSON.stringify(words);
}

type Check = (value: unknown) => boolean;
const upTo =
  (limit: number, least = 0): Check =>
  (value) =>
    Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= limit;
const isWord = upTo(0xffff_ffff);

const fields: { readonly [Kind in Words['kind']]: Readonly<Record<string, Check>> } = {
  end: {
    number: upTo(0xff_ffff),
    packet: upTo(0xff_ffff),
    gid: (value) => typeof value === 'string' && /^[0-9a-f]{32}$/.test(value),
    lid: upTo(0xffff),
    mtu: upTo(5, 1),
  },
  want: { region: isWord },
  given: { region: isWord, address: upTo(Number.MAX_SAFE_INTEGER, 1), key: isWord },
  sync: {},
  synced: {},
  done: { region: isWord },
};

/** @throws LinkError where no correct peer says that */
export function decodeWords(text: string): Words {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new LinkError('it speaks of its queue pair what is no JSON');
  }
  const words = value as Record<string, unknown> | null;
  const kind = words?.['kind'];
  const checks =
    typeof kind === 'string' && Object.hasOwn(fields, kind) ? fields[kind as Words['kind']] : undefined;
  if (checks === undefined || !Object.entries(checks).every(([name, check]) => check(words![name])))
    throw new LinkError(`it says of its queue pair what makes no sense: ${text.slice(0, 100)}`);
  return words as unknown as Words;
}

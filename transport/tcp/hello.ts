import { FrameError, JsonFrameReader, encodeJsonFrame } from '../json-frames.js';
import type { MemberId } from '../transport.js';

/** What a connection is for. */
export type Purpose = 'greet' | 'link' | 'beat';

/**
 * What the two ends of a connection say to each other before anything else. Who connects says hello; the other answers with a proof that it
 * knows the domain's secret; the first gives its own. Both proofs are over numbers that both have just drawn, so nothing that was said
 * before can be said again.
 */
export type HelloFrame =
  | { kind: 'hello'; from: MemberId; domain: string; purpose: Purpose; nonce: string }
  | { kind: 'answer'; from: MemberId; nonce: string; proof: string }
  | { kind: 'proof'; proof: string }
  | { kind: 'refused'; refused: string; code?: 'BE_NOT_PERMITTED' }
  // a stranger and a member
  | { kind: 'greet'; greeting: string }
  | { kind: 'heard'; contacts: readonly string[] } // I run, and will ask my protocol; others that may be asked
  | { kind: 'closed'; founding: boolean } // I let nobody in: I am no member myself (yet)
  | { kind: 'please' } // do: I am still there, and ask nobody else
  | { kind: 'welcome'; welcome: string }
  // two that wait to be let in
  | { kind: 'follow' } // you found the domain: I have nobody before you
  | { kind: 'ask'; ask: string } // who leads to who follows, which answers each
  | { kind: 'told'; told: string }
  // two members
  // What follows are the frames of wire.ts; who beats for me shows the token. `seen` is of who sees the other's memory: see neighbours.ts.
  | { kind: 'link'; token: string; seen?: string | undefined }
  | { kind: 'beat'; token: string; region: string; index: number };

/** As much as anyone may say before it has proved that it belongs here. */
export const strangerBytesMax = 4096;
const contactsMax = 256;

type Check = (value: unknown) => boolean;
const isMember: Check = (value) => Number.isSafeInteger(value) && (value as number) > 0;
const isText: Check = (value) => typeof value === 'string';
const isHex: Check = (value) => typeof value === 'string' && /^[0-9a-f]{64}$/.test(value);
const isProof: Check = (value) => value === '' || isHex(value);

const fields: { readonly [Kind in HelloFrame['kind']]: Readonly<Record<string, Check>> } = {
  hello: {
    from: isMember,
    domain: isText,
    purpose: (value) => value === 'greet' || value === 'link' || value === 'beat',
    nonce: isHex,
  },
  answer: { from: isMember, nonce: isHex, proof: isProof },
  proof: { proof: isProof },
  refused: {
    refused: isText,
    code: (value) => value === undefined || value === 'BE_NOT_PERMITTED',
  },
  greet: { greeting: isText },
  heard: {
    contacts: (value) => Array.isArray(value) && value.length <= contactsMax && value.every(isText),
  },
  closed: { founding: (value) => typeof value === 'boolean' },
  please: {},
  welcome: { welcome: isText },
  follow: {},
  ask: { ask: isText },
  told: { told: isText },
  link: { token: isHex, seen: (value) => value === undefined || isHex(value) },
  beat: { token: isHex, region: isText, index: (value) => Number.isSafeInteger(value) },
};

export function encodeHello(frame: HelloFrame): Buffer {
  return encodeJsonFrame(frame);
}

/** Takes these frames out of what a socket delivers. */
export class HelloReader {
  readonly #frames = new JsonFrameReader(strangerBytesMax);

  push(chunk: Buffer): void {
    this.#frames.push(chunk);
  }

  /** The other side is known: it may say more. */
  trust(bytesMax: number): void {
    this.#frames.bytesMax = bytesMax;
  }

  /** @throws FrameError for what is no such frame, or of another version or byte order */
  next(): HelloFrame | undefined {
    const value = this.#frames.next();
    if (value === undefined) return undefined;
    const frame = value as Record<string, unknown> | null;
    const kind = frame?.['kind'];
    const checks =
      typeof kind === 'string' && Object.hasOwn(fields, kind)
        ? fields[kind as HelloFrame['kind']]
        : undefined;
    if (checks === undefined || !Object.entries(checks).every(([name, check]) => check(frame![name])))
      throw new FrameError('a frame is of no known kind, or lacks a field');
    return frame as unknown as HelloFrame;
  }

  /** What came after the last frame. */
  rest(): Buffer {
    return this.#frames.rest();
  }
}

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Participant, type ParticipantOptions } from '../../runtime/dds/index.js';
import { newDomain } from './member-process.js';

/** Participants of one `local:` domain in this process; all are closed by `close`. */
export class LocalDomain {
  readonly name = newDomain('local');
  readonly #participants: Participant[] = [];

  async join(options: Partial<ParticipantOptions> = {}): Promise<Participant> {
    const participant = await Participant.join({ domain: this.name, closeOnSignals: false, ...options });
    this.#participants.push(participant);
    return participant;
  }

  async close(): Promise<void> {
    await Promise.all(
      this.#participants.splice(0).map((participant) => participant.close({ timeoutMs: 100 })),
    );
  }
}

/** Two participants, each with a log of its own, and where these are. */
export interface StoredPair {
  readonly storage: string;
  readonly domain: LocalDomain;
  readonly one: Participant;
  readonly two: Participant;
}

/** Makes a pair before each test, and gives it to `use`; after it, everything is removed. */
export function withStoredPair(use: (pair: StoredPair) => void): void {
  let storage: string;
  let domain: LocalDomain;
  beforeEach(async () => {
    storage = mkdtempSync(join(tmpdir(), 'bowecho-storage-'));
    domain = new LocalDomain();
    const one = await domain.join({ name: 'one', storage });
    use({ storage, domain, one, two: await domain.join({ name: 'two', storage }) });
  });
  afterEach(async () => {
    await domain.close();
    rmSync(storage, { recursive: true, force: true });
  });
}

/** Bytes that begin with `number`. */
export function numbered(number: number, byteLength = 8): Uint8Array {
  const bytes = new Uint8Array(byteLength);
  new DataView(bytes.buffer).setUint32(0, number);
  return bytes;
}

export function numberOf(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
}

export function range(count: number, first = 0): number[] {
  return Array.from({ length: count }, (_, i) => first + i);
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** What comes of a promise in so many milliseconds. */
export async function settledWithin<T>(promise: Promise<T>, ms: number): Promise<T | 'pending'> {
  return await Promise.race([promise, sleep(ms).then(() => 'pending' as const)]);
}

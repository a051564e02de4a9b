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

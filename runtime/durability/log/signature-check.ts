import type { LogRecord } from './record.js';
import { recordKind } from './record.js';
import {
  BatchHashes,
  type SignatureScheme,
  batchMessage,
  hashBytes,
  markBytes,
  signatureFields,
  toHex,
} from './signing.js';

/** The first thing that is not as it was signed. */
export interface Forgery {
  readonly offset: number;
  readonly what: string;
}

interface Noted {
  readonly offset: number;
  readonly version: string;
}

/** Looks, record by record, whether a segment's batches are those that were signed. */
export class SignatureCheck {
  /** The first forgery that it came to. */
  forgery: Forgery | undefined;
  readonly #scheme: SignatureScheme;
  readonly #key: string;
  readonly #hashes: BatchHashes;
  #noted: Noted[] = [];
  /** The hash that the next batch follows, where it is known. */
  #previous: string | undefined;

  constructor(scheme: SignatureScheme, key: string, previous: string | undefined) {
    this.#scheme = scheme;
    this.#key = key;
    this.#hashes = new BatchHashes(scheme);
    this.#previous = previous;
  }

  /** The hash of the last batch. */
  get last(): string | undefined {
    return this.#previous;
  }

  take(record: LogRecord): void {
    if (this.forgery !== undefined) return;
    if (record.kind === recordKind.signature) return this.#close(record);
    const { memory, at, bytes, offset, epoch, sequence } = record;
    this.#hashes.add(memory.bytes, at, bytes);
    this.#noted.push({ offset, version: `${epoch}.${sequence}` });
  }

  #close(record: LogRecord): void {
    this.forgery = this.#compare(record);
    this.#hashes.clear();
    this.#noted = [];
  }

  #compare(record: LogRecord): Forgery | undefined {
    const { memory, payload, length, offset } = record;
    const field = (name: keyof typeof signatureFields, bytes: number): Uint8Array =>
      memory.bytes.slice(payload + signatureFields[name], payload + signatureFields[name] + bytes);
    const start = this.#noted[0]?.offset ?? offset;
    const [key, previous, hash] = [field('key', 32), field('previous', hashBytes), field('hash', hashBytes)];
    if (length < signatureFields.records) return { offset, what: 'the signature of a batch is too short' };
    if (toHex(key) !== this.#key)
      return { offset, what: `the batch is signed with key ${toHex(key)}, not with ${this.#key}` };
    if (!this.#scheme.verify(key, batchMessage(memory.bytes, payload, hash), field('signature', 64)))
      return { offset, what: `the signature of the batch was not made with key ${toHex(key)}` };
    const changed = this.#firstChange(
      memory.bytes.subarray(payload + signatureFields.records, payload + length),
      offset,
    );
    if (changed !== undefined) return changed;
    if (this.#previous !== undefined && toHex(previous) !== this.#previous)
      return {
        offset: start,
        what: 'the batch follows another than the one before it: some are missing, or moved',
      };
    this.#previous = toHex(hash);
    if (toHex(this.#hashes.hash(previous)) !== this.#previous)
      return { offset: start, what: 'the batch has another hash than was signed' };
    return undefined;
  }

  /** Where the records differ first from those whose marks were signed. */
  #firstChange(marks: Uint8Array, end: number): Forgery | undefined {
    const signed = Array.from({ length: marks.length / markBytes }, (_, index) =>
      toHex(marks.subarray(index * markBytes, (index + 1) * markBytes)),
    );
    const found = this.#noted.map((_, index) => toHex(this.#hashes.mark(index)));
    const length = Math.max(signed.length, found.length);
    const first = Array.from({ length }).findIndex((_, index) => signed[index] !== found[index]);
    if (first < 0) return undefined;
    const { offset, version } = this.#noted[first] ?? { offset: end, version: undefined };
    const place = version === undefined ? 'at the end of the batch' : `at version ${version}`;
    return { offset, what: `${changeOf(signed, found)} ${place}, after it was signed with key ${this.#key}` };
  }
}

function changeOf(signed: readonly string[], found: readonly string[]): string {
  if (found.length < signed.length) return 'a record was removed';
  if (found.length > signed.length) return 'a record was inserted';
  const sorted = [signed, found].map((marks) => [...marks].sort().join());
  return sorted[0] === sorted[1] ? 'records were put in another order' : 'a record was changed';
}

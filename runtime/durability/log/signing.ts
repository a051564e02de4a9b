import { guardBytes, headBytes, recordBytes } from './record.js';

/** SHA-256 and Ed25519, which the log is given. */
export interface SignatureScheme {
  /** Writes the 32 bytes of the hash over a part of `bytes` into `target`. */
  hash(bytes: Uint8Array, from: number, to: number, target: Uint8Array, at: number): void;
  /** Whether the holder of the key made that signature. */
  verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean;
}

/** Who signs what he appends. */
export interface Signer extends SignatureScheme {
  /** 64 hex digits. */
  readonly publicKey: string;
  /** 64 bytes. */
  sign(message: Uint8Array): Uint8Array;
}

/**
 * The payload of a signature, which closes its batch:
 *
 * | bytes | what |
 * | --- | --- |
 * | 0–31 | the hash of the batch before |
 * | 32–63 | the hash of this batch: SHA-256 over the one before and the SHA-256 of each of its records, from byte 16 on |
 * | 64–127 | the signature of the head of this record, from byte 16 on, and the hash |
 * | 128–159 | the public key |
 * | 160– | of the SHA-256 of each record the first 8 bytes: which of them was changed can be told |
 */
export const signatureFields = { previous: 0, hash: 32, signature: 64, key: 128, records: 160 } as const;
export const hashBytes = 32;
export const markBytes = 8;

/** Bytes of the signature of so many records. */
export function signatureBytes(records: number): number {
  return recordBytes(signatureFields.records + records * markBytes);
}

/** What is signed, told apart by what it is: no signature of the one ever stands for the other. */
export function signedMessage(what: 'batch' | 'manifest', bytes: Uint8Array): Uint8Array {
  const text = new TextEncoder().encode(`bowecho log ${what}\n`);
  const message = new Uint8Array(text.length + bytes.length);
  message.set(text);
  message.set(bytes, text.length);
  return message;
}

/** What is signed of a batch, with the payload of its signature at `payload`: the head before it, which no hash covers where nothing follows, and the hash. */
export function batchMessage(bytes: Uint8Array, payload: number, hash: Uint8Array): Uint8Array {
  const head = headBytes - guardBytes;
  const signed = new Uint8Array(head + hashBytes);
  signed.set(bytes.subarray(payload - head, payload));
  signed.set(hash, head);
  return signedMessage('batch', signed);
}

/** The hash that the first batch of a log follows, and the first of every segment that was compacted. */
export function originOf(scheme: SignatureScheme, logId: number, domain: string, topic: string): string {
  const text = new TextEncoder().encode(JSON.stringify(['bowecho log', logId, domain, topic]));
  const origin = new Uint8Array(hashBytes);
  scheme.hash(text, 0, text.length, origin, 0);
  return toHex(origin);
}

/** The hashes of a batch's records, one after another. */
export class BatchHashes {
  count = 0;
  readonly #scheme: SignatureScheme;
  /** That of the batch before, then that of each record. */
  #bytes = new Uint8Array(64 * hashBytes);

  constructor(scheme: SignatureScheme) {
    this.#scheme = scheme;
  }

  clear(): void {
    this.count = 0;
  }

  /** A record: what it says, wherever it lies. */
  add(bytes: Uint8Array, record: number, length: number): void {
    const at = ++this.count * hashBytes;
    if (at === this.#bytes.length) {
      const grown = new Uint8Array(2 * at);
      grown.set(this.#bytes);
      this.#bytes = grown;
    }
    this.#scheme.hash(bytes, record + guardBytes, record + length, this.#bytes, at);
  }

  /** The first bytes of a record's hash. */
  mark(index: number): Uint8Array {
    const at = (index + 1) * hashBytes;
    return this.#bytes.subarray(at, at + markBytes);
  }

  /** The hash of the batch, which follows `previous`. */
  hash(previous: Uint8Array): Uint8Array {
    this.#bytes.set(previous);
    const hash = new Uint8Array(hashBytes);
    this.#scheme.hash(this.#bytes, 0, (this.count + 1) * hashBytes, hash, 0);
    return hash;
  }

  /** Writes the payload of the signature over them. */
  sign(signer: Signer, previous: string, target: Uint8Array, at: number): void {
    const before = fromHex(previous);
    const hash = this.hash(before);
    target.set(before, at + signatureFields.previous);
    target.set(hash, at + signatureFields.hash);
    target.set(signer.sign(batchMessage(target, at, hash)), at + signatureFields.signature);
    target.set(fromHex(signer.publicKey), at + signatureFields.key);
    for (let index = 0; index < this.count; index++)
      target.set(this.mark(index), at + signatureFields.records + index * markBytes);
  }
}

export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

export function fromHex(text: string): Uint8Array {
  return Uint8Array.from({ length: text.length / 2 }, (_, index) =>
    Number.parseInt(text.slice(2 * index, 2 * index + 2), 16),
  );
}

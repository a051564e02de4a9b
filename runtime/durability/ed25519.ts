import { type KeyObject, createPrivateKey, createPublicKey, hash, sign, verify } from 'node:crypto';
import { LogError } from './log/errors.js';
import type { SignatureScheme, Signer } from './log/signing.js';

/** What stands before the 32 bytes of an Ed25519 key in its DER form (RFC 8410). */
const spkiPrefix = Buffer.from('302a300506032b6570032100', 'hex');

/** SHA-256 and Ed25519 by `node:crypto`. */
export class Ed25519 implements SignatureScheme {
  readonly #keys = new Map<string, KeyObject>();

  hash(bytes: Uint8Array, from: number, to: number, target: Uint8Array, at: number): void {
    // A string of one byte a character takes two thirds of the time of a buffer.
    const digest = hash('sha256', bytes.subarray(from, to), 'binary');
    for (let byte = 0; byte < digest.length; byte++) target[at + byte] = digest.charCodeAt(byte);
  }

  verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
    const name = Buffer.from(publicKey).toString('hex');
    let key = this.#keys.get(name);
    if (key === undefined) {
      const der = Buffer.concat([spkiPrefix, publicKey]);
      key = createPublicKey({ key: der, format: 'der', type: 'spki' });
      this.#keys.set(name, key);
    }
    return verify(null, message, key, signature);
  }
}

/** Signs with a private key. */
export class Ed25519Signer extends Ed25519 implements Signer {
  readonly publicKey: string;
  readonly #key: KeyObject;

  /** A private key, or its PEM text. @throws LogError BE_LOG_KEY where it is no private key of Ed25519 */
  constructor(key: KeyObject | string) {
    super();
    this.#key = typeof key === 'string' ? parse(key, createPrivateKey) : key;
    this.publicKey = publicKeyOf(this.#key);
    if (this.#key.type !== 'private') throw noKey('it is a public key, and the private one signs');
  }

  sign(message: Uint8Array): Uint8Array {
    return sign(null, message, this.#key);
  }
}

/**
 * The 32 bytes of the public key of a key, or of its PEM text, in hex.
 * @throws LogError BE_LOG_KEY where it is none of Ed25519
 */
export function publicKeyOf(given: KeyObject | string): string {
  const key = typeof given === 'string' ? parse(given, createPublicKey) : given;
  if (key.asymmetricKeyType !== 'ed25519') throw noKey(`it is of ${key.asymmetricKeyType ?? key.type}`);
  const own = key.type === 'private' ? createPublicKey(key) : key;
  return own.export({ format: 'der', type: 'spki' }).subarray(spkiPrefix.length).toString('hex');
}

function parse(pem: string, read: (pem: string) => KeyObject): KeyObject {
  try {
    return read(pem);
  } catch (error) {
    throw noKey('it cannot be read', error);
  }
}

function noKey(why: string, cause?: unknown): LogError {
  return new LogError(
    'BE_LOG_KEY',
    'the signing key',
    undefined,
    `${why}. Logs are signed with keys of Ed25519 in PEM, as 'openssl genpkey -algorithm ed25519' makes them`,
    { cause },
  );
}

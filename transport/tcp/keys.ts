import { createHmac, timingSafeEqual } from 'node:crypto';
import type { TlsOptions } from 'node:tls';
import { TransportError } from '../errors.js';
import { subjectIn } from './certificates.js';
import { readSecrets, readTls } from './security-files.js';
import type { TcpSecurity } from './security-files.js';

const secretCharactersMin = 16;
/** TLS 1.3 only: with certificates, and with keys that are shared beforehand, it has forward secrecy. */
const tlsVersion = { minVersion: 'TLSv1.3' } as const;
/** The one suite of TLS 1.3 that Node offers with a shared secret, as its hash is the one of the key. */
const pskSuite = 'TLS_AES_128_GCM_SHA256';

/** What a thread needs to connect as this member; plain data. */
export interface ConnectOptions {
  readonly tls?: Readonly<Record<string, unknown>>;
  readonly psk?: { readonly key: Uint8Array; readonly identity: string };
}

/** What a member shows and accepts at one time, as it was given or read. */
export class Keys {
  readonly connectOptions: ConnectOptions;
  readonly serverOptions: TlsOptions | undefined;
  /** By what members are told from strangers. */
  readonly kind: 'certificates' | 'secret' | 'nothing';
  /** Of the certificate that this member shows. */
  readonly subject: string | undefined;
  readonly #secrets: readonly string[];

  /**
   * @param isLocal whether all addresses are of this machine's own loopback
   * @throws TransportError BE_INSECURE where nothing would protect what crosses the network, BE_CERTIFICATE where a file cannot be read
   */
  constructor(security: TcpSecurity, isLocal: boolean) {
    const { tls, plain } = security;
    this.#secrets = readSecrets(security);
    const [secret] = this.#secrets;
    checkStrength(this.#secrets);
    if (!isLocal && tls === undefined && secret === undefined && plain !== true)
      throw insecure(
        'nothing protects this domain on the network: give tls (certificates) or a secret; or ask for plain: true, where the network itself is safe',
      );
    this.kind = tls !== undefined ? 'certificates' : secret !== undefined ? 'secret' : 'nothing';
    if (tls !== undefined) {
      const { ca, cert, key } = readTls(tls);
      this.subject = subjectIn(cert);
      this.connectOptions = { tls: { ca, cert, key, ...tlsVersion } };
      this.serverOptions = { ca, cert, key, ...tlsVersion, requestCert: true, rejectUnauthorized: false };
    } else if (secret !== undefined && plain !== true && (!isLocal || plain === false)) {
      this.connectOptions = { tls: { ciphers: pskSuite, ...tlsVersion }, psk: pskOf(secret) };
      this.serverOptions = { ciphers: pskSuite, ...tlsVersion };
    } else {
      this.connectOptions = {};
    }
  }

  /** The key of TLS that goes with a name that the other side gave. */
  pskFor(identity: string): Uint8Array | null {
    return this.#secrets.map(pskOf).find((psk) => psk.identity === identity)?.key ?? null;
  }

  /** What shows that I know the secret, for this one conversation; empty where the domain has none. */
  proof(role: 'answer' | 'proof', conversation: readonly unknown[]): string {
    const [secret] = this.#secrets;
    return secret === undefined ? '' : proofWith(secret, role, conversation);
  }

  isProof(proof: string, role: 'answer' | 'proof', conversation: readonly unknown[]): boolean {
    if (this.#secrets.length === 0) return proof === '';
    const given = Buffer.from(proof);
    return this.#secrets.some((secret) => {
      const expected = Buffer.from(proofWith(secret, role, conversation));
      return given.length === expected.length && timingSafeEqual(given, expected);
    });
  }
}

function checkStrength(secrets: readonly string[]): void {
  const weak = secrets.find(({ length }) => length < secretCharactersMin);
  if (weak === undefined) return;
  throw insecure(
    `a secret of ${weak.length} characters can be guessed: use at least ${secretCharactersMin}, random ones`,
  );
}

function proofWith(secret: string, role: string, conversation: readonly unknown[]): string {
  return createHmac('sha256', secret)
    .update(JSON.stringify([role, ...conversation]))
    .digest('hex');
}

/** A secret as a key of TLS, and the name by which the other side finds it among those that it has. */
function pskOf(secret: string): { key: Uint8Array; identity: string } {
  const derive = (use: string) => createHmac('sha256', secret).update(use).digest();
  return {
    key: derive('bowecho tls'),
    identity: `bowecho ${derive('bowecho tls identity').toString('hex').slice(0, 16)}`,
  };
}

function insecure(message: string): TransportError {
  return new TransportError('BE_INSECURE', message);
}

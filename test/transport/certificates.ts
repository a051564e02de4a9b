import { webcrypto } from 'node:crypto';
import 'reflect-metadata';
import * as x509 from '@peculiar/x509';

x509.cryptoProvider.set(webcrypto as unknown as Crypto);

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const dayMs = 86_400_000;

type Keys = Awaited<ReturnType<typeof generateKeys>>;

/** A certificate authority of a test's own, and members' certificates of it. */
export class Authority {
  readonly ca: string;
  readonly #certificate: x509.X509Certificate;
  readonly #keys: Keys;
  #serial = 1;

  private constructor(certificate: x509.X509Certificate, keys: Keys) {
    this.#certificate = certificate;
    this.#keys = keys;
    this.ca = certificate.toString('pem');
  }

  static async create(name = 'Test'): Promise<Authority> {
    const keys = await generateKeys();
    const certificate = await x509.X509CertificateGenerator.createSelfSigned({
      serialNumber: '01',
      name: `CN=${name}`,
      ...validFor(dayMs),
      signingAlgorithm: algorithm,
      keys,
      extensions: [new x509.BasicConstraintsExtension(true, 1, true)],
    });
    return new Authority(certificate, keys);
  }

  /** What a member shows. It was valid for a while, where `forMs` is negative. */
  async issue(name: string, forMs = dayMs): Promise<{ ca: string; cert: string; key: string }> {
    const keys = await generateKeys();
    const certificate = await x509.X509CertificateGenerator.create({
      serialNumber: (++this.#serial).toString(16).padStart(2, '0'),
      subject: `CN=${name}`,
      issuer: this.#certificate.subject,
      ...validFor(forMs),
      signingAlgorithm: algorithm,
      publicKey: keys.publicKey,
      signingKey: this.#keys.privateKey,
    });
    const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey));
    const key = x509.PemConverter.encode(pkcs8, 'PRIVATE KEY');
    return { ca: this.ca, cert: certificate.toString('pem'), key };
  }
}

function validFor(ms: number): { notBefore: Date; notAfter: Date } {
  return { notBefore: new Date(Date.now() - 2 * dayMs), notAfter: new Date(Date.now() + ms) };
}

async function generateKeys() {
  return await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
}

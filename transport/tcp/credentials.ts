import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { connect as connectPlain } from 'node:net';
import type { Socket } from 'node:net';
import { TLSSocket, connect as connectTls, createServer as createTlsServer } from 'node:tls';
import type { TlsOptions } from 'node:tls';
import { TransportError } from '../errors.js';
import { subjectIn, subjectOf } from './certificates.js';
import type { TlsTexts } from './certificates.js';
import { encodeHello } from './hello.js';
import { readTls } from './security-files.js';
import type { TlsFiles } from './security-files.js';

/** How members know each other, and what nobody else is to read. */
export interface TcpSecurity {
  /**
   * Mutual TLS: every member shows a certificate that `ca` has signed, and that is what makes it one. PEM, as text or bytes. Names in the
   * certificates are not compared with host names, so `ca` is to be an authority of this domain's own. Or the paths of files that have these:
   * `{ caFile, certFile, keyFile }`.
   */
  readonly tls?: TlsTexts | TlsFiles;
  /** Instead of certificates: a random text of at least 16 characters that all members share. TLS takes its keys from it. */
  readonly secret?: string;
  /**
   * `true`: no encryption, though the addresses are not all of this machine's loopback: whoever is on the way can read and change everything.
   * `false`: encryption even there. Default: none on loopback, and TLS elsewhere.
   */
  readonly plain?: boolean;
}

const secretCharactersMin = 16;
/** The slowest that a TLS handshake may be; the whole of what is said before a connection is of use has its own limit. */
const tlsHandshakeMs = 5_000;
/** TLS 1.3 only: with certificates, and with keys that are shared beforehand, it has forward secrecy. */
const tlsVersion = { minVersion: 'TLSv1.3' } as const;
/** The one suite of TLS 1.3 that Node offers with a shared secret, as its hash is the one of the key. */
const pskSuite = 'TLS_AES_128_GCM_SHA256';
const pskIdentity = 'bowecho';

/** What a thread needs to connect as this member; plain data. */
export interface ConnectOptions {
  readonly tls?: Readonly<Record<string, unknown>>;
  readonly psk?: { readonly key: Uint8Array; readonly identity: string };
}

/** How connections of this member are made, and how both ends show that they belong to the domain. */
export class Credentials {
  readonly connectOptions: ConnectOptions;
  /** Of the certificate that this member shows. */
  readonly subject: string | undefined;
  readonly #secret: string | undefined;
  readonly #serverOptions: TlsOptions | undefined;

  /**
   * @param isLocal whether all addresses are of this machine's own loopback
   * @throws TransportError BE_INSECURE where nothing would protect what crosses the network
   */
  constructor(security: TcpSecurity, isLocal: boolean) {
    const { tls, secret, plain } = security;
    if (secret !== undefined && secret.length < secretCharactersMin)
      throw insecure(
        `a secret of ${secret.length} characters can be guessed: use at least ${secretCharactersMin}, random ones`,
      );
    if (!isLocal && tls === undefined && secret === undefined && plain !== true)
      throw insecure(
        'nothing protects this domain on the network: give tls (certificates) or a secret; or ask for plain: true, where the network itself is safe',
      );
    this.#secret = secret;
    if (tls !== undefined) {
      const { ca, cert, key } = readTls(tls);
      this.subject = subjectIn(cert);
      this.connectOptions = { tls: { ca, cert, key, ...tlsVersion } };
      this.#serverOptions = { ca, cert, key, ...tlsVersion, requestCert: true, rejectUnauthorized: false };
    } else if (secret !== undefined && plain !== true && (!isLocal || plain === false)) {
      const psk = createHmac('sha256', secret).update('bowecho tls').digest();
      this.connectOptions = {
        tls: { ciphers: pskSuite, ...tlsVersion },
        psk: { key: psk, identity: pskIdentity },
      };
      this.#serverOptions = {
        ciphers: pskSuite,
        ...tlsVersion,
        pskCallback: (_socket, identity) => (identity === pskIdentity ? psk : null),
      };
    } else {
      this.connectOptions = {};
    }
  }

  get isPlain(): boolean {
    return this.#serverOptions === undefined;
  }

  /**
   * Takes raw connections to this member, and gives each to `onConnection` once it is protected as this domain's are; where it comes to
   * nothing, it is given to `onStranger`.
   */
  server(
    onConnection: (socket: Socket) => void,
    onStranger: (error: Error, socket: Socket) => void,
  ): (raw: Socket) => void {
    if (this.#serverOptions === undefined) return onConnection;
    const server = createTlsServer({ ...this.#serverOptions, handshakeTimeout: tlsHandshakeMs }, (socket) => {
      // With a secret, whoever got so far has it.
      if (socket.authorized || this.connectOptions.psk !== undefined) onConnection(socket);
      else refuseCertificate(socket, onStranger);
    });
    server.on('tlsClientError', onStranger);
    return (raw) => {
      server.emit('connection', raw);
    };
  }

  connect(host: string, port: number, onConnect: () => void): Socket {
    const { tls, psk } = this.connectOptions;
    if (tls === undefined) return connectPlain({ host, port, noDelay: true }, onConnect);
    return connectTls(
      {
        host,
        port,
        ...tls,
        ...(psk && { pskCallback: () => ({ psk: psk.key, identity: psk.identity }) }),
        checkServerIdentity: () => undefined,
      },
      onConnect,
    ).setNoDelay(true);
  }

  /** What shows that I know the secret, for this one conversation; empty where the domain has none. */
  proof(role: 'answer' | 'proof', conversation: readonly unknown[]): string {
    if (this.#secret === undefined) return '';
    return createHmac('sha256', this.#secret)
      .update(JSON.stringify([role, ...conversation]))
      .digest('hex');
  }

  isProof(proof: string, role: 'answer' | 'proof', conversation: readonly unknown[]): boolean {
    const expected = Buffer.from(this.proof(role, conversation));
    const given = Buffer.from(proof);
    return given.length === expected.length && timingSafeEqual(given, expected);
  }
}

/** 32 random bytes, as text: a number that is drawn for one conversation. */
export function drawNonce(): string {
  return randomBytes(32).toString('hex');
}

/** The subject of the certificate that the other end of a connection has shown, where it had to show one. */
export function subjectShown(socket: Socket): string | undefined {
  const certificate = socket instanceof TLSSocket ? socket.getPeerX509Certificate() : undefined;
  return certificate && subjectOf(certificate);
}

/** Tells the other side what is wrong with its certificate, and no more. */
function refuseCertificate(socket: TLSSocket, onStranger: (error: Error, socket: Socket) => void): void {
  const why = String(socket.authorizationError);
  socket.on('error', () => undefined);
  socket.end(
    encodeHello({
      kind: 'refused',
      refused: `your certificate is not one of this domain's authority: ${why}`,
    }),
    () => {
      onStranger(new Error(why), socket);
    },
  );
}

function insecure(message: string): TransportError {
  return new TransportError('BE_INSECURE', message);
}

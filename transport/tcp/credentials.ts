import { randomBytes } from 'node:crypto';
import { connect as connectPlain } from 'node:net';
import type { Socket } from 'node:net';
import { TLSSocket, connect as connectTls, createServer as createTlsServer } from 'node:tls';
import type { Server as TlsServer } from 'node:tls';
import { TransportError } from '../errors.js';
import { checkTls, subjectOf } from './certificates.js';
import { encodeHello } from './hello.js';
import { Keys } from './keys.js';
import type { ConnectOptions } from './keys.js';
import { readTls, stampOf } from './security-files.js';
import type { SecurityChange, TcpSecurity } from './security-files.js';

/**
 * How connections of this member are made, and how both ends show that they belong to the domain. What is in files is read again when a connection begins, if it
 * has changed; connections that there are go on as they are.
 */
export class Credentials {
  #security: TcpSecurity;
  readonly #isLocal: boolean;
  #keys: Keys;
  /** Of the files as they were read last. */
  #stamp: string;
  #server: TlsServer | undefined;

  /**
   * @param isLocal whether all addresses are of this machine's own loopback
   * @throws TransportError BE_INSECURE where nothing would protect what crosses the network, BE_CERTIFICATE where a file cannot be read
   */
  constructor(security: TcpSecurity, isLocal: boolean) {
    this.#security = security;
    this.#isLocal = isLocal;
    this.#stamp = stampOf(security);
    this.#keys = new Keys(security, isLocal);
  }

  get isPlain(): boolean {
    return this.#keys.serverOptions === undefined;
  }

  /** Of the certificate that this member shows. */
  get subject(): string | undefined {
    return this.#keys.subject;
  }

  /** As of now. */
  get connectOptions(): ConnectOptions {
    this.#refresh();
    return this.#keys.connectOptions;
  }

  /**
   * New connections use what the files have now, or what is given, from now on.
   * @throws TransportError BE_CERTIFICATE, BE_INSECURE: all is as it was
   */
  reload(given: SecurityChange = {}): void {
    const { plain, ...before } = this.#security;
    const chosen = Object.keys(given).length > 0 ? given : before;
    const security = { ...chosen, ...(plain !== undefined && { plain }) };
    const stamp = stampOf(security);
    if (security.tls !== undefined) checkTls(readTls(security.tls));
    const keys = new Keys(security, this.#isLocal);
    if (keys.kind !== this.#keys.kind)
      throw new TransportError(
        'BE_INSECURE',
        `members of this domain are known by ${this.#keys.kind}, and cannot be by ${keys.kind} while it runs: start all anew`,
      );
    if (keys.subject !== this.#keys.subject)
      throw new TransportError(
        'BE_CERTIFICATE',
        `this member is ${this.subject} to the others, and cannot become ${keys.subject} while it runs: give a certificate of the same subject, or join again`,
      );
    this.#security = security;
    this.#stamp = stamp;
    this.#keys = keys;
    if (keys.serverOptions !== undefined) this.#server?.setSecureContext(keys.serverOptions);
  }

  /** What cannot be used, a key without its certificate yet perhaps, is told of, and looked at again once the files change. */
  #refresh(): void {
    const stamp = stampOf(this.#security);
    if (stamp === this.#stamp) return;
    this.#stamp = stamp;
    try {
      this.reload();
    } catch (error) {
      if (!(error instanceof TransportError)) throw error;
      process.emitWarning(
        `what protects this member has changed, and cannot be used; it goes on as before: ${error.message}`,
        {
          type: 'BowechoWarning',
          code: error.code,
        },
      );
    }
  }

  /**
   * Takes raw connections to this member, and gives each to `onConnection` once it is protected as this domain's are; where it comes to
   * nothing, it is given to `onStranger`. TLS may take `handshakeMs`; the whole of what is said before a connection is of use has its own limit.
   */
  server(
    handshakeMs: number,
    onConnection: (socket: Socket) => void,
    onStranger: (error: Error, socket: Socket) => void,
  ): (raw: Socket) => void {
    const { serverOptions } = this.#keys;
    if (serverOptions === undefined)
      return (raw) => {
        this.#refresh();
        onConnection(raw);
      };
    const isBySecret = this.#keys.kind === 'secret';
    const options = {
      ...serverOptions,
      handshakeTimeout: handshakeMs,
      ...(isBySecret && { pskCallback: (_: unknown, identity: string) => this.#keys.pskFor(identity) }),
    };
    const server = createTlsServer(options, (socket) => {
      // With a secret, whoever got so far has it.
      if (socket.authorized || isBySecret) onConnection(socket);
      else refuseCertificate(socket, onStranger);
    });
    server.on('tlsClientError', onStranger);
    this.#server = server;
    return (raw) => {
      this.#refresh();
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
    return this.#keys.proof(role, conversation);
  }

  isProof(proof: string, role: 'answer' | 'proof', conversation: readonly unknown[]): boolean {
    return this.#keys.isProof(proof, role, conversation);
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

import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import type { HostPort } from './address.js';
import type { Receiver } from './visit.js';
import { Visit } from './visit.js';

/** Connections that have not said who they are. For another one the oldest is ended, and may come again: who means well has spoken long before. */
export const strangersMax = 256;
const backlog = 1024;

/** Where this member can be reached: one address, and those of the domain's that it has come to listen on. */
export class Gate {
  readonly #receiver: Receiver;
  readonly #handshakeMs: number;
  readonly #servers: Server[] = [];
  readonly #protect: (raw: Socket) => void;
  /** Every connection, and what to do once it is no stranger's any more. */
  readonly #connections = new Map<string, { raw: Socket; settled: () => void }>();
  /** The oldest first. */
  readonly #strangers = new Set<Socket>();
  #isRef = false;

  /** @param handshakeMs how long a connection may take to say what it wants, TLS included */
  constructor(receiver: Receiver, handshakeMs: number) {
    this.#receiver = receiver;
    this.#handshakeMs = handshakeMs;
    this.#protect = receiver.credentials.server(
      handshakeMs,
      (socket) => {
        const connection = this.#connections.get(nameOf(socket));
        if (connection !== undefined) new Visit(socket, receiver, connection.settled);
        else socket.destroy();
      },
      (error: NodeJS.ErrnoException, socket) => {
        // Whoever leaves in the midst of the handshake has shown nothing, nor has who is late, which is counted as that.
        if (error.code !== 'ECONNRESET' && error.code !== 'ERR_TLS_HANDSHAKE_TIMEOUT')
          receiver.refusals.add('certificate', socket.remoteAddress, error.message.trim());
        socket.destroy();
      },
    );
  }

  /**
   * Listens; gives the port, or undefined where somebody else on this machine does, or the address is not of this machine.
   * @throws Error as the system gives it, for anything else
   */
  async listen(host: string, port: number): Promise<number | undefined> {
    const server = createServer({ noDelay: true }, (raw) => {
      this.#admit(raw);
    });
    const bound = await bind(server, { host, port });
    if (bound === undefined) return undefined;
    server.on('error', () => undefined);
    this.#servers.push(server);
    if (!this.#isRef) server.unref();
    return bound;
  }

  ref(isRef: boolean): void {
    this.#isRef = isRef;
    for (const server of this.#servers)
      if (isRef) server.ref();
      else server.unref();
  }

  /** Nobody else connects from now on, and others can listen there. Resolves once all connections have ended. */
  async stopListening(): Promise<void> {
    await Promise.all(
      this.#servers.map((server) => new Promise<void>((resolve) => void server.close(() => resolve()))),
    );
  }

  async close(): Promise<void> {
    for (const { raw } of this.#connections.values()) raw.destroy();
    await this.stopListening();
  }

  /** Every connection is a stranger's until its visit says otherwise. */
  #admit(raw: Socket): void {
    raw.on('error', () => undefined);
    if (this.#strangers.size >= strangersMax) this.#turnAwayOldest();
    const name = nameOf(raw);
    this.#strangers.add(raw);
    const settled = () => {
      clearTimeout(timer);
      this.#strangers.delete(raw);
    };
    // From the first byte on, TLS included.
    const timer = setTimeout(() => {
      this.#receiver.refusals.add('late', raw.remoteAddress);
      raw.destroy();
    }, this.#handshakeMs).unref();
    this.#connections.set(name, { raw, settled });
    raw.once('close', () => {
      this.#connections.delete(name);
      settled();
    });
    raw.unref();
    this.#protect(raw);
  }

  #turnAwayOldest(): void {
    const oldest = this.#strangers.values().next().value!;
    this.#receiver.refusals.add('crowd', oldest.remoteAddress);
    this.#strangers.delete(oldest);
    oldest.destroy();
  }
}

/**
 * Binds `server` to a place; gives the port, or undefined where somebody else on this machine has it, or the address is not of this machine.
 * @throws Error as the system gives it, for anything else
 */
export async function bind(server: Server, { host, port }: HostPort): Promise<number | undefined> {
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      // Exclusive: in a cluster's worker, the socket is this process's own.
      server.listen({ host, port, backlog, exclusive: true }, resolve);
    });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE' || code === 'EADDRNOTAVAIL') return undefined;
    throw error;
  }
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : port;
}

/** By what a connection is known, with TLS around it or not. */
function nameOf({ remoteAddress, remotePort, localAddress, localPort }: Socket): string {
  return `${remoteAddress} ${remotePort} ${localAddress} ${localPort}`;
}

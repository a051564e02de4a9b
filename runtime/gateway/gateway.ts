import type { IncomingMessage, Server } from 'node:http';
import type { Server as SecureServer } from 'node:https';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Participant } from '../dds/index.js';
import { createUpgradeServer, listen, urlOf } from './http-server.js';
import { type GatewayLimits, resolveLimits } from './limits.js';
import { type Authorize, everything, type Permissions } from './permissions.js';
import { Session } from './session.js';
import { Topics } from './topics.js';
import { pathOf, refuseUpgrade, upgradeRefusal } from './upgrade.js';
import { closeCodes, controlBytesMax, subprotocol } from './wire/index.js';

export interface GatewayOptions extends Partial<GatewayLimits> {
  /** Default: 0, a free port; see `url`. */
  port?: number;
  /** Default: 127.0.0.1, so that nobody else's machine reaches it. */
  host?: string;
  /** Default: /bowecho. */
  path?: string;
  /** An HTTP or HTTPS server to share, instead of `port` and `host`. It is not closed with the gateway. */
  server?: Server | SecureServer;
  /** Pages of these origins (`https://example.org`), and no others, may connect; `*` lets all. Default: pages of the gateway's own host. */
  allowedOrigins?: readonly string[];
  /** Who may connect, and read and write what. Default: everybody, everything. */
  authorize?: Authorize;
}

/** A client, as the gateway sees it. */
export interface GatewayClient {
  readonly name: string;
  readonly address: string;
  /** Bytes that wait to be sent to it. */
  readonly bufferedBytes: number;
  /** Samples that it was too slow for, and was told of. */
  readonly droppedSamples: number;
}

const closeWaitMs = 2500;

/**
 * Lets external clients (browsers, other programs) read and write a domain's topics over WebSocket. They are no members: they come and
 * go without a change of view, and a slow one holds nobody back.
 *
 * ```ts
 * const gateway = await Gateway.start(participant, { port: 8080 });
 * console.log(gateway.url); // ws://127.0.0.1:8080/bowecho
 * await gateway.close();
 * ```
 */
export class Gateway {
  readonly #participant: Participant;
  readonly #options: GatewayOptions;
  readonly #limits: GatewayLimits;
  readonly #path: string;
  readonly #server: Server | SecureServer;
  readonly #webSockets: WebSocketServer;
  readonly #topics: Topics;
  readonly #sessions = new Set<Session>();
  readonly #heartbeat: NodeJS.Timeout;
  readonly #views: { unsubscribe(): void };
  readonly #onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    void this.#upgrade(request, socket, head);
  };
  /** Upgrades that wait for `authorize`. */
  #arriving = 0;
  #closing: Promise<void> | undefined;

  private constructor(
    participant: Participant,
    server: Server | SecureServer,
    limits: GatewayLimits,
    options: GatewayOptions,
  ) {
    this.#participant = participant;
    this.#server = server;
    this.#limits = limits;
    this.#options = options;
    this.#path = options.path ?? '/bowecho';
    this.#topics = new Topics(participant, limits);
    this.#webSockets = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      perMessageDeflate: false,
      autoPong: false,
      maxPayload: limits.sampleBytesMax + controlBytesMax * 2,
      handleProtocols: () => subprotocol,
    });
    server.on('upgrade', this.#onUpgrade);
    this.#heartbeat = setInterval(() => this.#beat(), limits.heartbeatMs);
    this.#heartbeat.unref();
    const stop = () => void this.close();
    this.#views = participant.view$.subscribe({
      next: () => this.#viewChanged(),
      error: stop,
      complete: stop,
    });
  }

  /**
   * Starts a gateway of a participant; it ends with it.
   * @throws RangeError where a limit is no number from 0; what listening on the port throws
   */
  static async start(participant: Participant, options: GatewayOptions = {}): Promise<Gateway> {
    const limits = resolveLimits(options);
    const server = options.server ?? createUpgradeServer(limits);
    if (options.server === undefined) await listen(server, options.port ?? 0, options.host ?? '127.0.0.1');
    return new Gateway(participant, server, limits, options);
  }

  /** Where clients connect to. */
  get url(): string {
    return urlOf(this.#server, this.#path);
  }

  get clients(): readonly GatewayClient[] {
    return [...this.#sessions].map(({ name, address, connection }) => ({
      name,
      address,
      bufferedBytes: connection.bufferedBytes,
      droppedSamples: connection.droppedSamples,
    }));
  }

  // ---- clients come ----

  async #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    if (pathOf(request) !== this.#path) {
      // On a shared server, the path may be another listener's.
      if (this.#server.listenerCount('upgrade') === 1)
        refuseUpgrade(socket, { status: 404, reason: 'no gateway here' });
      return;
    }
    const refusal = upgradeRefusal(request, this.#options.allowedOrigins);
    if (refusal !== undefined) return refuseUpgrade(socket, refusal);
    if (this.#closing !== undefined || this.#sessions.size + this.#arriving >= this.#limits.maxClients) {
      return refuseUpgrade(socket, { status: 503, reason: 'the gateway takes no more clients now' });
    }
    const permissions = await this.#authorize(request, socket);
    if (permissions === undefined) return refuseUpgrade(socket, { status: 401, reason: 'not authorized' });
    if (this.#closing !== undefined)
      return refuseUpgrade(socket, { status: 503, reason: 'the gateway closes' });
    this.#webSockets.handleUpgrade(request, socket, head, (webSocket) =>
      this.#welcome(webSocket, request, permissions),
    );
  }

  async #authorize(request: IncomingMessage, socket: Duplex): Promise<Permissions | undefined> {
    const { authorize } = this.#options;
    if (authorize === undefined) return everything;
    const onError = () => socket.destroy();
    socket.on('error', onError);
    this.#arriving++;
    try {
      return await authorize(request);
    } catch (error) {
      process.emitWarning(error instanceof Error ? error : String(error), { type: 'BowechoWarning' });
      return undefined;
    } finally {
      this.#arriving--;
      socket.off('error', onError);
    }
  }

  #welcome(webSocket: WebSocket, request: IncomingMessage, permissions: Permissions): void {
    const address = request.socket.remoteAddress ?? '';
    const context = { name: this.#participant.name, topics: this.#topics, limits: this.#limits };
    const session = new Session(webSocket, address, permissions, context, () =>
      this.#sessions.delete(session),
    );
    this.#sessions.add(session);
  }

  #beat(): void {
    for (const { connection } of this.#sessions) connection.beat();
  }

  #viewChanged(): void {
    for (const session of this.#sessions) session.viewChanged();
  }

  // ---- the end ----

  /** Tells all clients to come again later, closes the gateway's readers and writers, and stops listening. Idempotent. */
  close(): Promise<void> {
    return (this.#closing ??= this.#close());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #close(): Promise<void> {
    await Promise.resolve(); // so that `#closing` is set before anything else happens
    this.#views.unsubscribe();
    clearInterval(this.#heartbeat);
    this.#server.off('upgrade', this.#onUpgrade);
    for (const session of this.#sessions) session.close(closeCodes.goingAway, 'the gateway closes');
    const deadline = performance.now() + closeWaitMs;
    while (this.#sessions.size > 0 && performance.now() < deadline)
      await new Promise((resolve) => setTimeout(resolve, 5));
    await this.#topics.close();
    this.#webSockets.close();
    if (this.#options.server === undefined) await this.#stopListening();
  }

  async #stopListening(): Promise<void> {
    const stopped = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await stopped;
  }
}

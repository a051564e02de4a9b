import type { WebSocket } from 'ws';
import { ClientConnection } from './client-connection.js';
import type { GatewayLimits } from './limits.js';
import { Outlet } from './outlet.js';
import { isAllowed, type Permissions } from './permissions.js';
import { TokenBucket } from './token-bucket.js';
import type { Topics } from './topics.js';
import {
  type CloseCode,
  closeCodes,
  controlBytesMax,
  decodeClientMessage,
  decodeWriteFrame,
  malformed,
  type OpenMessage,
  WireError,
} from './wire/index.js';
import { WriteLane } from './write-lane.js';
import type { TopicSink } from './topic-sink.js';

/** An endpoint of a client: being opened, or open. */
interface ClientEndpoint {
  readonly message: OpenMessage;
  matched: number;
  lane?: WriteLane;
  sink?: TopicSink;
  /** Gives back what it holds. */
  close?: () => void;
}

/** What all sessions of a gateway share. */
export interface SessionContext {
  readonly name: string;
  readonly topics: Topics;
  readonly limits: GatewayLimits;
}

/** One external client: what it says is checked, and done for it. */
export class Session {
  /** What the client calls itself; empty before its greeting. */
  name = '';
  readonly address: string;
  readonly connection: ClientConnection;
  readonly #context: SessionContext;
  readonly #permissions: Permissions;
  readonly #endpoints = new Map<number, ClientEndpoint>();
  /** Streams by number, with how many of the client's readers share each. */
  readonly #streams = new Map<number, { outlet: Outlet; readers: number }>();
  readonly #opens: TokenBucket;
  readonly #greetingTimer: NodeJS.Timeout;
  #refusals = 0;
  #queuedBytes = 0;
  #reading = true;
  #over = false;

  constructor(
    socket: WebSocket,
    address: string,
    permissions: Permissions,
    context: SessionContext,
    onEnd: () => void,
  ) {
    this.address = address;
    this.#context = context;
    this.#permissions = permissions;
    const { limits } = context;
    this.connection = new ClientConnection(socket, limits);
    this.#opens = new TokenBucket(limits.opensBurst, limits.opensPerSecond);
    this.#greetingTimer = setTimeout(
      () => this.close(closeCodes.timeout, 'no greeting'),
      limits.handshakeTimeoutMs,
    );
    socket.on('message', (data: Buffer, isBinary: boolean) => this.#receive(data, isBinary));
    socket.on('close', () => {
      this.#end();
      onEnd();
    });
  }

  #receive(data: Buffer, isBinary: boolean): void {
    if (this.connection.closing) return;
    this.connection.alive();
    try {
      if (isBinary) this.#receiveWrites(new Uint8Array(data.buffer, data.byteOffset, data.length));
      else this.#receiveControl(data);
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      this.close(error.closeCode, error.message);
    }
  }

  // ---- control ----

  #receiveControl(data: Buffer): void {
    if (data.length > controlBytesMax) {
      throw new WireError(closeCodes.tooLarge, `a control message has more than ${controlBytesMax} bytes`);
    }
    const message = decodeClientMessage(data.toString());
    if ((message.op === 'hello') !== (this.name === '')) throw malformed('a session begins with one hello');
    switch (message.op) {
      case 'hello':
        this.#greet(message.name);
        break;
      case 'open':
        this.#open(message);
        break;
      case 'close':
        this.#closeEndpoint(message.id);
    }
  }

  #greet(name: string): void {
    clearTimeout(this.#greetingTimer);
    this.name = name;
    const { heartbeatMs, sampleBytesMax } = this.#context.limits;
    this.connection.send({ op: 'welcome', name: this.#context.name, heartbeatMs, sampleBytesMax });
  }

  #open(message: OpenMessage): void {
    if (!this.#opens.take()) throw new WireError(closeCodes.tooMany, 'too many opens');
    const { id, role, topic } = message;
    if (this.#endpoints.has(id)) throw malformed(`id ${id} is in use`);
    const { endpointsPerClientMax } = this.#context.limits;
    if (this.#endpoints.size >= endpointsPerClientMax) {
      this.#refuse(
        id,
        'BE_TOO_MANY',
        `a client may have ${endpointsPerClientMax} readers and writers: close some`,
      );
    } else if (!isAllowed(this.#permissions, role, topic)) {
      this.#refuse(
        id,
        'BE_FORBIDDEN',
        `this client may not ${role === 'reader' ? 'read' : 'write'} topic ${topic}`,
      );
    } else {
      const endpoint: ClientEndpoint = { message, matched: -1 };
      this.#endpoints.set(id, endpoint);
      void this.#openInDomain(endpoint);
    }
  }

  #refuse(id: number, code: string, message: string): void {
    this.connection.send({ op: 'refused', id, code, message });
    if (++this.#refusals > this.#context.limits.refusedOpensMax)
      this.close(closeCodes.tooMany, 'too many opens were refused');
  }

  async #openInDomain(endpoint: ClientEndpoint): Promise<void> {
    const { message } = endpoint;
    try {
      if (message.role === 'reader') await this.#openReader(endpoint);
      else await this.#openWriter(endpoint);
      this.#tellMatched(endpoint);
    } catch (error) {
      const { code = 'BE_REFUSED', message: reason } = error as { code?: string; message: string };
      if (this.#endpoints.get(message.id) !== endpoint) return;
      this.#endpoints.delete(message.id);
      this.#refuse(message.id, code, reason);
    }
  }

  async #openReader(endpoint: ClientEndpoint): Promise<void> {
    const { id, topic, type, qos, conflate } = endpoint.message;
    const source = this.#context.topics.source(topic);
    await source.shared.acquire({ type, qos });
    if (this.#endpoints.get(id) !== endpoint) return source.shared.release(); // closed meanwhile
    const stream = conflate ? source.streams.conflated : source.streams.plain;
    let shared = this.#streams.get(stream);
    if (shared === undefined) {
      shared = {
        outlet: new Outlet(stream, conflate, this.#context.limits.conflatedBytesMax, this.connection),
        readers: 0,
      };
      this.#streams.set(stream, shared);
      this.connection.outlets.add(shared.outlet);
      source.addOutlet(shared.outlet);
    }
    shared.readers++;
    endpoint.close = () => {
      source.shared.release();
      if (--shared.readers > 0) return;
      this.#streams.delete(stream);
      this.connection.outlets.delete(shared.outlet);
      source.removeOutlet(shared.outlet);
      shared.outlet.discard();
    };
    const { index, at } = source.sent;
    this.connection.send({
      op: 'opened',
      id,
      role: 'reader',
      stream,
      source: source.name,
      index,
      ...(at && { at }),
    });
  }

  async #openWriter(endpoint: ClientEndpoint): Promise<void> {
    const { id, topic, type, qos } = endpoint.message;
    const sink = this.#context.topics.sink(topic);
    await sink.shared.acquire({ type, qos });
    if (this.#endpoints.get(id) !== endpoint) return sink.shared.release(); // closed meanwhile
    const windowBytes = this.#context.limits.writeWindowBytes;
    const lane = new WriteLane(id, windowBytes, {
      send: (reply) => this.connection.send(reply),
      queued: (bytes) => this.#queued(bytes),
      left: () => sink.shared.release(),
    });
    Object.assign(endpoint, { lane, sink, close: () => lane.leave() });
    this.connection.send({ op: 'opened', id, role: 'writer', windowBytes });
  }

  #closeEndpoint(id: number): void {
    const endpoint = this.#endpoints.get(id);
    this.#endpoints.delete(id);
    endpoint?.close?.();
  }

  /** The domain's view has changed. */
  viewChanged(): void {
    for (const endpoint of this.#endpoints.values())
      if (endpoint.close !== undefined) this.#tellMatched(endpoint);
  }

  #tellMatched(endpoint: ClientEndpoint): void {
    const { id, role, topic } = endpoint.message;
    const count = this.#context.topics.matchedBy(role, topic);
    if (count === endpoint.matched || endpoint.close === undefined) return;
    endpoint.matched = count;
    this.connection.send({ op: 'matched', id, count });
  }

  // ---- samples ----

  #receiveWrites(bytes: Uint8Array): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const { id, writes } = decodeWriteFrame(view, this.#context.limits.sampleBytesMax);
    const endpoint = this.#endpoints.get(id);
    if (endpoint === undefined) return; // closed by this gateway, or by the client while frames were on their way
    const { lane, sink, message } = endpoint;
    if (lane === undefined || sink === undefined) throw malformed(`${id} is no open writer`);
    for (const { keyOffset, offset, length } of writes) {
      if (keyOffset >= 0 !== message.type.keyed)
        throw malformed("a sample carries its key's hash if its type has a key, and only then");
      const keyHash = keyOffset < 0 ? undefined : bytes.subarray(keyOffset, keyOffset + 16);
      sink.write(lane, { bytes: bytes.subarray(offset, offset + length), inPlace: false, keyHash });
    }
  }

  /** Many writers may each fill their window: what waits for room in all of them together is bounded too. */
  #queued(bytes: number): void {
    this.#queuedBytes += bytes;
    const { clientBytesMax } = this.#context.limits;
    if (this.#reading && this.#queuedBytes > clientBytesMax) this.connection.reading = this.#reading = false;
    else if (!this.#reading && this.#queuedBytes <= clientBytesMax / 2)
      this.connection.reading = this.#reading = true;
  }

  // ---- the end ----

  close(code: CloseCode, reason: string): void {
    this.connection.close(code, reason);
  }

  #end(): void {
    if (this.#over) return;
    this.#over = true;
    clearTimeout(this.#greetingTimer);
    for (const id of [...this.#endpoints.keys()]) this.#closeEndpoint(id);
  }
}

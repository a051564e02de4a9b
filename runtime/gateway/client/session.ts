import type { Memory } from '../../../codegen/support/index.js';
import {
  type ClientMessage,
  closeCodes,
  decodeGatewayMessage,
  decodeSampleFrame,
  encodeControl,
  type GatewayMessage,
  type SampleFrame,
  subprotocol,
  type WelcomeMessage,
  WireError,
} from '../wire/index.js';
import { ClientError } from './errors.js';
import type { WebSocketConstructor, WebSocketLike } from './web-socket.js';

/** A gateway that says nothing for so many of its heartbeats is taken for gone. */
const silentBeatsMax = 3;
/** A reason in a close frame has 123 bytes at most; ours are ASCII. */
const reasonCharactersMax = 120;

export interface SessionHandler {
  message(message: GatewayMessage): void;
  samples(frame: SampleFrame, memory: Memory): void;
  /** The session is over; told once, and only after it was open. `code` is the WebSocket's. */
  ended(code: number, reason: string): void;
}

export interface SessionOptions {
  readonly url: string;
  readonly WebSocket: WebSocketConstructor;
  readonly name: string;
  readonly timeoutMs: number;
}

/** One connection to a gateway, from its greeting to its end. */
export class Session {
  readonly welcome: WelcomeMessage;
  readonly #socket: WebSocketLike;
  readonly #handler: SessionHandler;
  readonly #watch: ReturnType<typeof setInterval>;
  #heardAt = performance.now();
  #over = false;

  constructor(socket: WebSocketLike, welcome: WelcomeMessage, handler: SessionHandler) {
    this.#socket = socket;
    this.welcome = welcome;
    this.#handler = handler;
    socket.onmessage = ({ data }: { data: unknown }) => this.#receive(data);
    socket.onclose = ({ code, reason }: { code: number; reason: string }) => this.#end(code, reason);
    socket.onerror = () => undefined; // a close follows
    const beatMs = Math.max(50, welcome.heartbeatMs);
    this.#watch = setInterval(() => this.#checkSilence(beatMs * silentBeatsMax), beatMs);
  }

  send(message: ClientMessage): void {
    if (!this.#over) this.#socket.send(encodeControl(message));
  }

  sendFrame(frame: Uint8Array<ArrayBuffer>): void {
    if (!this.#over) this.#socket.send(frame);
  }

  close(code: number = closeCodes.normal, reason = ''): void {
    this.#end(code, reason);
    this.#socket.close(code, reason.slice(0, reasonCharactersMax));
  }

  #receive(data: unknown): void {
    if (this.#over) return;
    this.#heardAt = performance.now();
    try {
      if (typeof data === 'string') this.#handler.message(decodeGatewayMessage(data));
      else this.#receiveFrame(data as ArrayBuffer);
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      this.close(error.closeCode, error.message);
    }
  }

  #receiveFrame(buffer: ArrayBuffer): void {
    const view = new DataView(buffer);
    this.#handler.samples(decodeSampleFrame(view), { bytes: new Uint8Array(buffer), view });
  }

  /** Browsers answer pings unseen, so the gateway's silence is measured by what it says. */
  #checkSilence(silenceMsMax: number): void {
    if (performance.now() - this.#heardAt < silenceMsMax) return;
    this.close(closeCodes.timeout, 'the gateway is silent');
  }

  #end(code: number, reason: string): void {
    if (this.#over) return;
    this.#over = true;
    clearInterval(this.#watch);
    this.#handler.ended(code, reason);
  }
}

/**
 * Connects and greets.
 * @throws ClientError BE_CONNECT, BE_PROTOCOL
 */
export function openSession(options: SessionOptions, handler: SessionHandler): Promise<Session> {
  const { url, WebSocket, name, timeoutMs } = options;
  return new Promise((resolve, reject) => {
    const socket = construct(WebSocket, url);
    socket.binaryType = 'arraybuffer';
    const fail = (error: ClientError) => {
      clearTimeout(timer);
      socket.onclose = socket.onmessage = null;
      socket.onerror = () => undefined;
      socket.close();
      reject(error);
    };
    const timer = setTimeout(
      () => fail(new ClientError('BE_CONNECT', `${url} did not answer within ${timeoutMs} ms`)),
      timeoutMs,
    );
    socket.onopen = () => socket.send(encodeControl({ op: 'hello', name }));
    socket.onerror = (event: { message?: string }) => fail(unreachable(url, event.message ?? ''));
    socket.onclose = ({ code, reason }: { code: number; reason: string }) =>
      fail(unreachable(url, `${code} ${reason}`));
    socket.onmessage = ({ data }: { data: unknown }) => {
      const welcome = asWelcome(data);
      if (welcome === undefined)
        return fail(new ClientError('BE_PROTOCOL', `${url} is no Bowecho gateway of ${subprotocol}`));
      clearTimeout(timer);
      resolve(new Session(socket, welcome, handler));
    };
  });
}

function construct(WebSocket: WebSocketConstructor, url: string): WebSocketLike {
  try {
    return new WebSocket(url, [subprotocol]);
  } catch (cause) {
    throw new ClientError('BE_CONNECT', `${url} is no address of a gateway: ${(cause as Error).message}`, {
      cause,
    });
  }
}

function unreachable(url: string, why: string): ClientError {
  const detail = why.trim() === '' ? '' : ` (${why.trim()})`;
  return new ClientError(
    'BE_CONNECT',
    `no session with the gateway at ${url}${detail}: is it running, and does it allow this origin?`,
  );
}

function asWelcome(data: unknown): WelcomeMessage | undefined {
  try {
    const message = typeof data === 'string' ? decodeGatewayMessage(data) : undefined;
    return message?.op === 'welcome' ? message : undefined;
  } catch {
    return undefined;
  }
}

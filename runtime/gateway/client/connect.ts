import type { ReconnectOptions } from './backoff.js';
import { Client } from './client.js';
import { chooseWebSocket, type WebSocketConstructor } from './web-socket.js';

export interface ConnectOptions {
  /** The WebSocket to use. Default: the platform's; Node 20 has none: pass that of the npm package `ws`. */
  WebSocket?: WebSocketConstructor;
  /** What this client is called in the gateway's messages. Default: `client`. */
  name?: string;
  /** Whether, and how, a broken connection is made again. Default: true. */
  reconnect?: boolean | ReconnectOptions;
  /** How long connecting may take. Default: 10 s. */
  timeoutMs?: number;
}

/**
 * Connects to a gateway.
 *
 * ```ts
 * import { connect } from 'bowecho/client';
 * const client = await connect('ws://localhost:8080/bowecho');
 * const reader = await client.reader(Flight);
 * reader.samples$.subscribe(({ data }) => console.log(data.origin, data.destination));
 * ```
 * @throws ClientError BE_NO_WEBSOCKET, BE_CONNECT, BE_PROTOCOL
 */
export async function connect(url: string, options: ConnectOptions = {}): Promise<Client> {
  const WebSocket = chooseWebSocket(options.WebSocket);
  const { name = 'client', timeoutMs = 10_000, reconnect = true } = options;
  const client = new Client({ url, WebSocket, name, timeoutMs }, reconnect === true ? {} : reconnect);
  await client.start();
  return client;
}

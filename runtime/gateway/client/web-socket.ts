import { ClientError } from './errors.js';

/** What the client needs of a WebSocket: a browser's has it, and so has that of the npm package `ws`. */
export interface WebSocketLike {
  binaryType: string;
  readonly protocol: string;
  onopen: ((event: never) => void) | null;
  onmessage: ((event: never) => void) | null;
  onerror: ((event: never) => void) | null;
  onclose: ((event: never) => void) | null;
  send(data: string | Uint8Array<ArrayBuffer>): void;
  close(code?: number, reason?: string): void;
}

export type WebSocketConstructor = new (url: string, protocols: string[]) => WebSocketLike;

/**
 * The constructor that was given, or the platform's.
 * @throws ClientError BE_NO_WEBSOCKET
 */
export function chooseWebSocket(given: WebSocketConstructor | undefined): WebSocketConstructor {
  const chosen = given ?? (globalThis as { WebSocket?: WebSocketConstructor }).WebSocket;
  if (chosen !== undefined) return chosen;
  throw new ClientError(
    'BE_NO_WEBSOCKET',
    "this platform has no WebSocket of its own: pass ws's, as in import { WebSocket } from 'ws'; connect(url, { WebSocket })",
  );
}

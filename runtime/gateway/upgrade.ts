import { type IncomingMessage, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { subprotocol } from './wire/index.js';

/** Why an upgrade is refused. */
export interface UpgradeRefusal {
  readonly status: number;
  readonly reason: string;
}

/** The path of a request, without its query. */
export function pathOf({ url = '/' }: IncomingMessage): string {
  return url.split('?', 1)[0]!;
}

/** Why a page of this origin may not connect, or a client of another protocol; undefined where it may. */
export function upgradeRefusal(
  request: IncomingMessage,
  allowedOrigins: readonly string[] | undefined,
): UpgradeRefusal | undefined {
  const { origin } = request.headers;
  if (origin !== undefined && !isOriginAllowed(origin, request, allowedOrigins)) {
    return {
      status: 403,
      reason: `origin ${origin} may not connect: add it to the gateway's allowedOrigins`,
    };
  }
  const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim());
  if (!offered.includes(subprotocol)) return { status: 400, reason: `this gateway speaks ${subprotocol}` };
  return undefined;
}

/**
 * Browsers send Origin with every WebSocket, and pages of any site may try; other programs send none. A list, where one is given,
 * decides alone. Otherwise the page must come from the host that it connects to, and where that is this machine, must call it so:
 * a name that merely resolves to this machine could be anybody's.
 */
function isOriginAllowed(
  origin: string,
  request: IncomingMessage,
  allowed: readonly string[] | undefined,
): boolean {
  if (allowed !== undefined) return allowed.includes('*') || allowed.includes(origin);
  const { host } = request.headers;
  if (host === undefined || !URL.canParse(origin) || new URL(origin).host !== host.toLowerCase())
    return false;
  const { localAddress = '' } = request.socket;
  return !isLoopbackAddress(localAddress) || isLoopbackName(new URL(origin).hostname);
}

function isLoopbackAddress(address: string): boolean {
  return address === '::1' || /^(::ffff:)?127\./.test(address);
}

function isLoopbackName(name: string): boolean {
  return (
    name === 'localhost' || name.endsWith('.localhost') || name === '[::1]' || /^127(\.\d+){3}$/.test(name)
  );
}

/** Answers an upgrade with an HTTP error, and hangs up. */
export function refuseUpgrade(socket: Duplex, { status, reason }: UpgradeRefusal): void {
  const body = `${reason}\n`;
  socket.on('error', () => socket.destroy());
  socket.once('finish', () => socket.destroy());
  socket.end(
    [
      `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
      'Connection: close',
      'Content-Type: text/plain; charset=utf-8',
      `Content-Length: ${Buffer.byteLength(body)}`,
      '',
      body,
    ].join('\r\n'),
  );
}

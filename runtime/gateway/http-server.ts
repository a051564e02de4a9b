import { createServer, type Server } from 'node:http';
import { Server as SecureServer } from 'node:https';
import type { GatewayLimits } from './limits.js';

/** A server for nothing but upgrades. A request that does not come to its end in time is dropped. */
export function createUpgradeServer(limits: GatewayLimits): Server {
  const { handshakeTimeoutMs, maxClients } = limits;
  const server = createServer(
    {
      headersTimeout: handshakeTimeoutMs,
      requestTimeout: handshakeTimeoutMs,
      keepAliveTimeout: 1000,
      connectionsCheckingInterval: Math.max(50, Math.min(1000, handshakeTimeoutMs / 2)),
    },
    (_request, response) => {
      response.writeHead(426, { 'Content-Type': 'text/plain', Upgrade: 'websocket', Connection: 'close' });
      response.end('a Bowecho gateway: connect with bowecho/client\n');
    },
  );
  // Some more than clients, so that one too many hears why.
  server.maxConnections = maxClients + 64;
  return server;
}

export function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

/** The address under which the server's WebSocket path is reached from this machine. */
export function urlOf(server: Server | SecureServer, path: string): string {
  const address = server.address();
  if (address === null || typeof address === 'string') return `ws+unix:${address ?? ''}:${path}`;
  const scheme = server instanceof SecureServer ? 'wss' : 'ws';
  const anywhere = address.address === '::' || address.address === '0.0.0.0';
  const host = anywhere ? 'localhost' : address.family === 'IPv6' ? `[${address.address}]` : address.address;
  return `${scheme}://${host}:${address.port}${path}`;
}

import { readFileSync } from 'node:fs';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createRequire } from 'node:module';
import { build } from 'esbuild';
import { dataFile, loadAirports, loadFlights, meridian } from './flights-data.js';
import type { PageAirport, PageSettings } from './page-data.js';

/** The page's sources: not compiled like the rest, but bundled when they are served. */
const pageFolder = join(
  createRequire(import.meta.url).resolve('bowecho/package.json'),
  '../examples/flights/page/',
);

/** Nothing is loaded from elsewhere, and the browser holds the page to it. */
const policy =
  "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self' ws:";

interface Content {
  readonly type: string;
  readonly body: string | Buffer | Uint8Array;
}

/** The page and all that it needs, in memory. */
export async function loadPage(): Promise<Map<string, Content>> {
  const json = 'application/json';
  return new Map<string, Content>([
    ['/', { type: 'text/html; charset=utf-8', body: readFileSync(`${pageFolder}index.html`) }],
    ['/style.css', { type: 'text/css; charset=utf-8', body: readFileSync(`${pageFolder}style.css`) }],
    ['/page.js', { type: 'text/javascript; charset=utf-8', body: await bundle() }],
    ['/us-10m.json', { type: json, body: readFileSync(dataFile('us-10m.json')) }],
    ['/airports.json', { type: json, body: JSON.stringify(pageAirports()) }],
  ]);
}

async function bundle(): Promise<Uint8Array> {
  const { outputFiles } = await build({
    entryPoints: [`${pageFolder}main.ts`],
    bundle: true,
    write: false,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    logLevel: 'error',
  });
  return outputFiles[0]!.contents;
}

/** The airports that flights come from or go to, the busiest first. */
function pageAirports(): PageAirport[] {
  const departures = new Map<string, number>();
  for (const { origin, destination } of loadFlights()) {
    departures.set(origin, (departures.get(origin) ?? 0) + 1);
    departures.set(destination, departures.get(destination) ?? 0);
  }
  const airports = loadAirports();
  return [...departures]
    .sort(([, a], [, b]) => b - a)
    .map(([iata, count]) => ({ ...airports.get(iata)!, departures: count }));
}

/** Serves the page to this host only. `gateway` gives the gateway's address once there is one. */
export function pageServer(contents: ReadonlyMap<string, Content>, gateway: () => string): Server {
  return createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    if (request.method !== 'GET' && request.method !== 'HEAD')
      return answer(response, 405, { type: 'text/plain', body: 'GET only\n' });
    const settings: PageSettings = { gateway: gateway(), meridian };
    if (pathname === '/settings.json')
      return answer(response, 200, { type: 'application/json', body: JSON.stringify(settings) });
    const content = contents.get(pathname);
    if (content === undefined) return answer(response, 404, { type: 'text/plain', body: 'no such page\n' });
    answer(response, 200, content);
  });
}

function answer(response: ServerResponse, status: number, { type, body }: Content): void {
  response.writeHead(status, {
    'content-type': type,
    'content-security-policy': policy,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  });
  response.end(body);
}

/** @throws Error that says what to do where the port is taken */
export async function listen(server: Server, port: number): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE')
        error.message = `port ${port} is taken: choose another with --port N, or --port 0 for any that is free`;
      reject(error);
    });
    server.listen(port, '127.0.0.1', resolve);
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

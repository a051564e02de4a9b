import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serverProgram } from './server-process.js';

const startMsMax = 10_000;

/**
 * Starts a server on a free port of loopback, installing Debian's package first where that is possible, and gives the port.
 * It ends with this process. Throws where there is no server and none can be had: the reference is then absent.
 */
export async function startNatsServer(): Promise<number> {
  const program = serverProgram('nats-server', 'nats-server');
  const folder = mkdtempSync(join(tmpdir(), 'bowecho-bench-nats-'));
  const config = join(folder, 'server.conf');
  // max_pending far above the credit window: the server must never take a subscriber for slow.
  writeFileSync(config, 'listen: "127.0.0.1:-1"\nmax_payload: 2MB\nmax_pending: 256MB\n');
  const server = spawn(program, ['-c', config], { stdio: ['ignore', 'ignore', 'pipe'] });
  process.on('exit', () => {
    server.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });
  const port = await listeningPort(server);
  // The server must not keep the bench alive; its log is still read, or it would end at its next line.
  server.unref();
  (server.stderr as Socket).unref();
  return port;
}

function listeningPort(server: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    let log = '';
    const timer = setTimeout(
      () => reject(new Error(`nats-server did not start: ${log.slice(-300)}`)),
      startMsMax,
    );
    const settle = (act: () => void): void => {
      clearTimeout(timer);
      act();
    };
    server.stderr!.on('data', (chunk: Buffer) => {
      log += chunk.toString();
      const port = /Listening for client connections on [\d.]+:(\d+)/.exec(log)?.[1];
      if (port !== undefined && log.includes('Server is ready')) settle(() => resolve(Number(port)));
    });
    server.once('error', (error) => settle(() => reject(error)));
    server.once('exit', () => settle(() => reject(new Error(`nats-server ended: ${log.slice(-300)}`))));
  });
}

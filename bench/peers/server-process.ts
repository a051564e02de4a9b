import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Where a server's program is. Installs Debian's package where it is not there, and this is root. Throws where it cannot be had. */
export function serverProgram(name: string, debianPackage: string): string {
  const found = find(name);
  if (found !== undefined) return found;
  if (process.getuid?.() !== 0) throw new Error(`${name} is not installed, and only root could install it.`);
  process.stderr.write(`Installing ${debianPackage} (once) …\n`);
  const install = spawnSync('apt-get', ['install', '-y', '--no-install-recommends', debianPackage], {
    stdio: ['ignore', 'ignore', 'pipe'],
    encoding: 'utf8',
  });
  const installed = find(name);
  if (installed !== undefined) return installed;
  const said = install.stderr ?? install.error?.message ?? '';
  throw new Error(`${debianPackage} could not be installed: ${said.slice(-300)}`);
}

/** Why a server's program is not there, and cannot be had; undefined where it is. */
export function programAbsent(name: string, debianPackage: string): string | undefined {
  try {
    serverProgram(name, debianPackage);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

function find(name: string): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/local/bin'];
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
}

/** Starts a server that ends with this process. `lastWords` gives the end of what it has said. */
export function startServer(
  program: string,
  args: readonly string[],
): { readonly server: ChildProcess; readonly lastWords: () => string } {
  const server = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let log = '';
  for (const stream of [server.stdout, server.stderr])
    stream.on('data', (chunk: Buffer) => (log = (log + chunk.toString()).slice(-4000)));
  process.on('exit', () => server.kill('SIGKILL'));
  return { server, lastWords: () => log.slice(-300) };
}

/** Resolves once the process is gone. */
export function endServer(server: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (server.exitCode !== null || server.signalCode !== null) return resolve();
    server.once('exit', () => resolve());
    server.kill('SIGKILL');
  });
}

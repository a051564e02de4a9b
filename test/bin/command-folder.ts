import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';

const root = fileURLToPath(new URL('../..', import.meta.url));
let built: string | undefined;

/** The command as one file, built once: its process then starts in a fraction of the time that a TypeScript loader takes. */
function command(): string {
  if (built !== undefined) return built;
  // Beside the compiled code, where the package finds itself by its name.
  const outdir = join(root, 'dist/test/command');
  const entryPoints = {
    'bin/bowecho': 'bin/bowecho.ts',
    'codegen/support/index': 'codegen/support/index.ts',
  };
  buildSync({
    absWorkingDir: root,
    entryPoints,
    outdir,
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    sourcemap: 'linked',
  });
  return (built = join(outdir, 'bin/bowecho.js'));
}

/** A folder of a test, in which the bowecho command is run in processes of its own. */
export class CommandFolder {
  readonly path = mkdtempSync(join(tmpdir(), 'bowecho-'));

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }

  write(name: string, text: string): void {
    mkdirSync(dirname(join(this.path, name)), { recursive: true });
    writeFileSync(join(this.path, name), text);
  }

  run(args: readonly string[], input = ''): { code: number | null; out: string; err: string } {
    const { status, stdout, stderr } = spawnSync(process.execPath, [command(), ...args], {
      cwd: this.path,
      encoding: 'utf8',
      input,
    });
    return { code: status, out: stdout, err: stderr };
  }

  /** @param under a program, and what it is told, that is to run Node, whose path and arguments follow */
  start(
    args: readonly string[],
    env = process.env,
    under: readonly string[] = [],
  ): ChildProcessWithoutNullStreams {
    const [program, ...rest] = [...under, process.execPath, command(), ...args];
    return spawn(program!, rest, { cwd: this.path, env });
  }

  /** Like `run`, while this process goes on: it may be what the command speaks to. */
  async runBeside(
    args: readonly string[],
    env = process.env,
    under: readonly string[] = [],
  ): Promise<{ code: number | null; out: string; err: string }> {
    const child = this.start(args, env, under);
    let out = '';
    let err = '';
    child.stdout.on('data', (chunk) => (out += String(chunk)));
    child.stderr.on('data', (chunk) => (err += String(chunk)));
    const [code] = (await once(child, 'close')) as [number | null];
    return { code, out, err };
  }
}

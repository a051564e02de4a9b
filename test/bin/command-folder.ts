import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const command = fileURLToPath(new URL('../../bin/bowecho.ts', import.meta.url));
const node = ['--import', import.meta.resolve('tsx'), command];

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
    const { status, stdout, stderr } = spawnSync(process.execPath, [...node, ...args], {
      cwd: this.path,
      encoding: 'utf8',
      input,
    });
    return { code: status, out: stdout, err: stderr };
  }

  start(args: readonly string[]): ChildProcessWithoutNullStreams {
    return spawn(process.execPath, [...node, ...args], { cwd: this.path });
  }
}

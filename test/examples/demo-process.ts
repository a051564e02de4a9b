import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const demo = fileURLToPath(new URL('../../dist/examples/flights/demo.js', import.meta.url));

export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** The demo as its users start it, on a domain of its own. */
export class Demo {
  static #count = 0;
  readonly domain = `demo-test-${process.pid}-${++Demo.#count}`;
  readonly ended: Promise<Ended>;
  readonly #child: ChildProcess;
  #stdout = '';
  #stderr = '';

  constructor(args: readonly string[], ownDomain = true) {
    if (!existsSync(demo)) throw new Error('dist/ has no demo: npm run build first');
    this.#child = spawn(process.execPath, [demo, ...args, ...(ownDomain ? ['--domain', this.domain] : [])]);
    this.#child.stdout!.on('data', (chunk: Buffer) => (this.#stdout += chunk.toString()));
    this.#child.stderr!.on('data', (chunk: Buffer) => (this.#stderr += chunk.toString()));
    this.ended = new Promise((resolve) =>
      this.#child.once('close', (code) => resolve({ code, stdout: this.#stdout, stderr: this.#stderr })),
    );
  }

  get pid(): number {
    return this.#child.pid!;
  }

  get stdout(): string {
    return this.#stdout;
  }

  /** Resolves with the first match in what it prints; fails if it ends without. */
  async prints(pattern: RegExp): Promise<RegExpExecArray> {
    let over = false;
    void this.ended.then(() => (over = true));
    for (;;) {
      const match = pattern.exec(this.#stdout);
      if (match) return match;
      if (over) throw new Error(`the demo ended without ${String(pattern)}: ${this.#stdout}${this.#stderr}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Files of its domain: segments, and what members meet through. */
  filesLeft(): string[] {
    const uid = process.getuid!();
    const meeting = process.env.XDG_RUNTIME_DIR
      ? join(process.env.XDG_RUNTIME_DIR, 'bowecho')
      : join(tmpdir(), `bowecho-${uid}`);
    return ['/dev/shm', meeting]
      .filter((folder) => existsSync(folder))
      .flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)))
      .filter((path) => path.includes(this.domain));
  }
}

/** The last line that it printed, as the object that it is. */
export function lastLine<T>({ stdout }: Ended): T {
  return JSON.parse(stdout.trimEnd().split('\n').at(-1)!) as T;
}

import { type ChildProcess, fork } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Json } from './json.js';
import type { Casting, Opening, Report } from './role.js';

/** One process of a session. */
export interface RoleSpec {
  readonly script: URL;
  readonly args: Json;
  /** May be killed on the way: its result is null, and it counts as arrived at every later barrier. */
  readonly mayDie?: boolean;
  /** How it is started elsewhere: on a host of its own. */
  readonly within?: { readonly execPath: string; readonly execArgv: readonly string[] };
}

/**
 * Where a role's script lies, beside the module that names it: compiled beside compiled code, source beside source
 * (the tests run from source).
 */
export function roleScript(from: string, path: string): URL {
  return new URL(from.endsWith('.ts') ? path.replace(/\.js$/, '.ts') : path, from);
}

/** Whether the script of a role is there: the product's roles may not all be built. */
export function roleExists(script: URL): boolean {
  return existsSync(fileURLToPath(script));
}

/** Children of every session that runs: a bench that is interrupted leaves no process behind. */
const alive = new Set<ChildProcess>();
process.on('exit', () => alive.forEach((child) => child.kill('SIGKILL')));
const stderrKeptBytes = 4000;
const exitMsMax = 2000;

/** Starts the roles, lets them meet at their barriers, and gives their results in role order; on any failure all are killed. */
export async function runRoles(roles: readonly RoleSpec[], timeoutMs: number): Promise<readonly Json[]> {
  const children: ChildProcess[] = [];
  let timer: NodeJS.Timeout | undefined;
  let finished = false;
  try {
    const results = await new Promise<readonly Json[]>((resolve, reject) => {
      timer = setTimeout(() => {
        reject(new Error(`No result after ${timeoutMs} ms; ${meeting.describe()}.`));
      }, timeoutMs);
      const meeting = new Meeting(roles, children, resolve);
      roles.forEach((spec, index) => {
        const child = start(spec, index, roles.length);
        children.push(child);
        let stderr = '';
        child.stderr?.on('data', (chunk: Buffer) => {
          stderr = (stderr + chunk.toString()).slice(-stderrKeptBytes);
        });
        child.on('message', (report: Report) => {
          if ('failure' in report) reject(new Error(`${nameOf(spec, index)}: ${report.failure}`));
          else meeting.hear(index, report);
        });
        child.on('error', reject);
        child.on('close', (code, signal) => {
          alive.delete(child);
          if (meeting.hasResult(index)) return;
          if (spec.mayDie === true) meeting.hear(index, { result: null });
          else reject(new Error(`${nameOf(spec, index)} ended early (${signal ?? code}). ${stderr.trim()}`));
        });
      });
    });
    finished = true;
    return results;
  } finally {
    clearTimeout(timer);
    await Promise.all(children.map((child) => end(child, finished ? exitMsMax : 0)));
  }
}

/** Who has arrived where, and who has finished. */
class Meeting {
  readonly #roles: readonly RoleSpec[];
  readonly #children: readonly ChildProcess[];
  readonly #finished: (results: readonly Json[]) => void;
  readonly #results = new Map<number, Json>();
  readonly #barriers = new Map<string, Map<number, Json>>();

  constructor(
    roles: readonly RoleSpec[],
    children: readonly ChildProcess[],
    finished: (results: readonly Json[]) => void,
  ) {
    this.#roles = roles;
    this.#children = children;
    this.#finished = finished;
  }

  hasResult(index: number): boolean {
    return this.#results.has(index);
  }

  hear(index: number, report: Exclude<Report, { failure: string }>): void {
    if ('result' in report) this.#results.set(index, report.result);
    else {
      const arrived = this.#barriers.get(report.barrier) ?? new Map<number, Json>();
      this.#barriers.set(report.barrier, arrived.set(index, report.value));
    }
    for (const [name, arrived] of this.#barriers) this.#openWhenFull(name, arrived);
    if (this.#results.size === this.#roles.length) this.#finished(this.#inOrder(this.#results));
  }

  describe(): string {
    const where = [...this.#barriers].map(([name, arrived]) => `at '${name}': roles ${[...arrived.keys()]}`);
    return [`${this.#results.size} of ${this.#roles.length} roles finished`, ...where].join('; ');
  }

  #openWhenFull(name: string, arrived: ReadonlyMap<number, Json>): void {
    const all = this.#roles.every((_, index) => arrived.has(index) || this.#results.has(index));
    if (!all) return;
    this.#barriers.delete(name);
    const opening: Opening = { barrier: name, values: this.#inOrder(arrived) };
    for (const index of arrived.keys()) {
      const child = this.#children[index]!;
      if (child.connected) child.send(opening, () => undefined);
    }
  }

  #inOrder(values: ReadonlyMap<number, Json>): readonly Json[] {
    return this.#roles.map((_, index) => values.get(index) ?? null);
  }
}

function start(spec: RoleSpec, index: number, count: number): ChildProcess {
  const path = fileURLToPath(spec.script);
  const casting: Casting = { index, count, args: spec.args };
  const { execPath = process.execPath, execArgv = [] } = spec.within ?? {};
  const child = fork(path, [JSON.stringify(casting)], {
    execPath,
    execArgv: [...execArgv, ...(path.endsWith('.ts') ? ['--import', 'tsx'] : [])],
    // stdout belongs to the bench's own results.
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  alive.add(child);
  return child;
}

/** A role that has reported ends by itself, and removes what it made; one that has not is of no more use. */
function end(child: ChildProcess, graceMs: number): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) {
      resolve();
      return;
    }
    const timer = setTimeout(() => child.kill('SIGKILL'), graceMs);
    child.once('exit', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

function nameOf(spec: RoleSpec, index: number): string {
  return `role ${index} (${spec.script.pathname.split('/').slice(-2).join('/')})`;
}

import { fork, type ForkOptions } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';

type Reply = { call: number; value?: unknown; error?: { code?: string; message: string } };
export type Methods = Record<string, (...args: never[]) => unknown>;

const running = new Set<CalledProcess<Methods>>();

/** Kills every process that a test has left. */
export async function killAll(): Promise<void> {
  await Promise.all([...running].map((process) => process.kill()));
}

/** A process under a program, and what that is told: it is to run Node, whose path and arguments follow. */
export function forkUnder(under: readonly string[]): ForkOptions {
  const [execPath = process.execPath, ...execArgv] = under.length === 0 ? [] : [...under, process.execPath];
  return { execPath, execArgv };
}

/** A process of its own whose methods the test calls: see `answerCalls`, which is the other end. */
export class CalledProcess<Called extends Methods> {
  protected readonly child: ChildProcess;
  readonly #calls = new Map<number, (reply: Reply) => void>();
  #count = 0;

  /** @param file JavaScript that calls `answerCalls` */
  constructor(file: string, options: ForkOptions = {}) {
    const child = fork(file, { execArgv: [], stdio: ['ignore', 'inherit', 'inherit', 'ipc'], ...options });
    this.child = child;
    running.add(this as unknown as CalledProcess<Methods>);
    child.on('message', (reply: Reply) => {
      this.#calls.get(reply.call)?.(reply);
      this.#calls.delete(reply.call);
    });
    child.on('exit', (code, signal) => {
      running.delete(this as unknown as CalledProcess<Methods>);
      const error = { message: `the process is gone: ${signal ?? code}` };
      for (const [call, settle] of this.#calls) settle({ call, error });
    });
  }

  get pid(): number {
    return this.child.pid!;
  }

  async call<Method extends keyof Called & string>(
    method: Method,
    ...args: Parameters<Called[Method]>
  ): Promise<Awaited<ReturnType<Called[Method]>>> {
    const call = ++this.#count;
    const reply = await new Promise<Reply>((resolve) => {
      this.#calls.set(call, resolve);
      this.child.send({ call, method, args }, (error) => {
        if (error) resolve({ call, error: { message: 'the process is gone' } });
      });
    });
    if (reply.error) throw Object.assign(new Error(reply.error.message), { code: reply.error.code });
    return reply.value as Awaited<ReturnType<Called[Method]>>;
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** Resolves to the code or the signal that ended it. */
  async ended(): Promise<number | string> {
    const { exitCode, signalCode } = this.child;
    if (exitCode !== null || signalCode !== null) return signalCode ?? exitCode!;
    const [code, signal] = (await once(this.child, 'exit')) as [number | null, string | null];
    return signal ?? code!;
  }

  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.ended();
  }
}

/** Lets the process that has forked this one call `methods`. This one ends when that does. */
export function answerCalls(methods: Methods): void {
  // Where the test is gone, so is who would want to hear of it.
  const reply = (message: Reply) => process.send!(message, () => undefined);
  process.on('message', ({ call, method, args }: { call: number; method: string; args: never[] }) => {
    void (async () => {
      try {
        reply({ call, value: await methods[method]!(...args) });
      } catch (error) {
        const { code, message } = error as { code?: string; message: string };
        reply({ call, error: { ...(code !== undefined && { code }), message } });
      }
    })();
  });
  process.on('disconnect', () => process.exit());
}

import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { MemoryHostOptions } from '../../../transport/memory/host.js';
import type { TcpHostOptions } from '../../../transport/tcp/host.js';
import { bundle } from './bundle.js';
import type { MemberMethods } from './member.js';

type Reply = { call: number; value?: unknown; error?: { code?: string; message: string } };
type Called<Method extends keyof MemberMethods> = Awaited<ReturnType<MemberMethods[Method]>>;

const running = new Set<MemberProcess>();

/** Kills every process that a test has left. */
export async function killAll(): Promise<void> {
  await Promise.all([...running].map((process) => process.kill()));
}

/** A member in a process of its own. */
export class MemberProcess {
  readonly #child: ChildProcess;
  readonly #calls = new Map<number, (reply: Reply) => void>();
  #count = 0;
  self = 0;

  private constructor(child: ChildProcess) {
    this.#child = child;
    running.add(this);
    child.on('message', (reply: Reply) => {
      this.#calls.get(reply.call)?.(reply);
      this.#calls.delete(reply.call);
    });
    child.on('exit', (code, signal) => {
      running.delete(this);
      const error = { message: `the process is gone: ${signal ?? code}` };
      for (const [call, settle] of this.#calls) settle({ call, error });
    });
  }

  static async start(options: MemoryHostOptions | TcpHostOptions): Promise<MemberProcess> {
    const process = new MemberProcess(
      fork(await bundle('member'), { execArgv: [], stdio: ['ignore', 'inherit', 'inherit', 'ipc'] }),
    );
    process.self = await process.call('open', options);
    return process;
  }

  get pid(): number {
    return this.#child.pid!;
  }

  async call<Method extends keyof MemberMethods>(
    method: Method,
    ...args: Parameters<MemberMethods[Method]>
  ): Promise<Called<Method>> {
    const call = ++this.#count;
    const reply = await new Promise<Reply>((resolve) => {
      this.#calls.set(call, resolve);
      this.#child.send({ call, method, args }, (error) => {
        if (error) resolve({ call, error: { message: 'the process is gone' } });
      });
    });
    if (reply.error) throw Object.assign(new Error(reply.error.message), { code: reply.error.code });
    return reply.value as Called<Method>;
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Resolves to the code or the signal that ended it. */
  async ended(): Promise<number | string> {
    const { exitCode, signalCode } = this.#child;
    if (exitCode !== null || signalCode !== null) return signalCode ?? exitCode!;
    const [code, signal] = (await once(this.#child, 'exit')) as [number | null, string | null];
    return signal ?? code!;
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.ended();
  }
}

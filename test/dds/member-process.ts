import type { ParticipantOptions } from '../../runtime/dds/index.js';
import { scriptOf } from '../script.js';
import { CalledProcess, forkUnder } from '../transport/processes/called-process.js';
import type { MemberMethods } from './roles/member.js';

const running = new Set<MemberProcess>();
/** Processes that were in a test before, and are as good as new. */
const idle: MemberProcess[] = [];

/** Ends what a test has left; processes that still do as they are told serve the next one. */
export async function endAll(): Promise<void> {
  await Promise.all(
    [...running].map(async (process) => {
      const timer = setTimeout(() => process.signal('SIGKILL'), 2000);
      await process.call('reset').then(
        () => idle.push(process),
        () => process.kill(),
      );
      clearTimeout(timer);
      running.delete(process);
    }),
  );
}

let domains = 0;

/** A domain's address that nobody else uses. All of 127.0.0.0/8 is this machine's. */
export function newDomain(transport: 'memory' | 'local' | 'tcp'): string {
  const name = `dds-${process.pid}-${++domains}`;
  if (transport !== 'tcp') return `${transport}:${name}`;
  return `tcp://127.2.${(process.pid >> 8) & 0xff}.${process.pid & 0xff}:${7400 + domains}/${name}`;
}

/** A clock that all processes of this host share, in milliseconds. */
export function hostMs(): number {
  return Number(process.hrtime.bigint() / 1000n) / 1000;
}

/** A participant in a process of its own. */
export class MemberProcess extends CalledProcess<MemberMethods> {
  id = 0;

  private constructor(script: string, under: readonly string[]) {
    super(script, forkUnder(under));
    this.child.on('exit', () => {
      running.delete(this);
      if (idle.includes(this)) idle.splice(idle.indexOf(this), 1);
    });
  }

  /** Starts a process that has not joined anything. */
  static async spawn(): Promise<MemberProcess> {
    const process = idle.pop() ?? (await MemberProcess.#start());
    running.add(process);
    return process;
  }

  static async #start(under: readonly string[] = []): Promise<MemberProcess> {
    return new MemberProcess(await scriptOf('dds/roles/member'), under);
  }

  /** A participant in a process that runs under a program, which is the first word of `under`. Has to be killed. */
  static async joinUnder(
    under: readonly string[],
    domain: string,
    options: Omit<ParticipantOptions, 'domain'>,
  ): Promise<MemberProcess> {
    const process = await MemberProcess.#start(under);
    await process.joinAgain(domain, options);
    return process;
  }

  static async join(
    domain: string,
    options: Omit<ParticipantOptions, 'domain'> = {},
  ): Promise<MemberProcess> {
    const process = await MemberProcess.spawn();
    await process.joinAgain(domain, options);
    return process;
  }

  /**
   * Kills several so that none of them does anything once another is dead. One after the other, they may be far apart where this process has to wait for
   * a core: long enough for those that are left to begin to go on.
   */
  static async killAtOnce(members: readonly MemberProcess[]): Promise<void> {
    for (const member of members) member.signal('SIGSTOP');
    await Promise.all(members.map((member) => member.kill()));
  }

  /** Several at once, founded in the order given: the first has rank 0. */
  static async joinAll(
    domain: string,
    count: number,
    options: Omit<ParticipantOptions, 'domain'> = {},
  ): Promise<MemberProcess[]> {
    const processes = await Promise.all(Array.from({ length: count }, () => MemberProcess.spawn()));
    for (const process of processes) await process.joinAgain(domain, options);
    return processes;
  }

  async joinAgain(domain: string, options: Omit<ParticipantOptions, 'domain'> = {}): Promise<void> {
    this.id = await this.call('join', { domain, ...options });
  }
}

/** Waits until `condition` holds, looking again every few milliseconds. */
export async function until(condition: () => boolean | Promise<boolean>, what: string, timeoutMs = 5000) {
  const deadline = performance.now() + timeoutMs;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`not within ${timeoutMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

import assert from 'node:assert/strict';
import type { MemoryHostOptions } from '../../../transport/memory/host.js';
import type { TcpHostOptions } from '../../../transport/tcp/options.js';
import { scriptOf } from '../../script.js';
import { CalledProcess } from './called-process.js';
import type { MemberMethods, SharingOptions } from './member.js';

export { killAll } from './called-process.js';

const patienceMs = 5_000;

/** A member in a process of its own. */
export class MemberProcess extends CalledProcess<MemberMethods> {
  self = 0;

  static async start(options: MemoryHostOptions | TcpHostOptions | SharingOptions): Promise<MemberProcess> {
    const process = new MemberProcess(await scriptOf('transport/processes/member'));
    process.self = await process.call('open', options);
    return process;
  }
}

/** Tells each of them where the others are, and who. */
export async function introduceAll(members: readonly MemberProcess[]): Promise<void> {
  for (const member of members)
    for (const other of members)
      if (other !== member)
        await member.call('introduce', other.self, await other.call('address'), await other.call('subject'));
}

/** Looks again and again, until what it sees is right. */
export async function soon<Value>(
  look: () => Promise<Value>,
  isRight: (value: Value) => boolean,
): Promise<Value> {
  for (const end = performance.now() + patienceMs; ;) {
    const value = await look();
    if (isRight(value)) return value;
    if (performance.now() > end) assert.fail(`in vain, at last it was ${JSON.stringify(value)}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

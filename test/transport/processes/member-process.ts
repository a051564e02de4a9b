import type { MemoryHostOptions } from '../../../transport/memory/host.js';
import type { TcpHostOptions } from '../../../transport/tcp/options.js';
import { scriptOf } from '../../script.js';
import { CalledProcess } from './called-process.js';
import type { MemberMethods, SharingOptions } from './member.js';

export { killAll } from './called-process.js';

/** A member in a process of its own. */
export class MemberProcess extends CalledProcess<MemberMethods> {
  self = 0;

  static async start(options: MemoryHostOptions | TcpHostOptions | SharingOptions): Promise<MemberProcess> {
    const process = new MemberProcess(await scriptOf('transport/processes/member'));
    process.self = await process.call('open', options);
    return process;
  }
}

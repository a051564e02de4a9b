import { fileURLToPath } from 'node:url';
import type { ParticipantOptions, Traffic } from '../../runtime/dds/index.js';
import type { MemberMethods } from '../dds/roles/member.js';
import { CalledProcess, forkUnder } from '../transport/processes/called-process.js';
import { freePort } from '../transport/tcp-domain.js';

const memberFile = fileURLToPath(new URL('participant.mjs', import.meta.url));

/**
 * Patience where a processor is emulated, and members that wait for each other's links are busy. Nobody is suspected for silence: a queue pair that fails, or
 * a connection that ends, tells of a death.
 */
const patience = { suspicionMs: 60_000, timeoutMs: 60_000 };
const handshakeMs = 60_000;

/** A participant in a process of its own. */
export class Member extends CalledProcess<MemberMethods> {
  id = 0;

  /** @param under see `forkUnder`; of each member its own */
  static async joinAll(
    count: number,
    options: Omit<ParticipantOptions, 'domain'> = {},
    under: readonly (readonly string[])[] = [],
  ): Promise<Member[]> {
    const domain = `rdma://127.0.0.1:${await freePort()}/tower`;
    const members: Member[] = [];
    for (let i = 0; i < count; i++) {
      const member = new Member(memberFile, forkUnder(under[i] ?? []));
      member.id = await member.call('join', {
        ...patience,
        ...options,
        tcp: { handshakeMs, ...options.tcp },
        domain,
      });
      members.push(member);
    }
    return members;
  }

  async trafficWith({ id }: Member): Promise<Traffic> {
    return (await this.call('traffic')).find(({ peer }) => peer === id)!;
  }
}

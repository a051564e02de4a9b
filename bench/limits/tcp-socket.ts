import { type Contender, lowestReadings, processes } from '../harness/comparison.js';
import { roleScript } from '../harness/session.js';

/**
 * A bare TCP connection between each two of the members, messages framed and gathered into large writes: what sockets give where all
 * send to all, without order, stability or memory to put anything into. A member's own messages count as delivered once they are written.
 */
export function tcpSockets(members: number, bytes: number): Contender {
  const script = roleScript(import.meta.url, './tcp-socket-role.js');
  return processes(
    'tcp sockets',
    ({ seconds, warmupSeconds }) =>
      Array.from({ length: members }, () => ({ script, args: { bytes, seconds, warmupSeconds } })),
    lowestReadings,
  );
}

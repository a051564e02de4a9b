import type { MemberId, Spreading } from '../transport.js';
import type { Fabric } from './fabric.js';
import type { ListenOptions } from './listening.js';
import type { MemoryOptions } from './memory-budget.js';
import type { Neighbours } from './neighbours.js';
import type { TcpSecurity } from './security-files.js';

export interface TcpOptions extends TcpSecurity, ListenOptions, MemoryOptions {
  /**
   * How large messages go from member to member, block by block, where each has a link of its own (docs/protocol.md, section 4). What is given here stands in place of
   * what is assumed of the network: the time that a block takes besides its bytes, in seconds (100 µs, by RDMA 10 µs), a link's rate in bytes a second (125 million, by RDMA ten times that), the sizes of blocks
   * (4 KiB to 256 KiB), and the schedule: what is quickest. Default: `none` for members on this machine's loopback, where no link is spared.
   */
  readonly spreading?: Partial<Spreading>;
  /**
   * The rack of this member's machine, by any name of 1 to 64 characters: those that say the same share what leads to the others. Where all who read or write a topic say theirs, its
   * large messages come into each rack once, to one of its members, and go on from there. Default: none.
   */
  readonly rack?: string;
  /**
   * How long a connection between two members may take until they know each other, TLS included, in milliseconds: one that takes longer ends, and members that
   * cannot link are dead to each other. More than the default is for machines that are very slow, or emulated. Give all members the same. Default: 5000.
   */
  readonly handshakeMs?: number;
  /**
   * Members of one machine and one user that say so share memory, as in a domain of `memory:`, and send each other nothing; whoever does not, or is
   * elsewhere, is reached by TCP, or by RDMA. Linux on x64. Default: false.
   */
  readonly sharePages?: boolean;
}

export interface TcpHostOptions extends TcpOptions {
  /** `//host:port,host:port/domain`: what follows `tcp:`. */
  readonly address: string;
  /** Default: random. For tests. */
  readonly self?: MemberId;
  /** Another way for puts, the same for all members; closed with the host. */
  readonly fabric?: Fabric;
  readonly neighbours?: Neighbours;
}

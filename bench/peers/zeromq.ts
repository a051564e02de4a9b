import type { Peer } from './peer.js';

/** ZeroMQ: PUB/SUB over TCP on loopback, no broker, with end-to-end credit so that nothing is dropped. */
export const zeromq: Peer = { name: 'zeromq', script: './zeromq-role.js' };

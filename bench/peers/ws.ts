import type { Peer } from './peer.js';

/** Plain WebSockets: the publisher is the server and sends to each connection, holding back by what is buffered. */
export const ws: Peer = { name: 'ws', script: './ws-role.js' };

import { startNatsServer } from './nats-server.js';
import type { Peer } from './peer.js';

let port = 0;
let found: Promise<string | undefined> | undefined;

/** NATS core through its own server, with end-to-end credit so that no subscriber is cut off as slow. */
export const nats: Peer = {
  name: 'nats',
  script: './nats-role.js',
  absent: () =>
    (found ??= startNatsServer().then(
      (listening) => {
        port = listening;
        return undefined;
      },
      (error: unknown) => (error instanceof Error ? error.message : String(error)),
    )),
  server: () => port,
};

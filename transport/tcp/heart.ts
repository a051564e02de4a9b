import { Worker } from 'node:worker_threads';
import type { MemberId } from '../transport.js';
import type { HostPort } from './address.js';
import type { ConnectOptions } from './keys.js';

/** Four beats in the time that a member may be silent by default. */
const heartbeatMs = 250;

/** Whoever ends a connection may be in a crowd of strangers, which goes within this time. */
const triesMax = 20;

/**
 * The thread: to each peer a connection of its own, and on it the number of the beat. Where a peer does not read, it skips beats; where it ends the
 * connection, there is another at the next beat. As text, so that it needs no file or loader of its own.
 */
const thread = `
const { parentPort, workerData: { intervalMs, triesMax, beats: told } } = require('node:worker_threads');
const counter = told && new Float64Array(told);
const peers = new Map();
let beats = 0;
function connect({ host, port, hello, tls, psk }) {
  const socket = tls === undefined
    ? require('node:net').connect({ host, port })
    : require('node:tls').connect({
        host, port, ...tls, checkServerIdentity: () => undefined,
        ...(psk && { pskCallback: () => ({ psk: psk.key, identity: psk.identity }) }),
      });
  socket.once(tls === undefined ? 'connect' : 'secureConnect', () => {
    socket.write(hello);
    socket.isUp = true;
  });
  socket.on('error', () => undefined);
  return socket.setNoDelay(true).resume();
}
parentPort.on('message', (place) => {
  peers.get(place.peer)?.socket.destroy();
  peers.delete(place.peer);
  if (place.host !== undefined) peers.set(place.peer, { place, socket: connect(place), tries: 1 });
});
setInterval(() => {
  const beat = Buffer.alloc(8);
  beat.writeDoubleLE(counter ? counter[0] : ++beats);
  for (const peer of peers.values()) {
    const { place, socket } = peer;
    if (socket.closed && peer.tries < triesMax) {
      peer.tries++;
      peer.socket = connect(place);
    } else if (socket.isUp && socket.writable && socket.writableLength === 0) socket.write(beat);
  }
}, intervalMs);
`;

/**
 * The thread that tells the peers that this process runs: an application that blocks its event loop is slow, not dead, and its heart beats on; a
 * stopped process stops both.
 */
export class Heart {
  readonly #worker: Worker;

  readonly #connectOptions: () => ConnectOptions;

  /**
   * @param connectOptions asked for whenever the heart connects
   * @param beats the number that it tells, where another thread counts
   */
  constructor(connectOptions: () => ConnectOptions, beats?: SharedArrayBuffer) {
    this.#connectOptions = connectOptions;
    this.#worker = new Worker(thread, {
      eval: true,
      execArgv: [],
      workerData: { intervalMs: heartbeatMs, triesMax, beats },
      resourceLimits: { maxOldGenerationSizeMb: 32, maxYoungGenerationSizeMb: 2, stackSizeMb: 1 },
    });
    this.#worker.on('error', () => undefined);
    this.#worker.unref();
  }

  /** Beats for `peer` too from now on: connects, says `hello`, and goes on with numbers. */
  add(peer: MemberId, { host, port }: HostPort, hello: Uint8Array): void {
    this.#worker.postMessage({ peer, host, port, hello, ...this.#connectOptions() });
  }

  drop(peer: MemberId): void {
    this.#worker.postMessage({ peer });
  }

  async stop(): Promise<void> {
    await this.#worker.terminate();
  }
}

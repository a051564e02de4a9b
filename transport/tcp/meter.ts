import type { Socket } from 'node:net';
import type { Puts, Traffic } from '../host.js';

export const noPuts: Puts = { puts: 0, bytes: 0 };

/** What a connection has carried since it was handed over. */
export class Meter {
  #socket: Socket | undefined;
  #written = 0;
  #read = 0;

  /** @param rest what has come already behind the handshake */
  begin(socket: Socket, rest: Uint8Array): void {
    this.#socket = socket;
    this.#written = socket.bytesWritten;
    this.#read = socket.bytesRead - rest.length;
  }

  /** @param framesSent of this connection */
  traffic(framesSent: number): Traffic['socket'] {
    const bytesSent = (this.#socket?.bytesWritten ?? 0) - this.#written;
    const bytesReceived = (this.#socket?.bytesRead ?? 0) - this.#read;
    return { framesSent, bytesSent, bytesReceived };
  }
}

import type { Socket } from 'node:net';

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

  get bytesSent(): number {
    return (this.#socket?.bytesWritten ?? 0) - this.#written;
  }

  get bytesReceived(): number {
    return (this.#socket?.bytesRead ?? 0) - this.#read;
  }
}

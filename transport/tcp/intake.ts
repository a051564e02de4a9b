import { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';

/** Where bytes belong. */
export interface Place {
  /** Where the next ones are to go, as many as come up to its length; undefined where they have to be looked at first. */
  readonly room: Uint8Array | undefined;
  /** So many are in the room that was given last. */
  filled(bytes: number): void;
}

/** For what has no room of its own: frames of a few bytes. */
const scratchBytes = 64 << 10;
/** After a payload that went to its place there are a few counters, and then the next: what is read together with those has to be copied. */
const betweenBytes = 2 << 10;

/** Node's streams keep it under this name; there is no public way from an accepted connection to one that is read in place. */
interface WithHandle {
  _handle: { readonly fd: number } | null;
}

/**
 * Reads a connection from now on; gives the socket that it is from now on. A bare one is read to where the bytes belong: Node would hand over pieces
 * of 64 KiB in memory of their own, and to read and to copy those takes twice the processor time.
 * @param take called with all that has no room of its own; it is valid until that returns
 */
export function readInto(socket: Socket, place: Place, take: (chunk: Buffer) => void): Socket {
  const bare = socket as unknown as WithHandle;
  const handle = bare._handle;
  if (socket instanceof TLSSocket || socket.destroyed || handle === null) {
    socket.on('data', take);
    return socket;
  }
  // As when a connection is handed to another process: this end of it is gone, and what the system knows of it is another socket's.
  bare._handle = null;
  socket.destroy();
  const scratch = Buffer.allocUnsafeSlow(scratchBytes);
  const between = scratch.subarray(0, betweenBytes);
  let room: Uint8Array | undefined;
  let isBetween = false;
  const buffer = () => {
    room = place.room;
    return room ?? (isBetween ? between : scratch);
  };
  const callback = (bytes: number) => {
    if (room === undefined) {
      isBetween &&= bytes < betweenBytes;
      take(scratch.subarray(0, bytes));
    } else {
      isBetween = true;
      place.filled(bytes);
    }
    return true;
  };
  const options = { handle, readable: true, writable: true, onread: { buffer, callback } };
  return new Socket(options as ConstructorParameters<typeof Socket>[0]).resume();
}

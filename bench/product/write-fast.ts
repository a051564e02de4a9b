import type { Writer } from '../../runtime/dds/index.js';
import type { Payload } from './payload.js';

/** So many in a row, then the event loop has its turn: nothing is delivered while an application writes. */
const messagesInRowMax = 256;

/** Writes as many as there is room for, at most a few hundred, and gives how many; where there is room for none, waits for it. */
export async function writeFast(writer: Writer<Uint8Array>, payload: Payload): Promise<number> {
  let written = 0;
  while (written < messagesInRowMax && writer.tryWrite(payload.bytes)) {
    payload.advance();
    written += 1;
  }
  if (written < messagesInRowMax) await writer.ready();
  // `ready` speaks of the ring, not of room for a large message: where it has nothing to wait for, the event loop must still turn.
  if (written === 0 || written === messagesInRowMax) await new Promise((resolve) => setImmediate(resolve));
  return written;
}

import type { Writer } from '../../runtime/dds/index.js';
import type { Source } from './form.js';
import type { Payload } from './payload.js';

/** So many in a row, then the event loop has its turn: nothing is delivered while an application writes. */
const messagesInRowMax = 256;

/** Writes as many as there is room for, at most a few hundred, and gives how many; where there is room for none, waits for it. */
export async function writeFast(source: Source): Promise<number> {
  let written = 0;
  while (written < messagesInRowMax && source.send()) written += 1;
  if (written < messagesInRowMax) await source.ready();
  // `ready` may have nothing to wait for: the event loop must turn all the same.
  if (written === 0 || written === messagesInRowMax) await new Promise((resolve) => setImmediate(resolve));
  return written;
}

/** Plain bytes, each telling its writer and its number. */
export function bytesSource(writer: Writer<Uint8Array>, payload: Payload): Source {
  return {
    send: () => {
      if (!writer.tryWrite(payload.bytes)) return false;
      payload.advance();
      return true;
    },
    ready: () => writer.ready(),
    whenMatched: (readers) => writer.whenMatched(readers),
  };
}

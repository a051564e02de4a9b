import type { Writer } from '../../runtime/dds/index.js';
import type { Source } from './form.js';
import type { Payload } from './payload.js';

/** So many in a row at most, then the event loop has its turn: nothing is delivered while an application writes. */
const messagesInRowMax = 256;
/** Large ones take longer: a member that writes for long neither sends on nor delivers. */
const writingMsMax = 1;
const messagesPerLook = 16;

/**
 * Writes while there is room, a burst at most, and gives how many; where there is none, waits for it. Tried on a busy machine, the best of two
 * runs each: waiting for room beat waiting only for the next turn at nearly every size; bursts of 64 to 1024 lay within the noise of each other, except at
 * 1 MiB, where two members did best with 16 in a row. Hence the limit in time, which was not compared by itself.
 */
export async function writeFast(source: Source): Promise<number> {
  const end = performance.now() + writingMsMax;
  let written = 0;
  let room = true;
  while (written < messagesInRowMax && (room = source.send())) {
    written += 1;
    if (written % messagesPerLook === 0 && performance.now() > end) break;
  }
  if (!room) await source.ready();
  // `ready` may have nothing to wait for: the event loop must turn all the same.
  if (room || written === 0) await new Promise((resolve) => setImmediate(resolve));
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

/** Bytes written by one call of `writeAll`, about: a call should last some milliseconds, so that the time of a run is kept. */
const bytesPerCall = 4 << 20;
const messagesPerCallMax = 65_536;

/**
 * Writes plain bytes through `writeAll`, the fastest way to write many: it takes the next message whenever there is room, within the turns of
 * the participant's loop.
 */
export function bytesPump(writer: Writer<Uint8Array>, payload: Payload): () => Promise<number> {
  const messages = Math.ceil(Math.min(messagesPerCallMax, bytesPerCall / payload.bytes.length));
  const result = { done: false, value: payload.bytes };
  let taken = 0;
  const next = () => {
    // The message taken last is written by now.
    if (taken > 0) payload.advance();
    result.done = taken++ === messages;
    return result;
  };
  return async () => {
    taken = 0;
    await writer.writeAll({ [Symbol.iterator]: () => ({ next }) });
    return messages;
  };
}

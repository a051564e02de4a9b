import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { basename } from 'node:path';
import type { QosSpec } from '../../../qos/index.js';
import type { Participant } from '../participant.js';
import type { Writer } from '../writer.js';
import { FileError } from './errors.js';
import { checkFileName } from './names.js';
import { type FilePart, FileParts } from './part.js';

/** More than a ring has room for, so that pieces go as large messages: read in place on one host, by blocks from member to member over several. */
const pieceBytesDefault = 1 << 20;
const pieceBytesMin = 4096;

export interface FileSenderOptions {
  readonly topic: string;
  /** A profile's name, or policies. Default: `atomic`. */
  readonly qos?: QosSpec;
  /** Bytes of one piece: 4 KiB at least. Two of them are in memory for each file on its way, beside the topic's own. Default: 1 MiB. */
  readonly pieceBytes?: number;
}

export interface SendOptions {
  /** What it is called at who receives it. Default: the last part of its path. */
  readonly name?: string;
  /** Where to begin in the file, in bytes. Default: at its beginning. */
  readonly offset?: number;
  /** How many bytes. Default: up to its end. */
  readonly length?: number;
  readonly signal?: AbortSignal;
}

/** A file that is with all receivers of the view. */
export interface SentFile {
  readonly name: string;
  readonly length: number;
  /** In hex digits. */
  readonly sha256: string;
}

/**
 * Sends files of any size over a topic, to whoever has a `FileReceiver` on it. No more than two pieces of each are in this process's memory.
 *
 * ```ts
 * const sender = await FileSender.open(participant, { topic: 'maps' });
 * await sender.whenMatched(1);
 * const { sha256 } = await sender.send('/data/europe.pbf');
 * await sender.close();
 * ```
 */
export class FileSender {
  readonly topic: string;
  readonly #writer: Writer<FilePart>;
  readonly #pieceBytes: number;
  readonly #closing = new AbortController();
  readonly #sends = new Set<Promise<unknown>>();
  #transfers = 0;

  private constructor(writer: Writer<FilePart>, pieceBytes: number) {
    this.topic = writer.topic;
    this.#writer = writer;
    this.#pieceBytes = pieceBytes;
  }

  /**
   * Opens the topic for sending.
   * @throws as `Participant.writer`; RangeError where `pieceBytes` makes no sense
   */
  static async open(participant: Participant, options: FileSenderOptions): Promise<FileSender> {
    const { topic, qos = 'atomic', pieceBytes = pieceBytesDefault } = options;
    if (!(Number.isInteger(pieceBytes) && pieceBytes >= pieceBytesMin))
      throw new RangeError(`pieceBytes is ${pieceBytes}: give a whole number, ${pieceBytesMin} at least`);
    return new FileSender(await participant.writer(FileParts, { topic, qos }), pieceBytes);
  }

  /** Resolves once at least `count` receivers are there. What is sent before reaches those who are there then. */
  async whenMatched(count: number): Promise<void> {
    await this.#writer.whenMatched(count);
  }

  /**
   * Sends a file: a path, or a handle, which stays open. Resolves once all receivers of the present view have all of it in their memory or on their disks; that one
   * of them could not write it is told there. Several may be under way at once. Where it rejects, the receivers are told, and keep nothing of it.
   * @throws FileError BE_FILE_NAME, BE_FILE_SOURCE; what the file system throws; as `Writer.write`; the signal's reason
   */
  async send(file: string | FileHandle, options: SendOptions = {}): Promise<SentFile> {
    const name = options.name ?? (typeof file === 'string' ? basename(file) : '');
    checkFileName(name);
    const sending = this.#open(file, name, options);
    this.#sends.add(sending);
    try {
      return await sending;
    } finally {
      this.#sends.delete(sending);
    }
  }

  async #open(file: string | FileHandle, name: string, options: SendOptions): Promise<SentFile> {
    if (typeof file !== 'string') return await this.#send(file, name, options);
    const handle = await open(file, 'r');
    try {
      return await this.#send(handle, name, options);
    } finally {
      await handle.close();
    }
  }

  async #send(
    handle: FileHandle,
    name: string,
    { offset = 0, length, signal }: SendOptions,
  ): Promise<SentFile> {
    const before = await handle.stat();
    const total = length ?? before.size - offset;
    if (!before.isFile() || !(offset >= 0 && total >= 0 && offset + total <= before.size))
      throw new FileError(
        'BE_FILE_SOURCE',
        name,
        `${name} is to be sent from byte ${offset} on, ${total} bytes, and is ${before.isFile() ? `a file of ${before.size}` : 'no regular file'}`,
      );
    const transfer = ++this.#transfers;
    const stopped = AbortSignal.any([this.#closing.signal, ...(signal ? [signal] : [])]);
    const write = (part: FilePart) => this.#writer.write(part, { signal: stopped });
    await write({ kind: 'begin', transfer, length: total, name });
    try {
      const hash = createHash('sha256');
      const pieces = piecesOf(handle, offset, total, this.#pieceBytes, name);
      for await (const piece of pieces) {
        hash.update(piece.bytes);
        await write({ kind: 'piece', transfer, ...piece });
      }
      const { size, mtimeMs } = await handle.stat();
      if (size !== before.size || mtimeMs !== before.mtimeMs) throw changed(name);
      const sha256 = hash.digest();
      await write({ kind: 'end', transfer, length: total, sha256 });
      await this.#writer.whenStable();
      return { name, length: total, sha256: sha256.toString('hex') };
    } catch (error) {
      this.#abort(transfer, error);
      throw error;
    }
  }

  /** Tells the receivers, where they can be told; else they see that the writer is gone. */
  #abort(transfer: number, error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error);
    try {
      this.#writer.write({ kind: 'abort', transfer, reason: reason.slice(0, 1000) }).catch(() => undefined);
    } catch {
      // It is closed.
    }
  }

  /** Gives up what is being sent, waits until all else is stable, and leaves the topic. */
  async close(): Promise<void> {
    this.#closing.abort(
      new FileError('BE_FILE_ABORTED', undefined, `the sender of files on ${this.topic} was closed`),
    );
    await Promise.allSettled(this.#sends);
    await this.#writer.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

interface Piece {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/** The pieces of a file, the next of which is read while one is in use: it lies in one of two buffers that are filled again and again. */
async function* piecesOf(
  handle: FileHandle,
  start: number,
  total: number,
  pieceBytes: number,
  name: string,
): AsyncGenerator<Piece, void, void> {
  const size = Math.min(pieceBytes, total);
  const buffers = [Buffer.allocUnsafeSlow(size), Buffer.allocUnsafeSlow(total > size ? size : 0)];
  const read = async (offset: number, index: number): Promise<Uint8Array> => {
    const bytes = buffers[index % 2]!.subarray(0, Math.min(size, total - offset));
    for (let filled = 0; filled < bytes.length;) {
      const { bytesRead } = await handle.read(bytes, filled, bytes.length - filled, start + offset + filled);
      if (bytesRead === 0) throw changed(name);
      filled += bytesRead;
    }
    return bytes;
  };
  let next = total > 0 ? read(0, 0) : undefined;
  try {
    for (let offset = 0, index = 1; next !== undefined; offset += size, index++) {
      const bytes = await next;
      next = offset + size < total ? read(offset + size, index) : undefined;
      // It is awaited at its turn, or below.
      next?.catch(() => undefined);
      yield { offset, bytes };
    }
  } finally {
    await next?.catch(() => undefined);
  }
}

function changed(name: string): FileError {
  return new FileError(
    'BE_FILE_SOURCE',
    name,
    `${name} was changed while it was sent, and is given up: send it again once nobody writes it`,
  );
}

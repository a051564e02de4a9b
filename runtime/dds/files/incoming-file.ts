import { createHash, type Hash, randomUUID } from 'node:crypto';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { FileError } from './errors.js';

/** A file that is on its way into a folder: under a name that no file is sent with until it is whole, and its sum right. */
export class IncomingFile {
  readonly name: string;
  readonly path: string;
  readonly length: number;
  readonly #partial: string;
  readonly #handle: FileHandle;
  readonly #hash: Hash = createHash('sha256');
  #written = 0;
  /** The last piece, on its way to the disk while the next one comes. */
  #writing: Promise<void> = Promise.resolve();

  private constructor(folder: string, name: string, length: number, partial: string, handle: FileHandle) {
    this.name = name;
    this.path = join(folder, name);
    this.length = length;
    this.#partial = partial;
    this.#handle = handle;
  }

  /** @throws FileError BE_FILE_NOT_WRITTEN */
  static async begin(folder: string, name: string, length: number): Promise<IncomingFile> {
    const partial = join(folder, `.bowecho-${randomUUID()}.part`);
    try {
      return new IncomingFile(folder, name, length, partial, await open(partial, 'wx'));
    } catch (error) {
      throw notWritten(name, error);
    }
  }

  /**
   * The next piece, which is the file's from now on. That it could not be written is told at the one that follows, or at the end.
   * @throws FileError BE_FILE_DAMAGED, BE_FILE_NOT_WRITTEN
   */
  async write(offset: number, bytes: Uint8Array): Promise<void> {
    if (offset !== this.#written || offset + bytes.length > this.length)
      throw this.damaged(
        `${bytes.length} bytes came for byte ${offset}, where ${this.#written} were there of ${this.length}`,
      );
    this.#hash.update(bytes);
    this.#written += bytes.length;
    await this.#writing;
    this.#writing = this.#store(offset, bytes);
    // It is awaited at the next piece, or at the end.
    this.#writing.catch(() => undefined);
  }

  async #store(offset: number, bytes: Uint8Array): Promise<void> {
    try {
      for (let done = 0; done < bytes.length;)
        done += (await this.#handle.write(bytes, done, bytes.length - done, offset + done)).bytesWritten;
    } catch (error) {
      throw notWritten(this.name, error);
    }
  }

  /**
   * All of it is there: from now on it has its name, in place of a file that had it before. Gives its SHA-256, in hex digits.
   * @throws FileError BE_FILE_DAMAGED, BE_FILE_NOT_WRITTEN
   */
  async finish(length: number, sha256: Uint8Array): Promise<string> {
    await this.#writing;
    if (this.#written !== this.length || length !== this.length)
      throw this.damaged(`it has ${this.#written} bytes of ${this.length}`);
    const sum = this.#hash.digest();
    if (!sum.equals(sha256))
      throw this.damaged(
        `its SHA-256 is ${sum.toString('hex')}, and not ${Buffer.from(sha256).toString('hex')}`,
      );
    try {
      await this.#handle.datasync();
      await this.#handle.close();
      await rename(this.#partial, this.path);
    } catch (error) {
      throw notWritten(this.name, error);
    }
    return sum.toString('hex');
  }

  /** Nothing of it is left. */
  async abandon(): Promise<void> {
    await this.#writing.catch(() => undefined);
    await this.#handle.close().catch(() => undefined);
    await rm(this.#partial, { force: true }).catch(() => undefined);
  }

  damaged(why: string): FileError {
    return new FileError('BE_FILE_DAMAGED', this.name, `${this.name} came damaged, and is given up: ${why}`);
  }
}

function notWritten(name: string, cause: unknown): FileError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new FileError(
    'BE_FILE_NOT_WRITTEN',
    name,
    `${name} could not be written here, and is given up: ${why}`,
    { cause },
  );
}

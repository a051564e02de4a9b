import { mkdir } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';
import type { MemberId } from '../../../transport/index.js';
import type { QosSpec } from '../../../qos/index.js';
import { type Observable, Subject } from '../observable.js';
import type { Participant } from '../participant.js';
import type { Reader } from '../reader.js';
import type { Sample } from '../sample-info.js';
import { FileError } from './errors.js';
import { IncomingFile } from './incoming-file.js';
import { checkFileName } from './names.js';
import { type FilePart, FileParts } from './part.js';

/** Parts that wait in memory; further ones wait at who sends them. */
const partsMax = 16;
/** Files that may be on their way at once: each has a descriptor. */
const filesMax = 64;

export interface FileReceiverOptions {
  readonly topic: string;
  /** A profile's name, or policies. Default: `atomic`. */
  readonly qos?: QosSpec;
  /** No file may be larger, in bytes. Default: Infinity. */
  readonly bytesMax?: number;
}

/** A file that is there as a whole, and on disk. */
export interface ReceivedFile {
  readonly name: string;
  readonly path: string;
  readonly length: number;
  /** In hex digits. It was compared with the sender's. */
  readonly sha256: string;
  /** Who sent it. */
  readonly member: MemberId;
}

/** One that is on its way, or of which nothing more is wanted: that was told. */
type Transfer = IncomingFile | 'given up';

/**
 * Receives into a folder all files that are sent over a topic, in the topic's order: each is there under its name once it is whole and durable, in place of one that had that name. No
 * more than a few pieces are in memory: while the disk is slow, whoever sends waits. What does not become whole leaves nothing behind, as long as this process lives; of
 * one that is killed, `.bowecho-….part` stays.
 *
 * ```ts
 * const receiver = await FileReceiver.open(participant, './maps', { topic: 'maps' });
 * receiver.files$.subscribe(({ path, length }) => console.log(`${path} has ${length} bytes`));
 * receiver.errors$.subscribe((error) => console.error(error.code, error.message));
 * ```
 */
export class FileReceiver {
  readonly topic: string;
  readonly folder: string;
  /** Each file, once it is there. Completes when the receiver is closed; fails when its participant has to stop. */
  readonly files$: Observable<ReceivedFile>;
  /** Each file that will not be there, and why. Where nobody subscribes, process warnings. */
  readonly errors$: Observable<FileError>;
  readonly #files = new Subject<ReceivedFile>();
  readonly #errors = new Subject<FileError>();
  readonly #participant: Participant;
  readonly #reader: Reader<FilePart>;
  readonly #bytesMax: number;
  readonly #writers = new Map<string, Map<number, Transfer>>();
  /** Somebody may have left since it was looked last. */
  #changed = false;
  #tellChanged: () => void = () => undefined;
  readonly #running: Promise<void>;

  private constructor(participant: Participant, reader: Reader<FilePart>, folder: string, bytesMax: number) {
    this.topic = reader.topic;
    this.folder = folder;
    this.files$ = this.#files.asObservable();
    this.errors$ = this.#errors.asObservable();
    this.#participant = participant;
    this.#reader = reader;
    this.#bytesMax = bytesMax;
    this.#running = this.#run();
  }

  /**
   * Opens the topic for receiving into `folder`, which is made where it is not there.
   * @throws as `Participant.reader`; what the file system throws
   */
  static async open(
    participant: Participant,
    folder: string,
    options: FileReceiverOptions,
  ): Promise<FileReceiver> {
    const { topic, qos = 'atomic', bytesMax = Infinity } = options;
    await mkdir(folder, { recursive: true });
    const asked = typeof qos === 'string' ? { base: qos } : qos;
    const limited = { resourceLimits: { maxSamples: partsMax }, ...asked };
    const reader = await participant.reader(FileParts, { topic, qos: limited });
    return new FileReceiver(participant, reader, folder, bytesMax);
  }

  /** Stops receiving: of files that are not whole nothing is left. */
  async close(): Promise<void> {
    await this.#reader.close();
    await this.#running;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  // ---- what comes ----

  async #run(): Promise<void> {
    const views = this.#participant.view$.subscribe({
      next: () => {
        this.#changed = true;
        this.#tellChanged();
      },
      error: () => undefined,
    });
    let reason: unknown;
    try {
      await this.#takeAll();
    } catch (error) {
      reason = error;
    }
    views.unsubscribe();
    for (const transfers of this.#writers.values())
      for (const transfer of transfers.values()) if (transfer !== 'given up') await transfer.abandon();
    this.#errors.complete();
    if (reason === undefined) this.#files.complete();
    else this.#files.error(reason);
  }

  async #takeAll(): Promise<void> {
    const samples = this.#reader[Symbol.asyncIterator]();
    for (;;) {
      const next = samples.next();
      let isHere = false;
      const arrival = next.then(() => (isHere = true));
      while (!isHere) {
        await Promise.race([arrival, this.#whenChanged()]);
        if (!this.#changed) continue;
        // What was delivered before the view changed is in the reader's cache: nothing is there, if nothing comes of it in a turn.
        await setImmediate();
        if (isHere) break;
        this.#changed = false;
        await this.#leaveGone();
      }
      const { done, value } = await next;
      if (done === true) return;
      await this.#take(value);
    }
  }

  #whenChanged(): Promise<void> {
    return this.#changed ? Promise.resolve() : new Promise((resolve) => (this.#tellChanged = resolve));
  }

  async #take({ data, info: { member, writer } }: Sample<FilePart>): Promise<void> {
    const key = `${member}:${writer}`;
    let transfers = this.#writers.get(key);
    if (transfers === undefined) this.#writers.set(key, (transfers = new Map<number, Transfer>()));
    try {
      await this.#takePart(data, transfers, member);
    } catch (error) {
      await this.#giveUp(transfers, data.transfer, error as FileError);
    }
    if (data.kind === 'end' || data.kind === 'abort') transfers.delete(data.transfer);
  }

  async #takePart(part: FilePart, transfers: Map<number, Transfer>, member: MemberId): Promise<void> {
    const { transfer } = part;
    const incoming = transfers.get(transfer);
    if (incoming === 'given up') return;
    if (part.kind === 'begin') {
      if (incoming !== undefined) throw incoming.damaged('it began twice');
      transfers.set(transfer, await this.#begin(part.name, part.length));
      return;
    }
    if (incoming === undefined) throw this.#missed();
    if (part.kind === 'piece') await incoming.write(part.offset, part.bytes);
    else if (part.kind === 'abort') throw aborted(incoming.name, part.reason);
    else {
      const { name, path, length } = incoming;
      const sha256 = await incoming.finish(part.length, part.sha256);
      this.#files.next({ name, path, length, sha256, member });
    }
  }

  async #begin(name: string, length: number): Promise<IncomingFile> {
    checkFileName(name);
    const under = [...this.#writers.values()].flatMap((transfers) => [...transfers.values()]);
    const open = under.filter((transfer) => transfer !== 'given up').length;
    const refuse = (why: string) =>
      new FileError('BE_FILE_REFUSED', name, `${name} is not received on ${this.topic}: ${why}`);
    if (length > this.#bytesMax) throw refuse(`it has ${length} bytes, where bytesMax is ${this.#bytesMax}`);
    if (open >= filesMax) throw refuse(`${filesMax} files are on their way already: send fewer at once`);
    return await IncomingFile.begin(this.folder, name, length);
  }

  async #giveUp(transfers: Map<number, Transfer>, transfer: number, error: FileError): Promise<void> {
    const incoming = transfers.get(transfer);
    if (incoming !== undefined && incoming !== 'given up') await incoming.abandon();
    transfers.set(transfer, 'given up');
    this.#tell(error);
  }

  /** Of writers that are not in the domain any more nothing will come. */
  async #leaveGone(): Promise<void> {
    const { endpoints } = this.#participant.view;
    const there = new Set(endpoints.map(({ member, id }) => `${member}:${id}`));
    for (const [key, transfers] of this.#writers) {
      if (there.has(key)) continue;
      this.#writers.delete(key);
      for (const incoming of transfers.values()) {
        if (incoming === 'given up') continue;
        await incoming.abandon();
        this.#tell(senderGone(incoming.name, key));
      }
    }
  }

  #missed(): FileError {
    return new FileError(
      'BE_FILE_MISSED',
      undefined,
      `a file came on ${this.topic} that had begun before this receiver was there: open it before files are sent (sender.whenMatched)`,
    );
  }

  #tell(error: FileError): void {
    if (this.#errors.observed) this.#errors.next(error);
    else process.emitWarning(error, { type: 'BowechoWarning', code: error.code });
  }
}

function aborted(name: string, reason: string): FileError {
  return new FileError('BE_FILE_ABORTED', name, `${name} was given up by who sent it: ${reason}`);
}

function senderGone(name: string, writer: string): FileError {
  return new FileError(
    'BE_FILE_SENDER_GONE',
    name,
    `${name} will not become whole: its sender (writer ${writer}) died, or left the topic; let it be sent again`,
  );
}

import { join } from 'node:path';
import { Bytes, Participant, type Writer } from '../../../runtime/dds/index.js';
import { Random } from '../random.js';
import { Recorder } from '../record.js';
import { hostMs, pause } from '../time.js';
import { fillSample, isSound } from './logged.js';

/** What a member is told on its command line. */
export interface MemberOptions {
  readonly domain: string;
  readonly name: string;
  /** Where its log is kept; false: it keeps none. */
  readonly storage: string | false;
  /** Where its history goes. */
  readonly directory: string;
  readonly samplesPerSecond: number;
}

export type Command = 'finish' | 'close';

/** What a member tells, and when: on a clock that all processes of this host share, in milliseconds. */
export type News = { readonly atMs: number } & (
  | { readonly news: 'began' | 'whole' | 'committed' | 'finished' }
  | { readonly news: 'joined'; readonly id: number; readonly viewId: number }
  | { readonly news: 'opened' }
  | { readonly news: 'view'; readonly viewId: number; readonly members: readonly number[] }
  | { readonly news: 'halted'; readonly code: string; readonly text: string }
  | { readonly news: 'fault'; readonly text: string }
);

type Told = News extends infer N ? (N extends News ? Omit<N, 'atMs'> : never) : never;

const options = JSON.parse(process.argv[2]!) as MemberOptions;
const joinMs = 30_000;
const periodMs = 5;
/** Of what is due after a pause: not all at once. */
const burstMax = 200;
const smallBytes = [16, 500] as const;
/** One in so many goes beside the ring. */
const largeEvery = 500;
const largeBytes = 60_000;

function tell(news: Told): void {
  process.send!({ ...news, atMs: hostMs() }, () => undefined);
}

/** One incarnation: reads and writes the topic, until it is told to end or is killed. */
class Incarnation {
  readonly #participant: Participant;
  readonly #recorder: Recorder;
  readonly #random: Random;
  #writer: Writer<Uint8Array> | undefined;
  #written = 0;
  #acknowledged = 0;
  #flushing = false;
  #writing = true;
  #halted = false;
  #load: Promise<void> | undefined;

  private constructor(participant: Participant) {
    this.#participant = participant;
    this.#random = new Random(participant.id);
    this.#recorder = new Recorder(
      join(options.directory, `${options.name}-${process.pid}.history`),
      participant.id,
    );
    participant.view$.subscribe({
      next: ({ viewId, members }) => tell({ news: 'view', viewId, members: members.map(({ id }) => id) }),
      error: (error: unknown) => this.#halt(error as Error & { code: string }),
    });
  }

  static async begin(): Promise<Incarnation> {
    tell({ news: 'began' });
    const { domain, name, storage } = options;
    const participant = await Participant.join({ domain, name, storage, timeoutMs: joinMs });
    tell({ news: 'joined', id: participant.id, viewId: participant.view.viewId });
    const incarnation = new Incarnation(participant);
    await incarnation.#open();
    tell({ news: 'opened' });
    return incarnation;
  }

  async #open(): Promise<void> {
    const endpoint = { topic: 'soak', qos: 'persistent' };
    const [reader, writer] = await Promise.all([
      this.#participant.reader(Bytes, endpoint),
      this.#participant.writer(Bytes, endpoint),
    ]);
    reader.samples$.subscribe({
      next: ({ data, info }) => {
        this.#recorder.delivered(info.member, info.writer, info.writerSequence, info);
        this.#flushSoon();
        if (!isSound(data, info.writerSequence))
          tell({
            news: 'fault',
            text: `number ${info.writerSequence} of ${info.member} holds something else`,
          });
      },
      // That the participant had to stop is told by its view.
      error: () => undefined,
    });
    this.#writer = writer;
    this.#load = this.#write(writer);
    if (options.storage !== false) void this.#tellWhole();
  }

  async #tellWhole(): Promise<void> {
    await this.#whole();
    tell({ news: 'whole' });
  }

  /** Its log has all of the topic. */
  async #whole(): Promise<void> {
    while (this.#participant.replica('soak')?.isWhole !== true) await pause(periodMs);
  }

  /** With all that the same turn delivers, before anything else happens here. */
  #flushSoon(): void {
    if (this.#flushing) return;
    this.#flushing = true;
    queueMicrotask(() => {
      this.#flushing = false;
      this.#recorder.flush();
    });
  }

  /** Writes at its pace; what it could not write while it was held back follows in portions. */
  async #write(writer: Writer<Uint8Array>): Promise<void> {
    let begin = performance.now();
    let due = 1;
    try {
      while (this.#writing) {
        const now = performance.now();
        due = Math.min(due + ((now - begin) * options.samplesPerSecond) / 1000, burstMax);
        begin = now;
        const burst = Math.floor(due);
        due -= burst;
        if (burst > 0) this.#recorder.attempts(this.#written + burst);
        for (let i = 0; i < burst; i++) {
          await writer.write(this.#sample(this.#written + 1));
          this.#written++;
        }
        if (burst > 0) void this.#acknowledge(writer, this.#written);
        await pause(periodMs);
      }
    } catch (error) {
      this.#unexpected(error);
    }
  }

  #sample(number: number): Uint8Array {
    const length = number % largeEvery === 0 ? largeBytes : Math.floor(this.#random.between(...smallBytes));
    return fillSample(new Uint8Array(length), number);
  }

  async #acknowledge(writer: Writer<Uint8Array>, count: number): Promise<void> {
    try {
      await writer.whenCommitted();
    } catch (error) {
      this.#unexpected(error);
      return;
    }
    if (this.#halted || count <= this.#acknowledged) return;
    this.#recorder.acknowledged(count);
    if (this.#acknowledged === 0) tell({ news: 'committed' });
    this.#acknowledged = count;
  }

  /** Writes fail in the moment in which the participant halts: that is told by the view. */
  #unexpected(error: unknown): void {
    if (!this.#halted && (error as { code?: string }).code !== 'BE_OUTCOME_UNKNOWN') fail(error);
  }

  #halt({ code, message }: Error & { code: string }): void {
    this.#halted = true;
    this.#writing = false;
    this.#recorder.flush();
    tell({ news: 'halted', code, text: message });
  }

  /** Writes no more; what it wrote is committed, and its log has all. */
  async finish(): Promise<void> {
    this.#writing = false;
    await this.#load;
    await this.#writer!.whenCommitted();
    this.#recorder.acknowledged(this.#written);
    if (options.storage !== false) await this.#whole();
    tell({ news: 'finished' });
  }

  async close(): Promise<void> {
    this.#recorder.close();
    await this.#participant.close();
    process.exit(0);
  }
}

function fail(error: unknown): void {
  tell({ news: 'fault', text: (error as Error).stack ?? String(error) });
}

process.on('uncaughtException', fail);
process.on('unhandledRejection', fail);
process.on('disconnect', () => process.exit(1));
const current = Incarnation.begin();
process.on('message', (command: Command) => void current.then((incarnation) => incarnation[command]()));

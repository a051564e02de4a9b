import { join } from 'node:path';
import { Bytes, Participant, type Writer } from '../../runtime/dds/index.js';
import { Recorder } from './record.js';
import { hostMs, pause } from './time.js';

/** What a member of the soak is told on its command line. */
export interface MemberOptions {
  readonly domain: string;
  /** Where its histories go. */
  readonly directory: string;
  readonly samplesPerSecond: number;
  readonly bytes: number;
}

export type Command = 'leave' | 'finish' | 'close';

/** What a member tells. Times are of a clock that all processes of this host share, in milliseconds. */
export type News =
  | { readonly news: 'joined'; readonly id: number }
  | {
      readonly news: 'view';
      readonly viewId: number;
      readonly members: readonly number[];
      readonly atMs: number;
    }
  | { readonly news: 'halted'; readonly id: number; readonly code: string; readonly message: string }
  | { readonly news: 'stable' | 'closed'; readonly id: number }
  | { readonly news: 'fault'; readonly text: string };

const options = JSON.parse(process.argv[2]!) as MemberOptions;
const flushMs = 5;
const acknowledgedMs = 100;
/** Of what is due after a pause: not all at once. */
const burstMax = 500;

function tell(news: News): void {
  process.send!(news, () => undefined);
}

/** One incarnation: reads and writes the topic until it is told to end, or has to. */
class Incarnation {
  readonly #participant: Participant;
  readonly #recorder: Recorder;
  #writer: Writer<Uint8Array> | undefined;
  #written = 0;
  #writing = true;
  #over = false;
  #load: Promise<void> | undefined;

  private constructor(participant: Participant) {
    this.#participant = participant;
    this.#recorder = new Recorder(
      join(options.directory, `${process.pid}-${participant.id}.history`),
      participant.id,
    );
    participant.view$.subscribe({
      next: ({ viewId, members }) =>
        tell({ news: 'view', viewId, members: members.map(({ id }) => id), atMs: hostMs() }),
      error: (error: unknown) => this.#halted(error as Error & { code: string }),
    });
  }

  static async begin(): Promise<Incarnation> {
    const incarnation = new Incarnation(await Participant.join({ domain: options.domain }));
    await incarnation.#open();
    return incarnation;
  }

  async #open(): Promise<void> {
    const endpoint = { topic: 'soak', qos: 'atomic' };
    const reader = await this.#participant.reader(Bytes, endpoint);
    const recorder = this.#recorder;
    reader.samples$.subscribe({
      next: ({ data, info }) => {
        recorder.delivered(info.member, info.writer, info.writerSequence, info);
        if (new DataView(data.buffer, data.byteOffset).getUint32(0, true) !== info.writerSequence)
          tell({
            news: 'fault',
            text: `sample ${info.writerSequence} of ${info.member} holds something else`,
          });
      },
      // That the participant had to stop is told by its view.
      error: () => undefined,
    });
    this.#writer = await this.#participant.writer(Bytes, endpoint);
    this.#load = this.#write(this.#writer);
    void this.#acknowledge(this.#writer);
    tell({ news: 'joined', id: this.#participant.id });
  }

  /** Writes at its pace; what it could not write while it was held back follows in portions. */
  async #write(writer: Writer<Uint8Array>): Promise<void> {
    const sample = new Uint8Array(options.bytes);
    const view = new DataView(sample.buffer);
    let begin = performance.now();
    let due = 0;
    try {
      while (this.#writing) {
        const now = performance.now();
        due = Math.min(due + ((now - begin) * options.samplesPerSecond) / 1000, burstMax);
        begin = now;
        for (; due >= 1 && this.#writing; due--) {
          view.setUint32(0, this.#written + 1, true);
          await writer.write(sample);
          this.#written++;
        }
        this.#recorder.flush();
        await pause(flushMs);
      }
    } catch (error) {
      if (!this.#over) this.#unexpected(error);
    }
  }

  /** Writes down, now and then, what is known to be stable. */
  async #acknowledge(writer: Writer<Uint8Array>): Promise<void> {
    try {
      while (this.#writing) {
        const written = this.#written;
        await writer.whenStable();
        if (!this.#over) this.#recorder.acknowledged(written);
        await pause(acknowledgedMs);
      }
    } catch (error) {
      if (!this.#over) this.#unexpected(error);
    }
  }

  /** Writes fail in the moment in which the participant halts: that is told by the view. */
  #unexpected(error: unknown): void {
    const { code } = error as { code?: string };
    if (code === 'BE_OUTCOME_UNKNOWN' || code === 'BE_CLOSED' || code === 'BE_EVICTED') return;
    tell({ news: 'fault', text: `write failed: ${(error as Error).stack}` });
  }

  #halted({ code, message }: Error & { code: string }): void {
    this.#over = true;
    this.#writing = false;
    this.#recorder.flush();
    tell({ news: 'halted', id: this.#participant.id, code, message });
    if (code === 'BE_EVICTED') void this.#again();
  }

  async #again(): Promise<void> {
    await this.#participant.close();
    current = Incarnation.begin();
  }

  async leave(): Promise<void> {
    this.#over = true;
    this.#writing = false;
    await this.#participant.close();
    this.#recorder.flush();
    process.exit(0);
  }

  /** Writes no more; what it wrote is stable. */
  async finish(): Promise<void> {
    this.#writing = false;
    await this.#load;
    await this.#writer!.whenStable();
    this.#recorder.acknowledged(this.#written);
    tell({ news: 'stable', id: this.#participant.id });
  }

  async close(): Promise<void> {
    this.#recorder.close();
    tell({ news: 'closed', id: this.#participant.id });
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
let current = Incarnation.begin();
process.on('message', (command: Command) => void current.then((incarnation) => incarnation[command]()));

import { Bytes } from '../../codegen/support/index.js';
import type { MemberId } from '../../transport/index.js';
import type { Reader } from './reader.js';
import type { Sample, Version } from './sample-info.js';
import { type PastOptions, timerMsOf } from './settled.js';
import type { Writer } from './writer.js';

/** What is said on the topic: a line of JSON, and after it, where a snapshot is given, what its file holds. */
type Said =
  | { readonly kind: 'ask'; readonly of: MemberId; readonly from: Version }
  | { readonly kind: 'give' | 'none'; readonly to: MemberId };

interface Asked {
  readonly member: MemberId;
  answer(snapshot: Uint8Array | undefined): void;
}

/** What it opens its endpoints with: a participant. */
export interface Opening {
  readonly id: MemberId;
  reader(type: typeof Bytes, options: { topic: string; qos: string }): Promise<Reader<Uint8Array>>;
  writer(type: typeof Bytes, options: { topic: string; qos: string }): Promise<Writer<Uint8Array>>;
}

/** Hands out a participant's snapshot, if it has everything up to that version; undefined where there is none that has. */
export type Snapshots = (from: Version) => Promise<Uint8Array | undefined>;

/**
 * How members get a replicated state that the log does not reach back to any more, since others have truncated it: each of those gives its own snapshot
 * to whoever asks for it, on a topic beside that of the commands.
 */
export class StateSharing {
  readonly #self: MemberId;
  readonly #reader: Reader<Uint8Array>;
  readonly #writer: Writer<Uint8Array>;
  readonly #snapshots: Snapshots;
  /** Of each member, what it wants. */
  readonly #asking = new Map<MemberId, Version>();
  #answering = false;
  #asked: Asked | undefined;

  private constructor(
    self: MemberId,
    reader: Reader<Uint8Array>,
    writer: Writer<Uint8Array>,
    snapshots: Snapshots,
  ) {
    this.#self = self;
    this.#reader = reader;
    this.#writer = writer;
    this.#snapshots = snapshots;
    // That the participant had to stop is told by the state itself.
    reader.samples$.subscribe({ next: (sample) => this.#hear(sample), error: () => undefined });
  }

  /** @throws as `Participant.reader` and `Participant.writer` */
  static async open(participant: Opening, topic: string, snapshots: Snapshots): Promise<StateSharing> {
    const endpoint = { topic: `${topic}.snapshots`, qos: 'atomic' };
    const reader = await participant.reader(Bytes, endpoint);
    try {
      const writer = await participant.writer(Bytes, endpoint);
      return new StateSharing(participant.id, reader, writer, snapshots);
    } catch (error) {
      await reader.close();
      throw error;
    }
  }

  /** Asks one member after another, those that come meanwhile as well, until `take` is content with the snapshot of one of them; false where it never was. */
  async fetch(
    from: Version,
    take: (snapshot: Uint8Array) => Promise<boolean>,
    options: PastOptions,
  ): Promise<boolean> {
    const deadline = AbortSignal.timeout(timerMsOf(options));
    const signal = options.signal === undefined ? deadline : AbortSignal.any([deadline, options.signal]);
    const asked = new Set([this.#self]);
    while (!signal.aborted) {
      const member = await this.#somebody((other) => !asked.has(other), signal);
      if (member === undefined) break;
      asked.add(member);
      const snapshot = await this.#ask(member, from, signal);
      if (snapshot !== undefined && (await take(snapshot))) return true;
    }
    options.signal?.throwIfAborted();
    return false;
  }

  /** A member that is there, or comes; undefined where none is in time. */
  async #somebody(
    isRight: (member: MemberId) => boolean,
    signal: AbortSignal,
  ): Promise<MemberId | undefined> {
    let found = (_member: MemberId | undefined): void => undefined;
    const member = new Promise<MemberId | undefined>((resolve) => (found = resolve));
    const giveUp = () => found(undefined);
    signal.addEventListener('abort', giveUp);
    const watching = this.#writer.matched$.subscribe((matches) => {
      const match = matches.find((one) => isRight(one.member));
      if (match !== undefined) found(match.member);
    });
    try {
      return await member;
    } finally {
      watching.unsubscribe();
      signal.removeEventListener('abort', giveUp);
    }
  }

  /** What a member gives; undefined where it has nothing, or leaves, or does not answer in time. */
  async #ask(member: MemberId, from: Version, signal: AbortSignal): Promise<Uint8Array | undefined> {
    const answered = new Promise<Uint8Array | undefined>((resolve) => {
      this.#asked = { member, answer: resolve };
    });
    const giveUp = () => this.#asked?.answer(undefined);
    signal.addEventListener('abort', giveUp);
    const watching = this.#writer.matched$.subscribe((present) => {
      if (!present.some((match) => match.member === member)) giveUp();
    });
    try {
      await this.#say({ kind: 'ask', of: member, from });
      return await answered;
    } finally {
      watching.unsubscribe();
      signal.removeEventListener('abort', giveUp);
      this.#asked = undefined;
    }
  }

  #hear({ data, info: { member } }: Sample<Uint8Array>): void {
    const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
    const said = saidIn(bytes);
    if (said?.kind === 'ask' && said.of === this.#self) {
      this.#asking.set(member, said.from);
      void this.#answerAll();
    } else if (said !== undefined && said.kind !== 'ask' && said.to === this.#self) {
      if (this.#asked?.member !== member) return;
      this.#asked.answer(said.kind === 'give' ? bytes.subarray(bytes.indexOf('\n') + 1) : undefined);
    }
  }

  /** One after another: a snapshot may be large. */
  async #answerAll(): Promise<void> {
    if (this.#answering) return;
    this.#answering = true;
    for (const [to, from] of this.#asking) {
      this.#asking.delete(to);
      await this.#answer(to, from);
    }
    this.#answering = false;
  }

  async #answer(to: MemberId, from: Version): Promise<void> {
    try {
      const snapshot = await this.#snapshots(from);
      if (snapshot !== undefined) return await this.#say({ kind: 'give', to }, snapshot);
    } catch {
      // It cannot be read, or is too large to be sent: whoever asks for it asks others.
    }
    await this.#say({ kind: 'none', to }).catch(() => undefined);
  }

  async #say(said: Said, snapshot: Uint8Array = new Uint8Array(0)): Promise<void> {
    await this.#writer.write(Buffer.concat([Buffer.from(`${JSON.stringify(said)}\n`), snapshot]));
  }

  async close(): Promise<void> {
    await this.#writer.close();
    await this.#reader.close();
  }
}

/** Undefined where it is nothing that a member says here. */
function saidIn(bytes: Buffer): Said | undefined {
  try {
    const said = JSON.parse(bytes.toString('utf8', 0, bytes.indexOf('\n'))) as Said;
    const isSaid =
      said.kind === 'ask'
        ? Number.isSafeInteger(said.from.epoch) && Number.isSafeInteger(said.from.sequence)
        : said.kind === 'give' || said.kind === 'none';
    return isSaid ? said : undefined;
  } catch {
    return undefined;
  }
}

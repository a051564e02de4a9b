import { randomUUID } from 'node:crypto';
import type { Participant, Reader } from '../dds/index.js';
import { FrameBuilder } from './frame-builder.js';
import type { GatewayLimits } from './limits.js';
import type { Outlet } from './outlet.js';
import { passThrough, type RawSample } from './pass-through.js';
import { SharedEndpoint, type Wish } from './shared-endpoint.js';
import { type LostSamples, SharedFrame, type Streams } from './shared-frame.js';
import type { FrameVersion, SampleHeader } from './wire/index.js';

/**
 * One topic that external clients read: the gateway's one reader of it, and the outlets of the clients. What the reader gets in a
 * turn of the event loop goes in one frame, built once for all.
 */
export class TopicSource {
  readonly topic: string;
  readonly streams: Streams;
  readonly shared: SharedEndpoint<Reader<RawSample>>;
  readonly #sampleBytesMax: number;
  readonly #outlets = new Set<Outlet>();
  readonly #builder: FrameBuilder;
  #finished: (SharedFrame | LostSamples)[] = [];
  #scheduled = false;
  #name = '';
  /** Samples seen by the present reader. */
  #index = 0;
  #at: FrameVersion | undefined;
  /** What a client that comes now has not missed: frames that are not sent yet reach it. */
  #sent: { index: number; at: FrameVersion | undefined } = { index: 0, at: undefined };

  constructor(
    topic: string,
    streams: Streams,
    participant: Participant,
    limits: GatewayLimits,
    onIdle: () => void,
  ) {
    this.topic = topic;
    this.streams = streams;
    this.#sampleBytesMax = limits.sampleBytesMax;
    this.#builder = new FrameBuilder(streams);
    this.shared = new SharedEndpoint(
      {
        open: ({ type, qos }: Wish) => participant.reader(passThrough(type), { topic, qos }),
        started: (reader) => this.#start(reader),
        idle: onIdle,
      },
      limits.topicIdleMs,
    );
  }

  /** Tells the present reader from those before and after it, and from those of other gateways. */
  get name(): string {
    return this.#name;
  }

  get sent(): { readonly index: number; readonly at: FrameVersion | undefined } {
    return this.#sent;
  }

  addOutlet(outlet: Outlet): void {
    this.#outlets.add(outlet);
  }

  removeOutlet(outlet: Outlet): void {
    this.#outlets.delete(outlet);
  }

  #start(reader: Reader<RawSample>): void {
    this.#name = randomUUID();
    this.#index = 0;
    this.#at = undefined;
    this.#sent = { index: 0, at: undefined };
    // What came between the reader's opening and this turn waits in its cache, and `borrow` would pass it by.
    for (let sample = reader.take(); sample !== undefined; sample = reader.take()) {
      const { bytes, inPlace } = sample.data;
      this.#accept(sample.info, inPlace, bytes, 0, bytes.length);
    }
    reader.borrow(({ info, inPlace, memory, offset, length }) =>
      this.#accept(info, inPlace, memory.bytes, offset, length),
    );
  }

  #accept(info: SampleHeader, inPlace: boolean, bytes: Uint8Array, offset: number, length: number): void {
    if (this.#outlets.size === 0 && !this.#scheduled) {
      this.#advance(info);
      this.#sent = { index: this.#index, at: this.#at };
      return;
    }
    if (length > this.#sampleBytesMax) this.#lose(info);
    else {
      if (!this.#builder.hasRoom(length)) this.#finish();
      this.#builder.append(info, inPlace, bytes, offset, length);
      this.#advance(info);
    }
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#flush();
    });
  }

  /** Too large for any client. */
  #lose(info: SampleHeader): void {
    this.#finish();
    this.#advance(info);
    this.#finished.push({ from: this.#at!, to: this.#at!, count: 1, index: this.#index });
  }

  #advance({ epoch, sequence }: SampleHeader): void {
    this.#index++;
    this.#at = { epoch, sequence };
  }

  #finish(): void {
    const frame = this.#builder.finish(this.#index);
    if (frame !== undefined) this.#finished.push(frame);
  }

  #flush(): void {
    this.#finish();
    const finished = this.#finished;
    this.#finished = [];
    this.#sent = { index: this.#index, at: this.#at };
    for (const outlet of this.#outlets) for (const frame of finished) offer(outlet, frame);
  }
}

function offer(outlet: Outlet, frame: SharedFrame | LostSamples): void {
  if (frame instanceof SharedFrame) outlet.offer(frame);
  else {
    outlet.lose(frame);
    outlet.drain();
  }
}

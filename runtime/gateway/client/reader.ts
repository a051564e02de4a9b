import { BehaviorSubject, type Observable, Subject } from 'rxjs';
import type { Memory, TopicType } from '../../../codegen/support/index.js';
import type {
  GapMessage,
  OpenedReaderMessage,
  OpenedWriterMessage,
  OpenMessage,
  SampleFrame,
} from '../wire/index.js';
import type { Endpoint } from './endpoint.js';
import { SampleCache } from './sample-cache.js';
import { type Gap, type Sample, SampleInfo, type Version } from './sample-info.js';

/**
 * Reads one topic through a gateway.
 *
 * ```ts
 * const reader = await client.reader(Flight);
 * reader.samples$.subscribe(({ data, info }) => console.log(info.sequence, data.origin));
 * reader.gaps$.subscribe(({ count }) => console.warn(`${count} flights were missed`));
 * ```
 */
export class ClientReader<T> implements Endpoint {
  readonly topic: string;
  readonly type: TopicType<T>;
  /** Owned samples, in the topic's order. Completes when the reader or its client is closed; fails when the client has to stop. */
  readonly samples$: Observable<Sample<T>>;
  /** What this reader missed: it was slow, or its connection broke. Told before the samples that follow the gap. */
  readonly gaps$: Observable<Gap>;
  /** Samples that could not be decoded. Where nobody subscribes, they go to the console. */
  readonly errors$: Observable<unknown>;
  /** How many writers the domain has for the topic. */
  readonly matched$: Observable<number>;
  readonly openMessage: OpenMessage;
  readonly #cache: SampleCache<T>;
  readonly #gaps = new Subject<Gap>();
  readonly #errors = new Subject<unknown>();
  readonly #matched = new BehaviorSubject(0);
  readonly #onClose: () => void;
  #source: string | undefined;
  #index = 0;
  #last: Version | undefined;
  /** Samples known to be missed since another reader of the gateway took over: told with the first sample. */
  #untold: number | undefined;
  #stream = -1;

  /** Made by `Client.reader`. */
  constructor(type: TopicType<T>, openMessage: OpenMessage, onClose: () => void) {
    this.topic = openMessage.topic;
    this.type = type;
    this.openMessage = openMessage;
    this.#onClose = onClose;
    this.#cache = new SampleCache((gap) => this.#gaps.next(gap));
    this.samples$ = this.#cache.samples$;
    this.gaps$ = this.#gaps.asObservable();
    this.errors$ = this.#errors.asObservable();
    this.matched$ = this.#matched.asObservable();
  }

  /** Stops reading: `samples$` completes. */
  close(): Promise<void> {
    this.#onClose();
    return Promise.resolve();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  // ---- what the client tells ----

  /** The number of its stream in the present session, or -1. */
  get stream(): number {
    return this.#stream;
  }

  opened(message: OpenedReaderMessage | OpenedWriterMessage): void {
    if (message.role !== 'reader') return;
    const { source, index, at, stream } = message;
    this.#stream = stream;
    if (source === this.#source) this.#tell(index - this.#index, true, at);
    else if (this.#source !== undefined) this.#takenOver(index, at);
    this.#source = source;
    this.#index = index;
    this.#last = at ?? this.#last;
  }

  /** The gateway's reader is another than before: nobody counted what came between. */
  #takenOver(count: number, at: Version | undefined): void {
    if (at === undefined) this.#untold = count;
    else this.#tell(count, false, at);
  }

  #tell(count: number, exact: boolean, to: Version | undefined): void {
    if ((exact && count <= 0) || to === undefined) return;
    const from = this.#last === undefined ? { epoch: 0, sequence: 0 } : following(this.#last);
    this.#gaps.next({ count, exact, from, to });
  }

  accept(frame: SampleFrame, memory: Memory): void {
    const nowUs = Math.floor((performance.timeOrigin + performance.now()) * 1000);
    for (const framed of frame.samples) {
      this.#tellUntold(framed);
      const info = new SampleInfo(framed, nowUs);
      this.#last = info.version;
      let data: T;
      try {
        const codec = framed.inPlace ? this.type.inPlace : this.type.protobuf;
        if (codec === undefined)
          throw new TypeError(`${this.type.name} has no in-place layout, and a sample came in it`);
        data = codec.decode(memory, framed.offset, framed.length);
      } catch (error) {
        this.#report(error);
        continue;
      }
      this.#cache.push({ data, info });
    }
    this.#index = frame.index;
  }

  #report(error: unknown): void {
    if (this.#errors.observed) this.#errors.next(error);
    else console.warn(error);
  }

  #tellUntold(sample: Version): void {
    if (this.#untold === undefined) return;
    const count = this.#untold;
    this.#untold = undefined;
    this.#tell(count, false, { epoch: sample.epoch, sequence: Math.max(0, sample.sequence - 1) });
  }

  missed({ count, from, to, index }: GapMessage): void {
    this.#index = index;
    this.#last = to;
    this.#gaps.next({ count, exact: true, from, to });
  }

  matched(count: number): void {
    this.#matched.next(count);
  }

  acknowledged(): void {
    // Readers write nothing.
  }

  rejected(): void {
    // Readers write nothing.
  }

  lost(): void {
    this.#stream = -1;
    this.#matched.next(0);
  }

  ended(error: Error | undefined): void {
    this.#cache.end(error);
    this.#gaps.complete();
    this.#errors.complete();
    this.#matched.complete();
  }
}

function following({ epoch, sequence }: Version): Version {
  return { epoch, sequence: sequence + 1 };
}

import type { Follower } from '../host.js';
import type { MemberId } from '../transport.js';
import type { HelloFrame } from './hello.js';

/** How long a follower may take for an answer, which it may have to make durable first. */
const answerMs = 5_000;

/** One that waits as I do, and follows me: its connection, as long as that lasts. */
export class Following implements Follower {
  readonly id: MemberId;
  readonly #send: (frame: HelloFrame) => void;
  readonly #end: (frame: HelloFrame) => void;
  #asked: { told: (text: string) => void; failed: (error: Error) => void } | undefined;
  #isGone = false;

  /** `end` says a last word. */
  constructor(id: MemberId, send: (frame: HelloFrame) => void, end: (frame: HelloFrame) => void) {
    this.id = id;
    this.#send = send;
    this.#end = end;
  }

  async ask(word: string): Promise<string> {
    let timer: NodeJS.Timeout | undefined;
    try {
      return await new Promise<string>((told, failed) => {
        if (this.#isGone) throw new Error(`member ${this.id} does not follow any more`);
        this.#asked = { told, failed };
        timer = setTimeout(() => failed(new Error(`member ${this.id} did not answer in time`)), answerMs);
        this.#send({ kind: 'ask', ask: word });
      });
    } catch (error) {
      // What it says later would be taken for the answer to something else.
      this.release(false);
      throw error;
    } finally {
      clearTimeout(timer);
      this.#asked = undefined;
    }
  }

  welcome(text: string): void {
    this.#last({ kind: 'welcome', welcome: text });
  }

  /** It is to look for the domain again. */
  release(founding: boolean): void {
    this.#last({ kind: 'closed', founding });
  }

  told(text: string): void {
    this.#asked?.told(text);
  }

  gone(): void {
    this.#isGone = true;
    this.#asked?.failed(new Error(`member ${this.id} is gone`));
  }

  get isGone(): boolean {
    return this.#isGone;
  }

  #last(frame: HelloFrame): void {
    if (this.#isGone) return;
    this.gone();
    this.#end(frame);
  }
}

/** Those who follow this member while it leads those who wait for a domain (docs/protocol.md, section 12). */
export class Followers {
  /** Nobody is taken who would not be led. */
  isLeading = false;
  #list: Following[] = [];

  get list(): readonly Following[] {
    return (this.#list = this.#list.filter(({ isGone }) => !isGone));
  }

  add(follower: Following): void {
    for (const before of this.#list) if (before.id === follower.id) before.gone();
    this.#list.push(follower);
  }

  /** They are led no more: all are to look for the domain again. */
  release(founding = false): void {
    this.isLeading = false;
    for (const follower of this.list) follower.release(founding);
    this.#list = [];
  }
}

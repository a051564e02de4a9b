import type { Socket } from 'node:net';
import { FRAME_BYTES_MAX, FrameError } from '../json-frames.js';
import type { AnswerStranger, DoorReply, Refusal } from '../host.js';
import type { MemberId } from '../transport.js';
import type { Credentials } from './credentials.js';
import { drawNonce, subjectShown } from './credentials.js';
import { Following } from './followers.js';
import type { Followers } from './followers.js';
import { HelloReader, encodeHello } from './hello.js';
import type { HelloFrame } from './hello.js';
import type { Refusals } from './refusals.js';

/** How long a connection may take to go after it was answered. */
const patienceMs = 5_000;

/** The member that is visited. */
export interface Receiver {
  readonly self: MemberId;
  readonly domain: string;
  readonly credentials: Credentials;
  readonly refusals: Refusals;
  /** Where others can be asked to let a stranger in. */
  contacts(): readonly string[];
  /** Lets strangers in: undefined while I am no member myself. */
  readonly door: AnswerStranger | undefined;
  /** I found the domain, and will soon let others in. */
  readonly founding: boolean;
  /** Who waits too, and follows me. */
  readonly followers: Followers;
  /** A peer links with me, shows a certificate of `subject`, and that it sees my memory: my token for it, or why it may not; once that is sent, `begin` is called. */
  link(
    peer: MemberId,
    token: string,
    subject: string | undefined,
    seen: string | undefined,
  ):
    | { token: string; seen?: string | undefined; begin: (socket: Socket, rest: Buffer) => void }
    | { refused: string };
  /** Whose heart it is that shows `token`; gives what takes its beats. */
  beat(token: string, region: string, index: number): ((beats: number) => void) | undefined;
}

/** One connection to this member, until it is known what it is. */
export class Visit {
  readonly #socket: Socket;
  readonly #receiver: Receiver;
  readonly #settled: () => void;
  readonly #frames = new HelloReader();
  readonly #listen = (chunk: Buffer) => {
    this.#read(chunk);
  };
  #hello: Extract<HelloFrame, { kind: 'hello' }> | undefined;
  #conversation: unknown[] = [];
  #greeting = '';
  #follower: Following | undefined;
  #state: 'silent' | 'challenged' | 'known' | 'greeted' | 'asked' | 'following' | 'answered' | 'handed over' =
    'silent';

  /** @param settled called once it is known what the connection is: it is no stranger's any more, and may take its time */
  constructor(socket: Socket, receiver: Receiver, settled: () => void) {
    this.#socket = socket;
    this.#receiver = receiver;
    this.#settled = settled;
    socket.unref();
    socket.on('data', this.#listen);
    socket.on('error', () => undefined);
  }

  #read(chunk: Buffer): void {
    try {
      this.#frames.push(chunk);
      while (this.#state !== 'handed over' && this.#state !== 'answered') {
        const frame = this.#frames.next();
        if (frame === undefined) return;
        this.#take(frame);
      }
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      // In vain where the other side speaks no Bowecho; of use where its version is another.
      this.#refuse('garbage', error.message);
      this.#last({ kind: 'refused', refused: error.message });
    }
  }

  #take(frame: HelloFrame): void {
    const state = this.#state;
    if (state === 'silent' && frame.kind === 'hello') this.#challenge(frame);
    else if (state === 'silent' && frame.kind === 'beat') this.#listenToHeart(frame);
    else if (state === 'challenged' && frame.kind === 'proof') this.#check(frame.proof);
    else if (state === 'known' && frame.kind === 'greet') this.#hear(frame.greeting);
    else if (state === 'known' && frame.kind === 'link') this.#link(frame);
    else if (state === 'greeted' && frame.kind === 'please') this.#ask();
    else if (state === 'known' && frame.kind === 'follow') this.#lead();
    else if (state === 'following' && frame.kind === 'told') this.#follower!.told(frame.told);
    else {
      this.#refuse('garbage', `${frame.kind} is not at its turn`);
      this.#drop();
    }
  }

  #challenge(hello: Extract<HelloFrame, { kind: 'hello' }>): void {
    const { self, domain, credentials } = this.#receiver;
    if (hello.domain !== domain) {
      this.#refuse('domain', `it looks for ${JSON.stringify(hello.domain.slice(0, 64))}`);
      this.#last({
        kind: 'refused',
        refused: `this is domain ${domain}, not ${hello.domain}: look at the address's end`,
      });
      return;
    }
    const nonce = drawNonce();
    this.#hello = hello;
    this.#conversation = [domain, hello.purpose, hello.from, self, hello.nonce, nonce];
    this.#state = 'challenged';
    this.#socket.write(
      encodeHello({
        kind: 'answer',
        from: self,
        nonce,
        proof: credentials.proof('answer', this.#conversation),
      }),
    );
  }

  #check(proof: string): void {
    if (!this.#receiver.credentials.isProof(proof, 'proof', this.#conversation)) {
      this.#refuse('secret', `it says to be member ${this.#hello!.from}`);
      this.#last({
        kind: 'refused',
        refused: "you do not know this domain's secret: give all members the same",
      });
      return;
    }
    this.#state = 'known';
    this.#frames.trust(FRAME_BYTES_MAX);
  }

  #hear(greeting: string): void {
    const { door, founding } = this.#receiver;
    if (door === undefined) {
      this.#last({ kind: 'closed', founding });
      return;
    }
    this.#state = 'greeted';
    this.#greeting = greeting;
    this.#socket.write(encodeHello({ kind: 'heard', contacts: this.#receiver.contacts().slice(0, 256) }));
  }

  /** Only now: a stranger that gave us up meanwhile (we were stopped) may be on its way in through another member. */
  #ask(): void {
    this.#state = 'asked';
    this.#settled();
    this.#receiver.door?.(
      this.#hello!.from,
      this.#greeting,
      (reply) => {
        this.#reply(reply);
      },
      subjectShown(this.#socket),
    );
  }

  #reply(reply: DoorReply): void {
    if (this.#state !== 'asked' || this.#socket.destroyed) return;
    try {
      this.#last('welcome' in reply ? { kind: 'welcome', ...reply } : { kind: 'refused', ...reply });
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      this.#last({ kind: 'refused', refused: error.message });
    }
  }

  /** It waits as I do, and has nobody before me. */
  #lead(): void {
    const { followers, founding } = this.#receiver;
    if (!followers.isLeading) {
      this.#last({ kind: 'closed', founding });
      return;
    }
    this.#state = 'following';
    this.#settled();
    const follower = new Following(
      this.#hello!.from,
      (frame) => this.#socket.write(encodeHello(frame)),
      (frame) => this.#last(frame),
    );
    this.#follower = follower;
    this.#socket.once('close', () => follower.gone());
    followers.add(follower);
  }

  #link({ token, seen }: Extract<HelloFrame, { kind: 'link' }>): void {
    const answer = this.#receiver.link(this.#hello!.from, token, subjectShown(this.#socket), seen);
    if ('refused' in answer) {
      this.#refuse('member', answer.refused);
      this.#last({ kind: 'refused', refused: answer.refused });
      return;
    }
    this.#socket.write(encodeHello({ kind: 'link', token: answer.token, seen: answer.seen }));
    this.#handOver();
    answer.begin(this.#socket, this.#frames.rest());
  }

  #listenToHeart({ token, region, index }: Extract<HelloFrame, { kind: 'beat' }>): void {
    const take = this.#receiver.beat(token, region, index);
    if (take === undefined) {
      this.#refuse('heart');
      this.#drop();
      return;
    }
    this.#handOver();
    let rest = this.#frames.rest();
    const listen = (chunk: Buffer) => {
      const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      const beats = bytes.length >> 3;
      if (beats > 0) take(bytes.readDoubleLE((beats - 1) * 8));
      rest = bytes.subarray(beats * 8);
    };
    this.#socket.on('data', listen);
  }

  #handOver(): void {
    this.#state = 'handed over';
    this.#socket.off('data', this.#listen);
    this.#settled();
  }

  #refuse(refusal: Refusal, detail?: string): void {
    this.#receiver.refusals.add(refusal, this.#socket.remoteAddress, detail);
  }

  #drop(): void {
    this.#state = 'answered';
    this.#socket.destroy();
  }

  #last(frame: HelloFrame): void {
    const bytes = encodeHello(frame);
    this.#state = 'answered';
    this.#socket.end(bytes);
    setTimeout(() => this.#socket.destroy(), patienceMs).unref();
  }
}

import type { Socket } from 'node:net';
import { FRAME_BYTES_MAX, FrameError } from '../json-frames.js';
import type { MemberId } from '../transport.js';
import { drawNonce } from './credentials.js';
import type { Credentials } from './credentials.js';
import { HelloReader, encodeHello } from './hello.js';
import type { HelloFrame, Purpose } from './hello.js';

/** Why a connection to a member came to nothing. */
export type DialFailure =
  | { readonly none: 'nobody' } // nobody listens there
  | { readonly none: 'gone' } // it was there, and is no more; or the way to it is broken
  | { readonly none: 'mute' } // it took the connection, and ended it before it said who it is
  | { readonly none: 'silent' } // no answer within the time given
  | { readonly refused: string; readonly code?: 'BE_NOT_PERMITTED' };

/** What to say of a place that was dialed in vain. */
export const failureTexts: { readonly [None in Extract<DialFailure, { none: string }>['none']]: string } = {
  nobody: 'has nobody who listens',
  silent: 'does not answer: is it cut off, or stopped?',
  mute: 'ends our connections without a word: it may have too many, or not protect them as we do (tls, secret, plain)',
  gone: 'cannot be reached',
};

export interface DialOptions {
  readonly self: MemberId;
  readonly domain: string;
  readonly credentials: Credentials;
  readonly purpose: Purpose;
  readonly host: string;
  readonly port: number;
  /** How long the other side may take to prove who it is. */
  readonly patienceMs: number;
}

export interface DialEvents {
  /** The other side has proved that it belongs to the domain. */
  known(peer: MemberId, dialing: Dialing): void;
  frame(frame: HelloFrame, dialing: Dialing): void;
  failed(failure: DialFailure): void;
}

/** A connection to a member, from this end. */
export class Dialing {
  readonly socket: Socket;
  readonly #options: DialOptions;
  readonly #events: DialEvents;
  readonly #frames = new HelloReader();
  readonly #nonce = drawNonce();
  readonly #timer: NodeJS.Timeout;
  readonly #listen = (chunk: Buffer) => {
    this.#read(chunk);
  };
  #connected = false;
  #state: 'dialing' | 'known' | 'over' = 'dialing';

  constructor(options: DialOptions, events: DialEvents) {
    this.#options = options;
    this.#events = events;
    const { self: from, domain, purpose, host, port } = options;
    this.socket = options.credentials.connect(host, port, () => {
      this.socket.write(encodeHello({ kind: 'hello', from, domain, purpose, nonce: this.#nonce }));
    });
    this.#timer = setTimeout(() => {
      this.fail({ none: 'silent' });
    }, options.patienceMs);
    this.socket.on('data', this.#listen);
    this.socket.on('connect', () => (this.#connected = true));
    this.socket.on('error', (error: NodeJS.ErrnoException) => {
      // Whoever is cut off without a word has something to mend, and the error that the system gives does not say what.
      const failure = failureOf(error, `${host}:${port}`);
      if ('none' in failure && failure.none === 'gone') return;
      this.fail(failure);
    });
    this.socket.on('close', () => {
      this.fail({ none: this.#connected && this.#state === 'dialing' ? 'mute' : 'gone' });
    });
  }

  send(frame: HelloFrame): void {
    this.socket.write(encodeHello(frame));
  }

  /** It has said all that it is to say in time. */
  isPatient(): void {
    clearTimeout(this.#timer);
  }

  fail(failure: DialFailure): void {
    if (this.#state === 'over') return;
    this.#over();
    this.socket.destroy();
    this.#events.failed(failure);
  }

  /** The connection serves another end from now on; gives what has come already. */
  handOver(): Buffer {
    this.#over();
    this.socket.off('data', this.#listen);
    return this.#frames.rest();
  }

  #over(): void {
    this.#state = 'over';
    clearTimeout(this.#timer);
  }

  #read(chunk: Buffer): void {
    try {
      this.#frames.push(chunk);
      while (this.#state !== 'over') {
        const frame = this.#frames.next();
        if (frame === undefined) return;
        if (frame.kind === 'refused') this.fail(frame);
        else if (this.#state === 'known') this.#events.frame(frame, this);
        else if (frame.kind === 'answer') this.#check(frame);
        else this.fail({ refused: `it said ${frame.kind} out of turn` });
      }
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      this.fail({ refused: error.message });
    }
  }

  #check({ from, nonce, proof }: Extract<HelloFrame, { kind: 'answer' }>): void {
    const { self, domain, purpose, credentials } = this.#options;
    const conversation = [domain, purpose, self, from, this.#nonce, nonce];
    if (!credentials.isProof(proof, 'answer', conversation)) {
      this.fail({ refused: "it does not know this domain's secret: give all members the same" });
      return;
    }
    this.#state = 'known';
    this.#frames.trust(FRAME_BYTES_MAX);
    this.send({ kind: 'proof', proof: credentials.proof('proof', conversation) });
    this.#events.known(from, this);
  }
}

function failureOf(error: NodeJS.ErrnoException, where: string): DialFailure {
  const code = error.code ?? '';
  if (code === 'ECONNREFUSED') return { none: 'nobody' };
  // Whatever TLS has to say: this side, or the other, does not accept the certificate or the secret, or only one of the two speaks TLS.
  const isTls = /^(ERR_SSL|ERR_TLS|EPROTO|CERT_|UNABLE_|DEPTH_|SELF_)/.test(code);
  if (isTls)
    return {
      refused: `TLS with ${where} failed (${error.message.trim()}): give all members certificates of one authority, or the same secret`,
    };
  return { none: 'gone' };
}

import { connect } from 'node:net';
import type { DoorReply } from '../host.js';
import type { MemberId } from '../transport.js';
import { FrameError, FrameReader, encodeFrame } from './frames.js';
import type { DoorFrame } from './frames.js';

/** What came of asking one member: its reply, or why there was none. */
export type GreetingOutcome =
  | DoorReply
  | { readonly none: 'closed' } // its door is shut
  | { readonly none: 'gone' } // it died, or is dying
  | { readonly none: 'silent' }; // it lives, and does not say a word: stopped, or very busy

export interface Greeting {
  readonly path: string;
  readonly from: MemberId;
  readonly greeting: string;
  /** How long it may take to say that it has heard us. The reply itself takes as long as it takes. */
  readonly patienceMs: number;
  /** Ends the attempt, as if the member were gone. */
  readonly signal: AbortSignal;
  /** Called once the member has heard us, before it is asked to let us in. */
  readonly onHeard: () => void;
}

/** Asks the member whose socket is at `path` to let us in. */
export async function greet(options: Greeting): Promise<GreetingOutcome> {
  return await new Promise<GreetingOutcome>((resolve) => {
    const socket = connect(options.path);
    const frames = new FrameReader();
    const finish = (outcome: GreetingOutcome) => {
      clearTimeout(timer);
      options.signal.removeEventListener('abort', abort);
      resolve(outcome);
      socket.destroy();
    };
    const abort = () => {
      finish({ none: 'gone' });
    };
    const timer = setTimeout(() => {
      finish({ none: 'silent' });
    }, options.patienceMs);
    options.signal.addEventListener('abort', abort, { once: true });

    const take = (frame: DoorFrame) => {
      if (frame.kind === 'heard') {
        clearTimeout(timer);
        options.onHeard();
        socket.write(encodeFrame({ kind: 'please' }));
      } else if (frame.kind === 'welcome') {
        finish({ welcome: frame.welcome });
      } else if (frame.kind === 'refused') {
        finish({ refused: frame.refused });
      } else {
        finish({ none: 'closed' });
      }
    };
    socket.on('data', (chunk) => {
      try {
        for (const frame of frames.push(chunk)) take(frame);
      } catch (error) {
        if (!(error instanceof FrameError)) throw error;
        finish({ refused: error.message });
      }
    });
    socket.on('error', () => {
      finish({ none: 'gone' });
    });
    socket.on('close', () => {
      finish({ none: 'gone' });
    });
    socket.write(encodeFrame({ kind: 'greet', from: options.from, greeting: options.greeting }));
  });
}

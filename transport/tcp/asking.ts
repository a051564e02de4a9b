import type { MemberId } from '../transport.js';
import { Dialing } from './dialing.js';
import type { DialFailure, DialOptions } from './dialing.js';
import type { HelloFrame } from './hello.js';

export type Answer =
  | { readonly welcome: string; readonly from: MemberId }
  | { readonly closed: 'founding' | 'waiting'; readonly from: MemberId }
  | DialFailure;

/** What is said to one contact. */
export interface Question {
  readonly options: Omit<DialOptions, 'purpose'>;
  /** The first word to one that has shown that it belongs to the domain. */
  readonly opening: HelloFrame;
  /** What else it says is answered so; undefined: it is out of turn. */
  readonly answer: (frame: HelloFrame, dialing: Dialing, from: MemberId) => true | undefined;
}

/** Every question that is open, so that a meeting which ends leaves none behind. */
export class Asking {
  readonly #dialings = new Set<Dialing>();

  /** Asks one contact; resolves once it has let this member in, has said that it cannot, or is gone. */
  async ask({ options, opening, answer }: Question): Promise<Answer> {
    return await new Promise<Answer>((settle) => {
      let from: MemberId = 0;
      const finish = (found: Answer, dialing: Dialing) => {
        this.#dialings.delete(dialing);
        settle(found);
        dialing.fail({ none: 'gone' });
      };
      const dialing = new Dialing(
        { ...options, purpose: 'greet' },
        {
          known(peer, known) {
            from = peer;
            if (peer === options.self) finish({ none: 'gone' }, known);
            else known.send(opening);
          },
          frame(frame, known) {
            if (frame.kind === 'welcome') finish({ welcome: frame.welcome, from }, known);
            else if (frame.kind === 'closed')
              finish({ closed: frame.founding ? 'founding' : 'waiting', from }, known);
            else if (answer(frame, known, from) === undefined)
              finish({ refused: `${options.host}:${options.port} said ${frame.kind} out of turn` }, known);
          },
          failed(failure) {
            settle(failure);
          },
        },
      );
      this.#dialings.add(dialing);
    });
  }

  end(): void {
    for (const dialing of this.#dialings) dialing.fail({ none: 'gone' });
  }
}

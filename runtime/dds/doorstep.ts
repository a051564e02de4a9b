import type { DoorReply, MemberId } from '../../transport/index.js';
import type { Membership } from '../membership/membership.js';
import type { View } from '../membership/view.js';
import { asJson } from './admission.js';
import type { Gatekeeper } from './gatekeeper.js';
import { decodeGreeting, encodeWelcome, type Greeting, knows, type MemberInfo } from './wire.js';

/** Strangers that asked this member to be let in, and wait for a view that has them. */
export class Doorstep {
  readonly #membership: Membership;
  readonly #gatekeeper: Gatekeeper;
  readonly #waiting = new Map<MemberId, (reply: DoorReply) => void>();
  #closedBecause: string | undefined;

  constructor(membership: Membership, gatekeeper: Gatekeeper) {
    this.#membership = membership;
    this.#gatekeeper = gatekeeper;
  }

  /** A stranger greets, and shows a certificate of `subject`: the domain is asked to take it in. */
  answer(
    stranger: MemberId,
    text: string,
    reply: (reply: DoorReply) => void,
    subject: string | undefined,
  ): void {
    if (this.#closedBecause !== undefined) {
      reply({ refused: this.#closedBecause });
      return;
    }
    let greeting: Greeting;
    try {
      greeting = decodeGreeting(text);
    } catch (error) {
      reply({ refused: (error as Error).message });
      return;
    }
    const { kept = [], ...said } = greeting;
    const info: MemberInfo = { ...said, ...(subject !== undefined && { subject }) };
    const refusal = this.#gatekeeper.refusal(info);
    if (refusal !== undefined) {
      reply(refusal);
      return;
    }
    const { view } = this.#membership;
    // It looks for a domain of this name that was before: it is shown this one, and sees that for itself.
    if (!knows(view, kept)) {
      reply({ welcome: encodeWelcome(view) });
      return;
    }
    this.#waiting.set(stranger, reply);
    this.#membership.request([{ op: 'join', member: stranger, info: asJson(info) }]);
    this.welcome(view);
  }

  /** Sends the view to those whom it has. */
  welcome(view: View): void {
    for (const [stranger, reply] of this.#waiting) {
      if (!view.members.some(({ id }) => id === stranger)) continue;
      this.#waiting.delete(stranger);
      reply({ welcome: encodeWelcome(view) });
    }
  }

  close(reason: string): void {
    this.#closedBecause = reason;
    for (const reply of this.#waiting.values()) reply({ refused: reason });
    this.#waiting.clear();
  }
}

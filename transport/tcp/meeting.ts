import { startDeadline } from '../deadline.js';
import { TransportError } from '../errors.js';
import type { MemberId } from '../transport.js';
import type { HostPort } from './address.js';
import { formatHostPort, parseHostPort, resolve } from './address.js';
import type { Contact } from './address.js';
import { Dialing, failureTexts } from './dialing.js';
import type { DialFailure, DialOptions } from './dialing.js';

/** How long to wait before looking again at who is there. */
const againMs = 20;
/** How long a contact may take to answer, at most. */
const patienceMsMax = 2_000;

export interface Meeting {
  readonly entries: readonly HostPort[];
  readonly who: Pick<DialOptions, 'self' | 'domain' | 'credentials'>;
  readonly greeting: string;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
  /** Listens on the contact as well, where it is an address of this machine on which nobody listens. True where this member listens there. */
  claim(contact: Contact): Promise<boolean>;
}

type Answer =
  | { readonly welcome: string; readonly from: MemberId }
  | { readonly closed: 'founding' | 'waiting'; readonly from: MemberId }
  | DialFailure;

/** A contact that was asked, and what came of it. */
interface Asked {
  readonly contact: HostPort;
  readonly answer: Answer;
}

/**
 * Meets the domain: asks everyone that the address names, and whom those know, to be let in; gives the welcome, or undefined where this member
 * is to found the domain.
 *
 * The domain is founded by who listens on the first place of the address, and by nobody else: two members cannot both. Even that one founds it
 * only where more than half of all places are known to have no domain (nobody listens there, or somebody who waits too), so that a
 * member that comes back while it cannot reach the others does not found a second one (docs/protocol.md, section 12).
 */
export async function meetDomain(meeting: Meeting): Promise<string | undefined> {
  const troubles = new Map<string, string>();
  const hints = new Map<string, HostPort>();
  const deadline = startDeadline(meeting.timeoutMs, meeting.signal, () => tellWhom(meeting, troubles));
  const dialings = new Set<Dialing>();
  try {
    for (;;) {
      const { contacts, unknown } = await deadline.race(resolve(meeting.entries));
      const own = new Set<string>();
      for (const contact of contacts)
        if (await deadline.race(meeting.claim(contact))) own.add(formatHostPort(contact));
      const others = contacts.filter((contact) => !own.has(formatHostPort(contact)));
      const empty = await askAll(others);
      if (typeof empty === 'string') return empty;
      const known = await askAll([...hints.values()]);
      if (typeof known === 'string') return known;
      const isFirst = contacts.some((contact) => contact.entry === 0 && own.has(formatHostPort(contact)));
      const firsts = contacts.filter(({ entry }) => entry === 0).length;
      const places = contacts.length + unknown.length;
      if (isFirst && firsts === 1 && (own.size + empty) * 2 > places) return undefined;
      if (firsts > 1)
        troubles.set(
          'the first of the addresses',
          'names several places, so nobody founds the domain: name one member first',
        );
      for (const { host } of unknown) troubles.set(host, 'is a name without an address');
      await deadline.race(pause());
    }
  } finally {
    deadline.end();
    for (const dialing of dialings) dialing.fail({ none: 'gone' });
  }

  /** The welcome of the first that gives one; else how many places are known to have no domain. */
  async function askAll(contacts: readonly HostPort[]): Promise<string | number> {
    let empty = 0;
    for (const contact of contacts) {
      const answer = await deadline.race(ask(contact));
      if ('welcome' in answer) return answer.welcome;
      if ('refused' in answer) throw new TransportError('BE_JOIN_REFUSED', answer.refused);
      note({ contact, answer });
      if ('closed' in answer ? answer.closed === 'waiting' : answer.none === 'nobody') empty++;
    }
    return empty;
  }

  function note({ contact, answer }: Asked): void {
    const place = formatHostPort(contact);
    if ('closed' in answer) {
      const doing =
        answer.closed === 'founding'
          ? 'founds the domain, and has not opened its door'
          : 'waits to be let in too';
      troubles.set(place, `(member ${answer.from}) ${doing}`);
    } else if ('none' in answer) {
      troubles.set(place, failureTexts[answer.none]);
      hints.delete(place);
    }
  }

  async function ask(contact: HostPort): Promise<Answer> {
    return await new Promise<Answer>((settle) => {
      let from: MemberId = 0;
      const finish = (answer: Answer, dialing: Dialing) => {
        dialings.delete(dialing);
        settle(answer);
        dialing.fail({ none: 'gone' });
      };
      const options: DialOptions = {
        ...meeting.who,
        ...contact,
        purpose: 'greet',
        patienceMs: Math.max(1, Math.min(patienceMsMax, meeting.timeoutMs / 2, deadline.leftMs)),
      };
      const asking = new Dialing(options, {
        known(peer, dialing) {
          from = peer;
          if (peer === meeting.who.self) finish({ none: 'gone' }, dialing);
          else dialing.send({ kind: 'greet', greeting: meeting.greeting });
        },
        frame(frame, dialing) {
          if (frame.kind === 'heard') {
            dialing.isPatient();
            troubles.set(formatHostPort(contact), `(member ${from}) has heard us and did not let us in`);
            for (const other of frame.contacts) keepHint(other);
            dialing.send({ kind: 'please' });
          } else if (frame.kind === 'welcome') finish({ welcome: frame.welcome, from }, dialing);
          else if (frame.kind === 'closed')
            finish({ closed: frame.founding ? 'founding' : 'waiting', from }, dialing);
          else finish({ refused: `${formatHostPort(contact)} said ${frame.kind} out of turn` }, dialing);
        },
        failed(failure) {
          settle(failure);
        },
      });
      dialings.add(asking);
    });
  }

  /** Whom a member knows may let us in where that one dies. */
  function keepHint(text: string): void {
    try {
      hints.set(text, parseHostPort(text));
    } catch {
      // Not worth more: it was only a hint.
    }
  }
}

async function pause(): Promise<void> {
  await new Promise<void>((resolve) => {
    setTimeout(resolve, againMs);
  });
}

function tellWhom({ who, timeoutMs }: Meeting, troubles: ReadonlyMap<string, string>): string {
  const words = [...troubles].map(([place, trouble]) => `${place} ${trouble}`);
  return `domain ${who.domain} did not let us in within ${timeoutMs} ms: ${words.join('; ') || 'its addresses were being looked up'}`;
}

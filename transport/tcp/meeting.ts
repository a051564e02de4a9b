import { startDeadline } from '../deadline.js';
import { TransportError } from '../errors.js';
import type { MeetOptions } from '../host.js';
import type { HostPort } from './address.js';
import { formatHostPort, parseHostPort, resolve } from './address.js';
import type { Contact } from './address.js';
import { failureTexts } from './dialing.js';
import type { Answer } from './asking.js';
import { Asking } from './asking.js';
import type { DialOptions } from './dialing.js';
import type { Followers } from './followers.js';

/** How long to wait before looking again at who is there. */
const againMs = 20;
/** How long a contact may take to answer, at most. */
const patienceMsMax = 2_000;
/** Who leads speaks more often; it asks everyone else in between. */
const leaderSilenceMs = 60_000;

export interface Meeting extends MeetOptions {
  readonly entries: readonly HostPort[];
  readonly who: Pick<DialOptions, 'self' | 'domain' | 'credentials'>;
  readonly greeting: string;
  readonly followers: Followers;
  /** Listens on the contact as well, where it is an address of this machine on which nobody listens. True where this member listens there. */
  claim(contact: Contact): Promise<boolean>;
}

/** A contact that was asked, and what came of it. */
interface Asked {
  readonly contact: HostPort;
  readonly answer: Answer;
}

/**
 * Meets the domain: asks everyone that the address names, and whom those know, to be let in; gives the welcome, or undefined where this member
 * is to found the domain.
 *
 * Of those who wait the one at the first place of the address leads, and the others follow it: together they may know of a domain that is to begin again
 * (docs/protocol.md, section 8). For the first time the domain is founded by who listens on the first place of the address, and by nobody else: two
 * members cannot both. Even that one founds it only where more than half of all places are known to have no domain (nobody listens there, or somebody
 * who waits too), so that a member that comes back while it cannot reach the others does not found a second one (section 12).
 */
export async function meetDomain(meeting: Meeting): Promise<string | undefined> {
  const { council, followers } = meeting;
  const troubles = new Map<string, string>();
  const hints = new Map<string, HostPort>();
  const deadline = startDeadline(meeting.timeoutMs, meeting.signal, () => tellWhom(meeting, troubles));
  const asking = new Asking();
  try {
    for (;;) {
      const { contacts, unknown } = await deadline.race(resolve(meeting.entries));
      const own = new Set<string>();
      for (const contact of contacts)
        if (await deadline.race(meeting.claim(contact))) own.add(formatHostPort(contact));
      const isMine = (contact: HostPort) => own.has(formatHostPort(contact));
      const asked = await askAll(contacts.filter((contact) => !isMine(contact)));
      if (typeof asked === 'string') return asked;
      const known = await askAll([...hints.values()]);
      if (typeof known === 'string') return known;
      const first = contacts.findIndex(isMine);
      const ahead = asked.find(({ contact, answer }) => isBefore(contact, contacts, first) && waits(answer));
      if (council !== undefined && ahead !== undefined) {
        followers.release();
        const welcome = await deadline.race(follow(ahead.contact));
        if (welcome !== undefined) return welcome;
      } else if (first >= 0) {
        const firsts = contacts.filter(({ entry }) => entry === 0).length;
        const empty = asked.filter(({ answer }) => isEmpty(answer)).length;
        const isMost = (own.size + empty) * 2 > contacts.length + unknown.length;
        const mayFound = contacts[first]!.entry === 0 && firsts === 1 && isMost;
        followers.isLeading = council !== undefined;
        if (council === undefined ? mayFound : await deadline.race(council.lead(followers.list, mayFound)))
          return undefined;
        if (firsts > 1)
          troubles.set(
            'the first of the addresses',
            'names several places, so nobody founds the domain: name one member first',
          );
      }
      for (const { host } of unknown) troubles.set(host, 'is a name without an address');
      await deadline.race(pause());
    }
  } finally {
    deadline.end();
    asking.end();
  }

  /** The welcome of the first that gives one; else what each said. */
  async function askAll(contacts: readonly HostPort[]): Promise<string | Asked[]> {
    const all: Asked[] = [];
    for (const contact of contacts) {
      const answer = await deadline.race(greet(contact));
      if ('welcome' in answer) return answer.welcome;
      if ('refused' in answer) throw new TransportError(answer.code ?? 'BE_JOIN_REFUSED', answer.refused);
      note({ contact, answer });
      all.push({ contact, answer });
    }
    return all;
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

  async function greet(contact: HostPort): Promise<Answer> {
    const patienceMs = Math.max(1, Math.min(patienceMsMax, meeting.timeoutMs / 2, deadline.leftMs));
    return await asking.ask({
      options: { ...meeting.who, ...contact, patienceMs },
      opening: { kind: 'greet', greeting: meeting.greeting },
      answer(frame, dialing, from) {
        if (frame.kind !== 'heard') return undefined;
        dialing.isPatient();
        troubles.set(formatHostPort(contact), `(member ${from}) has heard us and did not let us in`);
        for (const other of frame.contacts) keepHint(other);
        dialing.send({ kind: 'please' });
        return true;
      },
    });
  }

  /** Follows one that waits too, as long as it leads; gives the welcome, where it founds the domain with me. */
  async function follow(contact: HostPort): Promise<string | undefined> {
    let patience: NodeJS.Timeout | undefined;
    const answer = await asking.ask({
      options: { ...meeting.who, ...contact, patienceMs: leaderSilenceMs },
      opening: { kind: 'follow' },
      answer(frame, dialing) {
        if (frame.kind !== 'ask') return undefined;
        dialing.isPatient();
        clearTimeout(patience);
        patience = setTimeout(() => dialing.fail({ none: 'silent' }), leaderSilenceMs).unref();
        void council!.follow(frame.ask).then(
          (told) => dialing.send({ kind: 'told', told }),
          () => dialing.fail({ none: 'gone' }),
        );
        return true;
      },
    });
    clearTimeout(patience);
    if ('welcome' in answer) return answer.welcome;
    council!.released();
    return undefined;
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

function waits(answer: Answer): boolean {
  return 'closed' in answer && answer.closed === 'waiting';
}

/** It is known that no member of the domain is there. */
function isEmpty(answer: Answer): boolean {
  return waits(answer) || ('none' in answer && answer.none === 'nobody');
}

/** Whether a contact comes before the first that is mine; every one does where none is. */
function isBefore(contact: HostPort, contacts: readonly HostPort[], first: number): boolean {
  const place = contacts.findIndex((other) => formatHostPort(other) === formatHostPort(contact));
  return first < 0 || place < first;
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

import { writeFileSync } from 'node:fs';
import { startDeadline } from '../deadline.js';
import type { Deadline } from '../deadline.js';
import { TransportError } from '../errors.js';
import type { DoorReply, MeetOptions } from '../host.js';
import type { MemberId } from '../transport.js';
import type { Rendezvous } from './directory.js';
import { greet } from './greeting.js';
import { domainLockPath, livingMembers, memberPath, readMemberLock, removeFile } from './member-files.js';
import { FileLock } from './system.js';

/** How long to wait before looking again at who is there. */
const AGAIN_MS = 3;
/** How long a member may take to say that it has heard us, at most. */
const PATIENCE_MS_MAX = 1_000;

/** Let in, or the domain had no member: then the lock that keeps others from founding it too. */
export type Met = { readonly welcome: string } | { readonly founding: FileLock };

/**
 * Meets the domain on this host. Whoever finds no member that lets strangers in, and gets the domain's lock, founds it; the kernel
 * gives the lock to another when its holder dies. All others ask the members, the oldest first, until one replies.
 *
 * The domain is never founded twice: besides members with an open door, those that are on their way in (`inside`) count too.
 */
export async function meetDomain(
  rendezvous: Rendezvous,
  self: MemberId,
  greeting: string,
  options: MeetOptions,
): Promise<Met> {
  const troubles = new Map<MemberId, string>();
  const deadline = startDeadline(options.timeoutMs, options.signal, () =>
    tellWhom(rendezvous, self, options.timeoutMs, troubles),
  );
  const abandon = new AbortController();
  const inside = memberPath(rendezvous, self, 'inside');
  let welcomed = false;
  try {
    for (;;) {
      const founding = tryFounding(rendezvous, self);
      if (founding !== undefined) return { founding };
      for (const member of others(rendezvous, 'open', self)) {
        const reply = await deadline.race(ask(member));
        if (reply === undefined) continue;
        if ('refused' in reply) throw new TransportError('BE_JOIN_REFUSED', reply.refused);
        welcomed = true;
        return reply;
      }
      await deadline.race(pause());
    }
  } finally {
    deadline.end();
    abandon.abort();
    if (!welcomed) removeFile(inside);
  }

  async function ask(member: MemberId): Promise<DoorReply | undefined> {
    const outcome = await greet({
      path: memberPath(rendezvous, member, 'sock'),
      from: self,
      greeting,
      patienceMs: patience(options, deadline),
      signal: abandon.signal,
      onHeard: () => {
        troubles.set(member, 'has heard us and did not let us in');
        writeFileSync(inside, '', { mode: 0o600 });
      },
    });
    if (!('none' in outcome)) return outcome;
    removeFile(inside);
    if (outcome.none === 'gone') troubles.delete(member);
    if (outcome.none === 'closed') troubles.set(member, 'has its door shut');
    if (outcome.none === 'silent') troubles.set(member, 'lives but does not answer: is it stopped?');
    return undefined;
  }
}

/** The domain's lock, where nobody but us is in the domain. */
function tryFounding(rendezvous: Rendezvous, self: MemberId): FileLock | undefined {
  const isSomebodyThere = () =>
    others(rendezvous, 'open', self).length > 0 || others(rendezvous, 'inside', self).length > 0;
  if (isSomebodyThere()) return undefined;
  const lock = FileLock.tryAcquire(domainLockPath(rendezvous));
  if (lock === undefined) return undefined;
  // Again, under the lock: a founder opens its door before it lets go of it.
  if (!isSomebodyThere()) return lock;
  lock.release();
  return undefined;
}

function others(rendezvous: Rendezvous, file: 'open' | 'inside', self: MemberId): MemberId[] {
  return livingMembers(rendezvous, file).filter((id) => id !== self);
}

function patience({ timeoutMs }: MeetOptions, deadline: Deadline): number {
  return Math.max(1, Math.min(PATIENCE_MS_MAX, timeoutMs / 4, deadline.leftMs));
}

async function pause(): Promise<void> {
  await new Promise<void>((resolve) => {
    setTimeout(resolve, AGAIN_MS);
  });
}

function tellWhom(
  rendezvous: Rendezvous,
  self: MemberId,
  timeoutMs: number,
  troubles: Map<MemberId, string>,
): string {
  const said = new Map(troubles);
  for (const [file, trouble] of [
    ['inside', 'is on its way in'],
    ['lock', 'is there, and has not opened its door'],
  ] as const) {
    if (said.size > 0) break;
    for (const id of livingMembers(rendezvous, file)) if (id !== self) said.set(id, trouble);
  }
  const words = [...said].map(
    ([id, trouble]) => `member ${id} (pid ${readMemberLock(rendezvous, id).pid}) ${trouble}`,
  );
  return `domain ${rendezvous.domain} did not let us in within ${timeoutMs} ms: ${words.join('; ') || 'it was being founded anew'}`;
}

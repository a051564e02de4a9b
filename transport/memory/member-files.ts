import { readFileSync, readdirSync, renameSync, rmdirSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { MemberId } from '../transport.js';
import type { Rendezvous } from './directory.js';
import { FileLock, nameBeforehand } from './system.js';

/** A member's files in the domain's folder; `inside` and `open` are empty, and say how far it is. */
export type MemberFile =
  | 'lock' // held while the member lives: the proof of life; holds its pid and when it started
  | 'bell' // the FIFO that wakes it
  | 'sock' // the socket on which it is watched, and greeted
  | 'inside' // it has asked to be let in, or has been: nobody founds the domain anew
  | 'open'; // it lets strangers in

export function memberPath(rendezvous: Rendezvous, id: MemberId, file: MemberFile): string {
  return join(rendezvous.folder, `${id}.${file}`);
}

export function segmentPath(rendezvous: Rendezvous, id: MemberId, region: string): string {
  return join(rendezvous.segmentDirectory, `${rendezvous.userPrefix}${rendezvous.domain}.${id}.${region}`);
}

/** Held by whoever is about to found the domain. */
export function domainLockPath(rendezvous: Rendezvous): string {
  return join(rendezvous.folder, 'domain.lock');
}

/** Removes a file, if it is there. */
export function removeFile(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

/**
 * Makes a member's lock file: held from the moment that it has its name, so nobody takes a starting member for a dead one.
 * Gives undefined where someone cleaned up in between; try again then.
 */
export function createMemberLock(rendezvous: Rendezvous, id: MemberId): FileLock | undefined {
  const path = memberPath(rendezvous, id, 'lock');
  const beforehand = nameBeforehand(path);
  try {
    const lock = FileLock.tryAcquire(beforehand);
    if (lock === undefined) return undefined;
    writeFileSync(
      beforehand,
      JSON.stringify({ pid: process.pid, startedMs: performance.timeOrigin + performance.now() }),
    );
    renameSync(beforehand, path);
    return lock;
  } catch (error) {
    if (!isMissing(error)) throw error;
    return undefined;
  }
}

/** What a member tells of itself in its lock file; made up where it cannot be read. */
export function readMemberLock(rendezvous: Rendezvous, id: MemberId): { pid: number; startedMs: number } {
  try {
    const content: unknown = JSON.parse(readFileSync(memberPath(rendezvous, id, 'lock'), 'utf8'));
    const { pid, startedMs } = content as { pid?: unknown; startedMs?: unknown };
    if (typeof pid === 'number' && typeof startedMs === 'number') return { pid, startedMs };
  } catch {
    // Just gone, or not written yet.
  }
  return { pid: 0, startedMs: Infinity };
}

/** The members that have such a file and live, the oldest first. */
export function livingMembers(rendezvous: Rendezvous, file: MemberFile): MemberId[] {
  return memberIds(rendezvous, file)
    .filter((id) => FileLock.isHeld(memberPath(rendezvous, id, 'lock')))
    .map((id) => ({ id, startedMs: readMemberLock(rendezvous, id).startedMs }))
    .sort((a, b) => a.startedMs - b.startedMs || a.id - b.id)
    .map(({ id }) => id);
}

/** The members, living or not, that have such a file. */
export function memberIds(rendezvous: Rendezvous, file: MemberFile): MemberId[] {
  return readdirSync(rendezvous.folder)
    .map((name) => /^([1-9]\d{0,15})\.([a-z]+)$/.exec(name))
    .filter((match) => match !== null && match[2] === file)
    .map((match) => Number(match![1]));
}

/** Removes the domain's folder, if it holds nobody's files any more. */
export function removeEmptyFolder(rendezvous: Rendezvous): void {
  try {
    if (readdirSync(rendezvous.folder).some((name) => name !== 'domain.lock')) return;
    const lock = FileLock.tryAcquire(domainLockPath(rendezvous));
    if (lock === undefined) return;
    // Someone who starts right now has its files there: then the folder stays, and it makes itself another lock.
    removeFile(domainLockPath(rendezvous));
    lock.release();
    rmdirSync(rendezvous.folder);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (!isMissing(error) && code !== 'ENOTEMPTY') throw error;
  }
}

export function isMissing(error: unknown): boolean {
  return (
    error instanceof Error &&
    ((error as NodeJS.ErrnoException).code === 'ENOENT' || / ENOENT$/.test(error.message))
  );
}

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { MemberId } from '../transport.js';
import type { Rendezvous } from './directory.js';
import { memberIds, memberPath, removeFile, segmentPath } from './member-files.js';
import { FileLock } from './system.js';

/** Removes what the dead of this domain have left. What belongs to a living member is never touched. */
export function sweepDomain(rendezvous: Rendezvous): void {
  for (const id of memberIds(rendezvous, 'lock')) sweepMember(rendezvous, id);
  sweepUnfinished(rendezvous);
  sweepOrphans(rendezvous);
}

/** Removes what `id` has left, if it is dead. */
export function sweepMember(rendezvous: Rendezvous, id: MemberId): void {
  const path = memberPath(rendezvous, id, 'lock');
  const lock = FileLock.tryAcquireExisting(path);
  if (lock === undefined) return;
  removeSegments(rendezvous, id);
  for (const file of ['open', 'inside', 'sock', 'bell'] as const)
    removeFile(memberPath(rendezvous, id, file));
  // Last, so that a sweep that dies half-way is done again.
  removeFile(path);
  lock.release();
}

/** Lock files of members that died before these had their names. Their owner, if it lives after all, makes another. */
function sweepUnfinished(rendezvous: Rendezvous): void {
  for (const name of readdirSync(rendezvous.folder)) {
    if (!name.startsWith('~')) continue;
    const path = join(rendezvous.folder, name);
    const lock = FileLock.tryAcquireExisting(path);
    if (lock === undefined) continue;
    removeFile(path);
    lock.release();
  }
}

/**
 * Segments of members that this folder does not know: the folder was cleared (at a logout, say), or they use another one. The
 * lock of the segment `flags`, which is made first and removed last, tells the dead from the living.
 */
function sweepOrphans(rendezvous: Rendezvous): void {
  const known = new Set(memberIds(rendezvous, 'lock'));
  for (const id of new Set(segments(rendezvous).map(({ owner }) => owner))) {
    if (known.has(id)) continue;
    const lock = FileLock.tryAcquireExisting(segmentPath(rendezvous, id, 'flags'));
    if (lock === undefined) continue;
    removeSegments(rendezvous, id);
    lock.release();
  }
}

function removeSegments(rendezvous: Rendezvous, id: MemberId): void {
  const flags = segmentPath(rendezvous, id, 'flags');
  for (const { owner, path } of segments(rendezvous)) if (owner === id && path !== flags) removeFile(path);
  removeFile(flags);
}

/** The segments of this domain, those included that have not got their names yet. */
function segments(rendezvous: Rendezvous): { owner: MemberId; path: string }[] {
  const found: { owner: MemberId; path: string }[] = [];
  for (const name of readdirSync(rendezvous.segmentDirectory)) {
    const begin = name.startsWith('~') ? 1 : 0;
    if (!name.startsWith(rendezvous.segmentPrefix, begin)) continue;
    const owner = Number(name.slice(begin + rendezvous.segmentPrefix.length).split('.', 1)[0]);
    if (Number.isSafeInteger(owner) && owner > 0)
      found.push({ owner, path: join(rendezvous.segmentDirectory, name) });
  }
  return found;
}

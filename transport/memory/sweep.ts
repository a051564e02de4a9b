import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { MemberId } from '../transport.js';
import type { Rendezvous } from './directory.js';
import { isMissing, memberIds, memberPath, removeEmptyFolder, removeFile } from './member-files.js';
import { FileLock } from './system.js';

/**
 * Removes what the dead have left: those of this domain, and all of those domains of this user that nobody lives in any more (where
 * names are chosen anew each time, nobody else would ever come by). What belongs to a living member is never touched.
 */
export function sweep(rendezvous: Rendezvous): void {
  for (const id of memberIds(rendezvous, 'lock')) sweepMember(rendezvous, id);
  sweepUnfinished(rendezvous);
  sweepOrphans(rendezvous);
  sweepOtherFolders(rendezvous);
}

/** Removes what `id` has left, if it is dead; false where its lock is still held. */
export function sweepMember(rendezvous: Rendezvous, id: MemberId): boolean {
  return removeMember(rendezvous, id, () => segmentsOf(rendezvous).get(rendezvous.domain)?.get(id) ?? []);
}

/** @param segments looked for only once it is sure that the member makes no more of them */
function removeMember(rendezvous: Rendezvous, id: MemberId, segments: () => readonly string[]): boolean {
  const path = memberPath(rendezvous, id, 'lock');
  const lock = FileLock.tryAcquireExisting(path);
  if (lock === undefined) return !FileLock.isHeld(path);
  for (const segment of segments()) removeFile(segment);
  for (const file of ['open', 'inside', 'sock', 'bell'] as const)
    removeFile(memberPath(rendezvous, id, file));
  // Last, so that a sweep that dies half-way is done again.
  removeFile(path);
  lock.release();
  return true;
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
 * Segments of members that this folder does not know: of other domains, or of this one where the folder was cleared (at a logout,
 * say) or they use another. The lock of the segment `flags`, which is made first and removed last, tells the dead from the living.
 */
function sweepOrphans(rendezvous: Rendezvous): void {
  const known = new Set(memberIds(rendezvous, 'lock'));
  for (const [domain, members] of segmentsOf(rendezvous)) {
    const isOurs = domain === rendezvous.domain;
    // Survivors in another domain may still want what their dead have left, and sweep it themselves.
    if (!isOurs && [...members.values()].some((left) => FileLock.isHeld(left.at(-1)!))) continue;
    for (const [owner, left] of members) {
      if (isOurs && known.has(owner)) continue;
      const lock = FileLock.tryAcquireExisting(left.at(-1)!);
      if (lock === undefined) continue;
      for (const segment of left) removeFile(segment);
      lock.release();
    }
  }
}

/** The folders of domains that nobody lives in any more. */
function sweepOtherFolders(rendezvous: Rendezvous): void {
  const root = dirname(rendezvous.folder);
  for (const entry of readdirSync(root, { withFileTypes: true })) {
    const other = { ...rendezvous, folder: join(root, entry.name) };
    if (!entry.isDirectory() || other.folder === rendezvous.folder) continue;
    try {
      const ids = memberIds(other, 'lock');
      if (ids.some((id) => FileLock.isHeld(memberPath(other, id, 'lock')))) continue;
      for (const id of ids) removeMember(other, id, () => []);
      sweepUnfinished(other);
      removeEmptyFolder(other);
    } catch (error) {
      // Another starts there, or sweeps as we do: what is left is for the next to find.
      if (!isMissing(error)) throw error;
    }
  }
}

/**
 * The paths of this user's segments, by domain and owner, those included that have not got their names yet. An owner's last is
 * `flags`, whether it is there or not.
 */
function segmentsOf(rendezvous: Rendezvous): Map<string, Map<MemberId, string[]>> {
  const { segmentDirectory, userPrefix } = rendezvous;
  const domains = new Map<string, Map<MemberId, string[]>>();
  for (const name of readdirSync(segmentDirectory)) {
    const begin = name.startsWith('~') ? 1 : 0;
    if (!name.startsWith(userPrefix, begin)) continue;
    const [domain, id, ...region] = name.slice(begin + userPrefix.length).split('.');
    const owner = Number(id);
    if (domain === undefined || !Number.isSafeInteger(owner) || owner <= 0 || region.length === 0) continue;
    const owners = domains.get(domain) ?? new Map<MemberId, string[]>();
    domains.set(domain, owners);
    const flags = `${userPrefix}${domain}.${owner}.flags`;
    const paths = owners.get(owner) ?? [join(segmentDirectory, flags)];
    owners.set(owner, paths);
    if (name !== flags) paths.unshift(join(segmentDirectory, name));
  }
  return domains;
}

import { domainNameOf } from '../../transport/index.js';
import { firstView, type Member, type View } from '../membership/view.js';
import type { ParticipantOptions } from './participant.js';
import { type Moved, Storage, type StorageOptions } from './storage.js';

export function storageOf({ storage = {} }: ParticipantOptions): StorageOptions | undefined {
  return typeof storage === 'string' ? { folder: storage } : storage || undefined;
}

/** The view with which a domain begins for the first time. */
export function firstViewOf({ id, info }: Member): View {
  return firstView(Math.floor(Math.random() * Number.MAX_SAFE_INTEGER), id, info);
}

/**
 * The view with which a domain of one host begins that has no member: a first one, or, where participants have kept anything of it, the one with which it
 * begins again; and then the storage, which is open.
 * @throws BowechoError BE_RESTART_WAITS; LogError; the signal's reason
 */
export async function foundDomain(
  member: Member,
  name: string,
  options: ParticipantOptions,
  deadline: number,
  moved: Moved,
): Promise<{ view: View; storage: Storage | undefined }> {
  const root = storageOf(options);
  if (root === undefined) return { view: firstViewOf(member), storage: undefined };
  const { disksBeside } = await import('../durability/found-disk.js');
  const domain = domainNameOf(options.domain);
  if ((await disksBeside(Storage.folderOf(root, domain, name))).length === 0)
    return { view: firstViewOf(member), storage: undefined };
  const { beginAgain } = await import('./restart.js');
  const storage = await Storage.open(root, domain, name, moved);
  try {
    const view = await beginAgain(storage, member, { deadline, signal: options.signal });
    return { view: view ?? firstViewOf(member), storage };
  } catch (error) {
    await storage.close();
    throw error;
  }
}

import { randomInt } from 'node:crypto';
import type { FoundDisk } from '../membership/restart.js';
import type { Member, View } from '../membership/view.js';
import { BowechoError } from './errors.js';
import type { Storage } from './storage.js';

/** So often disks that are missing are looked for. */
const againMs = 200;

/**
 * Begins a domain again, in which nobody is left, from what its participants have kept in their folders (protocol.md, section 8): gives the view to go on with,
 * which all of these have recorded by then; undefined where nothing was ever kept. Folders are looked for where the records say that they are, whether or not
 * their participants are there.
 * @throws BowechoError BE_RESTART_WAITS where a folder that is needed is not there in time; LogError; the signal's reason
 */
export async function beginAgain(
  storage: Storage,
  member: Member,
  { deadline, signal }: { deadline: number; signal: AbortSignal | undefined },
): Promise<View | undefined> {
  const { planRestart } = await import('../membership/restart.js');
  const { RestartCourse } = await import('../membership/restart-course.js');
  const { recordView } = await import('../durability/found-disk.js');
  let warned = false;
  for (;;) {
    const found = await findDisks(storage.folder);
    const decision = planRestart(found, true);
    if (decision === undefined) return undefined;
    if (!Array.isArray(decision)) {
      const course = new RestartCourse(decision, randomInt(1, 2 ** 47), () => false);
      const record = course.recordFor([{ ...member, disk: storage.folder }]);
      for (const disk of decision.disks) {
        await recordView(disk, record);
        course.preparedOn(disk);
      }
      if (!course.mayBegin) throw new RangeError('a restart is used before it is recorded everywhere');
      await storage.views.goOn(record.view.viewId);
      return record.view;
    }
    const whom = decision.map(({ disks, why }) => `${disks.join(', ')} (${why})`).join('; ');
    if (performance.now() > deadline)
      throw new BowechoError(
        'BE_RESTART_WAITS',
        `domain ${storage.domain} cannot begin again without ${whom}: put these folders back where they were, or move what is left of the domain away to begin anew`,
      );
    if (!warned)
      process.emitWarning(`domain ${storage.domain} waits for ${whom}`, {
        type: 'BowechoWarning',
        code: 'BE_RESTART_WAITS',
      });
    warned = true;
    await new Promise((resolve) => setTimeout(resolve, againMs));
    signal?.throwIfAborted();
  }
}

/** What lies in this participant's folder, in all that the records there name, and in those beside any of these. */
async function findDisks(own: string): Promise<FoundDisk[]> {
  const { disksBeside, readDisk } = await import('../durability/found-disk.js');
  const { keepersOf } = await import('../membership/view-parts.js');
  const found = new Map<string, FoundDisk | undefined>();
  const toLookAt = [own];
  for (let folder = toLookAt.shift(); folder !== undefined; folder = toLookAt.shift()) {
    if (found.has(folder)) continue;
    toLookAt.push(...(await disksBeside(folder)));
    const disk = await readDisk(folder);
    found.set(folder, disk);
    for (const { record } of disk?.views ?? []) toLookAt.push(...keepersOf(record.view));
  }
  return [...found.values()].filter((disk) => disk !== undefined);
}

import { NodeDisk } from './log/node-disk.js';
import { takeFolder } from './log/open-log.js';
import { promise } from './open-topic-log.js';

/**
 * Makes a folder where it is missing, and takes it for this process alone; gives what gives it back. The end of the process does, too.
 * @throws LogError BE_LOG_LOCKED where another has it; BE_LOG_READ_ONLY, BE_LOG_FULL, BE_LOG_IO
 */
export async function lockFolder(path: string): Promise<() => void> {
  const disk = new NodeDisk(path);
  await promise(takeFolder(disk));
  return () => disk.unlock();
}

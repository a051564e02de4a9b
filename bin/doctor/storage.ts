import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { DiskFile } from '../../runtime/durability/log/disk.js';
import { NodeDisk } from '../../runtime/durability/log/node-disk.js';
import type { Callback } from '../../runtime/durability/log/steps.js';
import type { Finding } from './report.js';
import { fails, ok, warning } from './report.js';
import { mebibytes } from './text.js';

/** Magic numbers of statfs(2). */
const fileSystems: Readonly<Record<number, string>> = {
  0x01021994: 'tmpfs',
  0x858458f6: 'ramfs',
  0xef53: 'ext4',
  0x58465342: 'xfs',
  0x9123683e: 'btrfs',
  0x2fc12fc1: 'zfs',
  0x794c7630: 'overlayfs',
  0x6969: 'nfs',
  0x517b: 'smb',
  0xff534d42: 'cifs',
  0x65735546: 'fuse',
};
const inMemory = ['tmpfs', 'ramfs'];
const remote = ['nfs', 'smb', 'cifs'];

const freeBytesMin = 1 << 30;
const syncs = 20;
const syncBytes = 4096;
/** A disk that takes longer than so for one batch makes each commit slow. */
const syncMsMax = 20;

/** What a participant needs that keeps persistent topics in `folder`: a disk that keeps what it has said it has, has room, and is not slow. */
export async function lookAtStorage(folder: string): Promise<Finding[]> {
  const there = nearest(resolve(folder));
  const where = there === resolve(folder) ? there : `${there} (where ${folder} would be made)`;
  const { type, bavail, bsize } = statfsSync(there);
  const name = fileSystems[type] ?? `of type 0x${type.toString(16)}`;
  return [systemFinding(where, name), roomFinding(bavail * bsize), await writeFinding(there)];
}

/** The first folder above, or the folder itself, that is there. */
function nearest(folder: string): string {
  return existsSync(folder) || dirname(folder) === folder ? folder : nearest(dirname(folder));
}

function systemFinding(where: string, name: string): Finding {
  const found = `${where} is on a file system ${name}`;
  if (inMemory.includes(name))
    return warning(
      'file system',
      found,
      'what is kept there is gone when this machine restarts: use a folder on a disk',
    );
  if (remote.includes(name))
    return warning(
      'file system',
      found,
      'locks and fdatasync are only as good as the server: use a disk of this machine',
    );
  return ok('file system', found);
}

function roomFinding(bytes: number): Finding {
  const found = `${mebibytes(bytes)} free`;
  if (bytes >= freeBytesMin) return ok('room', found);
  return warning('room', found, 'a member whose disk is full leaves the domain (BE_LOG_FULL): make room');
}

/** Writes as a log does: into reserved room, durably. */
async function writeFinding(there: string): Promise<Finding> {
  const check = 'durable write';
  let folder: string | undefined;
  try {
    folder = mkdtempSync(join(there, '.bowecho-doctor-'));
    const times = await timeSyncs(new NodeDisk(folder));
    const median = times[times.length >> 1]!;
    const found = `${syncBytes} bytes are durable after ${median.toFixed(2)} ms (median of ${syncs}; at most ${times.at(-1)!.toFixed(2)} ms)`;
    if (median <= syncMsMax) return ok(check, found);
    return warning(check, found, 'each commit takes that long: use a faster disk, or deliver: stable');
  } catch (error) {
    return fails(check, (error as Error).message, `give a folder that this user may write to, with room`);
  } finally {
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  }
}

async function timeSyncs(disk: NodeDisk): Promise<number[]> {
  const file = await called<DiskFile>((done) => disk.create('probe', syncs * syncBytes, done));
  const bytes = randomBytes(syncBytes);
  const times: number[] = [];
  for (let i = 0; i < syncs; i++) {
    const begin = performance.now();
    await called((done) => file.write(bytes, 0, syncBytes, i * syncBytes, done));
    times.push(performance.now() - begin);
  }
  await called((done) => file.close(done));
  return times.sort((a, b) => a - b);
}

/** One call of a disk, as a promise. */
async function called<T>(call: (done: Callback<T>) => void): Promise<T> {
  return await new Promise<T>((resolve, reject) => {
    call((error, value) => (error === undefined ? resolve(value) : reject(error)));
  });
}

import { createHash } from 'node:crypto';
import { lstatSync, mkdirSync } from 'node:fs';
import type { Stats } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TransportError } from '../errors.js';
import { checkDomainName } from '../names.js';

/** The longest path of a Unix socket: 108 bytes with the final zero. */
const SOCKET_PATH_BYTES_MAX = 107;
/** What follows the folder in the path of a member's socket: a slash, 16 digits, `.sock`. */
const SOCKET_NAME_BYTES_MAX = 22;

export interface DirectoryOptions {
  /** Where `bowecho/<domain>` is made. Default: `$XDG_RUNTIME_DIR`, or else `bowecho-<uid>/<domain>` in the temporary directory. */
  readonly runtimeDirectory?: string;
  /** Where the memory is. Default: `/dev/shm`. */
  readonly segmentDirectory?: string;
}

/** Where the members of one domain find each other and each other's memory. */
export interface Rendezvous {
  readonly domain: string;
  /** Private to the user: locks, bells and sockets. */
  readonly folder: string;
  readonly segmentDirectory: string;
  /** How the names of this user's segments begin. What follows is `<domain>.<member>.<region>`; a domain's name holds no dot. */
  readonly userPrefix: string;
}

/**
 * Finds, or makes, the folder of a domain.
 * @throws TransportError BE_NAME; BE_DIRECTORY where the folder is not ours alone: another user could pose as a member there
 */
export function openRendezvous(domain: string, options: DirectoryOptions): Rendezvous {
  checkDomainName(domain);
  const uid = process.getuid?.() ?? 0;
  const root = rootFolder(options.runtimeDirectory ?? process.env.XDG_RUNTIME_DIR, uid);
  const folder = join(root, folderName(root, domain));
  makePrivate(root, uid);
  makePrivate(folder, uid);
  return {
    domain,
    folder,
    segmentDirectory: options.segmentDirectory ?? '/dev/shm',
    userPrefix: `bowecho-${uid}-`,
  };
}

function rootFolder(runtimeDirectory: string | undefined, uid: number): string {
  if (!runtimeDirectory) return join(tmpdir(), `bowecho-${uid}`);
  const stats = lstatSync(runtimeDirectory, { throwIfNoEntry: false });
  const trusted = stats?.isDirectory() && (stats.uid === uid || stats.uid === 0) && !othersWrite(stats);
  if (!trusted) {
    throw new TransportError(
      'BE_DIRECTORY',
      `${runtimeDirectory} (from XDG_RUNTIME_DIR) ${stats ? 'is no directory that is safe from other users' : 'does not exist'}: ` +
        `set XDG_RUNTIME_DIR to a directory of yours with mode 0700, or unset it`,
    );
  }
  return join(runtimeDirectory, 'bowecho');
}

/** Where others may write, a sticky bit still keeps them from replacing what is ours. */
function othersWrite(stats: Stats): boolean {
  return (stats.mode & 0o022) !== 0 && (stats.mode & 0o1000) === 0;
}

/** The domain's name where the path of a socket in it is short enough, else the beginning of it and a hash. */
function folderName(root: string, domain: string): string {
  const room = SOCKET_PATH_BYTES_MAX - Buffer.byteLength(root) - 1 - SOCKET_NAME_BYTES_MAX;
  if (domain.length <= room) return domain;
  const hash = createHash('sha256').update(domain).digest('hex').slice(0, 16);
  if (room < hash.length + 1) {
    throw new TransportError(
      'BE_DIRECTORY',
      `${root} is too long for the path of a Unix socket (${SOCKET_PATH_BYTES_MAX} bytes in all): set XDG_RUNTIME_DIR to a shorter one`,
    );
  }
  // No domain's name holds '~', so this is nobody else's folder.
  return `${domain.slice(0, room - hash.length - 1)}~${hash}`;
}

function makePrivate(path: string, uid: number): void {
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') {
      throw new TransportError('BE_DIRECTORY', `cannot make ${path}: ${(error as Error).message}`, {
        cause: error,
      });
    }
  }
  const stats = lstatSync(path, { throwIfNoEntry: false });
  // Gone again: its last member left just now. Whoever makes a file there finds out, and comes back.
  if (stats === undefined) return;
  const wrong = !stats.isDirectory()
    ? 'is not a directory'
    : stats.uid !== uid
      ? `belongs to user ${stats.uid}`
      : (stats.mode & 0o077) !== 0
        ? `has mode ${(stats.mode & 0o777).toString(8)}`
        : undefined;
  if (wrong === undefined) return;
  throw new TransportError(
    'BE_DIRECTORY',
    `${path} ${wrong}, and must be a directory of user ${uid} with mode 0700: remove it, or set XDG_RUNTIME_DIR to another place`,
  );
}

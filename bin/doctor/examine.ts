import { Gatekeeper } from '../../runtime/dds/gatekeeper.js';
import { defaultStorage } from '../../runtime/dds/storage.js';
import { checkAddress, parseAddress } from '../../transport/open-host.js';
import { inspectTls } from '../../transport/tcp/certificates.js';
import { readTls } from '../../transport/tcp/security-files.js';
import type { TcpSecurity } from '../../transport/tcp/security-files.js';
import { lookAtClock } from './clock.js';
import { lookAtMachine } from './machine.js';
import { lookAtPlaces } from './network.js';
import { lookAtRdma } from './rdma.js';
import type { Finding, Group, Report } from './report.js';
import { failed, reportOn } from './report.js';
import { lookAtSharedMemory } from './shared-memory.js';
import { lookAtStorage } from './storage.js';

export interface ExamineOptions {
  /** The path of a permissions file. */
  readonly permissions?: string;
  readonly security: TcpSecurity;
  /** A member of `tcp:` or `rdma:` is to share memory with its neighbours. */
  readonly sharePages: boolean;
  /** The folder for persistent topics. Default: where a participant puts them that is told nothing. */
  readonly storage?: string;
}

/** Looks at all that a member at `address` needs, and at what else this machine can do. */
export async function examine(address: string | undefined, options: ExamineOptions): Promise<Report> {
  const { scheme, rest } = address === undefined ? { scheme: undefined, rest: '' } : parseAddress(address);
  const isTcp = scheme === 'tcp' || scheme === 'rdma';
  const sharesMemory = scheme === 'memory' || (isTcp && options.sharePages);
  const groups: Group[] = [
    { name: 'machine', needed: true, findings: [...lookAtMachine(), ...lookAtName(address)] },
    { name: 'clock', needed: false, findings: lookAtClock() },
    { name: 'shared memory', needed: sharesMemory, findings: await lookAtSharedMemory() },
    { name: 'RDMA', needed: scheme === 'rdma', findings: lookAtRdma() },
  ];
  const { tls } = options.security;
  const certificates = tls === undefined ? [] : lookAtCertificates(tls);
  const isKnown = certificates.every(({ status }) => status !== 'fails');
  if (tls !== undefined) groups.push({ name: 'certificates', needed: isTcp, findings: certificates });
  if (options.permissions !== undefined)
    groups.push({
      name: 'permissions',
      needed: true,
      findings: lookAtPermissions(options.permissions, certificates),
    });
  if (isTcp)
    groups.push({
      name: 'network',
      needed: true,
      findings: await lookAtPlaces(rest, isKnown ? options.security : undefined),
    });
  const { storage } = options;
  groups.push({
    name: 'storage',
    needed: storage !== undefined,
    findings: await lookAtStorage(storage ?? defaultStorage()),
  });
  return reportOn(address, groups);
}

function lookAtName(address: string | undefined): Finding[] {
  if (address === undefined) return [];
  try {
    return [{ check: 'domain', status: 'ok', found: checkAddress(address) }];
  } catch (error) {
    return [failed('domain', error)];
  }
}

/** The file, and what it says of the member whose certificate was looked at. */
function lookAtPermissions(path: string, certificates: readonly Finding[]): Finding[] {
  try {
    const subject = certificates.find(({ check }) => check === 'certificate')?.found;
    const gatekeeper = Gatekeeper.of(path, subject);
    const file: Finding = { check: 'file', status: 'ok', found: `SHA-256 ${gatekeeper.hash}` };
    try {
      gatekeeper.checkSelf();
      return [file, { check: 'join', status: 'ok', found: `${subject} may join` }];
    } catch (error) {
      return [file, failed('join', error)];
    }
  } catch (error) {
    return [failed('file', error)];
  }
}

function lookAtCertificates(tls: NonNullable<TcpSecurity['tls']>): Finding[] {
  try {
    return inspectTls(readTls(tls));
  } catch (error) {
    return [failed('files', error)];
  }
}

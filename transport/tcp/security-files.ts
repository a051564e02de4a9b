import { readFileSync, statSync } from 'node:fs';
import { TransportError } from '../errors.js';
import type { TlsTexts } from './certificates.js';

/** Where what a member shows is kept: files in PEM. */
export interface TlsFiles {
  readonly caFile: string;
  readonly certFile: string;
  readonly keyFile: string;
}

/** How members know each other, and what nobody else is to read. */
export interface TcpSecurity {
  /**
   * Mutual TLS: every member shows a certificate that `ca` has signed, and that is what makes it one. PEM, as text or bytes. Names in the
   * certificates are not compared with host names, so `ca` is to be an authority of this domain's own. Or the paths of files that have these:
   * `{ caFile, certFile, keyFile }`, which are read again where they have changed.
   */
  readonly tls?: TlsTexts | TlsFiles;
  /**
   * Instead of certificates: a random text of at least 16 characters that all members share. TLS takes its keys from it. Of several, the first is shown, and
   * each is accepted: for the time in which one takes the place of another.
   */
  readonly secret?: string | readonly string[];
  /** The path of a file with the secret, or several, one a line: read again where it has changed. */
  readonly secretFile?: string;
  /**
   * `true`: no encryption, though the addresses are not all of this machine's loopback: whoever is on the way can read and change everything.
   * `false`: encryption even there. Default: none on loopback, and TLS elsewhere.
   */
  readonly plain?: boolean;
}

/** What takes the place of what a member has shown and accepted so far. */
export type SecurityChange = Pick<TcpSecurity, 'tls' | 'secret' | 'secretFile'>;

/**
 * What is to be shown, read where it is in files.
 * @throws TransportError BE_CERTIFICATE where a file cannot be read
 */
export function readTls(tls: TlsTexts | TlsFiles): TlsTexts {
  if (!('caFile' in tls)) return tls;
  const { caFile, certFile, keyFile } = tls;
  return {
    ca: read(caFile, 'caFile', 'BE_CERTIFICATE'),
    cert: read(certFile, 'certFile', 'BE_CERTIFICATE'),
    key: read(keyFile, 'keyFile', 'BE_CERTIFICATE'),
  };
}

/**
 * The secrets, the one that is shown first.
 * @throws TransportError BE_INSECURE where the file cannot be read, or is empty
 */
export function readSecrets({ secret, secretFile }: TcpSecurity): readonly string[] {
  if (secretFile === undefined) return secret === undefined ? [] : [secret].flat();
  const lines = read(secretFile, 'secretFile', 'BE_INSECURE').toString().split('\n');
  const secrets = lines.map((line) => line.trim()).filter((line) => line !== '');
  if (secrets.length > 0) return secrets;
  throw new TransportError('BE_INSECURE', `secretFile: ${secretFile} is empty: put a random text into it`);
}

/** Changes whenever one of the files does; empty where there are none. */
export function stampOf({ tls, secretFile }: TcpSecurity): string {
  const files = tls !== undefined && 'caFile' in tls ? [tls.caFile, tls.certFile, tls.keyFile] : [];
  if (secretFile !== undefined) files.push(secretFile);
  return files
    .map((file) => {
      const stats = statSync(file, { bigint: true, throwIfNoEntry: false });
      return stats === undefined ? 'none' : `${stats.ino} ${stats.mtimeNs} ${stats.ctimeNs} ${stats.size}`;
    })
    .join('; ');
}

function read(path: string, option: string, code: 'BE_CERTIFICATE' | 'BE_INSECURE'): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new TransportError(
      code,
      `${option}: ${(error as Error).message}: give the path of a file that this user may read`,
      { cause: error },
    );
  }
}

import { readFileSync } from 'node:fs';
import { TransportError } from '../errors.js';
import type { TlsTexts } from './certificates.js';

/** Where what a member shows is kept: files in PEM. */
export interface TlsFiles {
  readonly caFile: string;
  readonly certFile: string;
  readonly keyFile: string;
}

/**
 * What is to be shown, read where it is in files.
 * @throws TransportError BE_CERTIFICATE where a file cannot be read
 */
export function readTls(tls: TlsTexts | TlsFiles): TlsTexts {
  if (!('caFile' in tls)) return tls;
  const { caFile, certFile, keyFile } = tls;
  return { ca: read(caFile, 'caFile'), cert: read(certFile, 'certFile'), key: read(keyFile, 'keyFile') };
}

function read(path: string, option: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new TransportError(
      'BE_CERTIFICATE',
      `${option}: ${(error as Error).message}: give the path of a file that this user may read`,
      { cause: error },
    );
  }
}

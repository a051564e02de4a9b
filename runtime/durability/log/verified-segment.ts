import type { Catalog, Segment } from './catalog.js';
import type { Disk } from './disk.js';
import { tampered } from './errors.js';
import { readRecords } from './segment-end.js';
import { closeFile, openSegment } from './segment-file.js';
import { SignatureCheck } from './signature-check.js';
import type { Signer } from './signing.js';
import type { Steps } from './steps.js';

/**
 * Reads a complete segment, and verifies it: what is signed again shall be what was signed before.
 * @throws LogError BE_LOG_TAMPERED
 */
export function* verifySegment(disk: Disk, catalog: Catalog, segment: Segment, signer: Signer): Steps<void> {
  const place = { logId: catalog.logId, number: segment.number };
  const check = new SignatureCheck(signer, signer.publicKey, catalog.hashBefore(segment, signer));
  const { hash, ownHash, used } = segment.summary!;
  const file = yield* openSegment(disk, catalog, segment, 'read');
  yield* readRecords(file, place, used, catalog.chainBefore(segment), (record) => check.take(record));
  yield* closeFile(file);
  const path = `${disk.path}/${segment.name}`;
  if (check.forgery !== undefined) throw tampered(path, check.forgery.offset, check.forgery.what);
  if (check.last !== (segment.generation > 0 ? ownHash : hash))
    throw tampered(path, used, 'the segment ends with another batch than was signed last');
}

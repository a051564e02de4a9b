import { randomBytes } from 'node:crypto';
import type { MemberId } from './transport.js';

/** A new incarnation: a random safe integer, never 0. */
export function randomMemberId(): MemberId {
  const bytes = randomBytes(8);
  return bytes.readUInt32LE(0) * 0x200000 + (bytes.readUInt32LE(4) & 0x1fffff) || 1;
}

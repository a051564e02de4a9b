import type { MemberId } from '../transport.js';

/**
 * Peers that share the memory of this member's machine (transport/mixed): once both have shown that they see the other's memory, nothing is sent
 * between them. Who connects shows first; who answers shows only to whom it agrees with, so that both come to the same.
 */
export interface Neighbours {
  /** What only who sees the memory of `peer` can know; undefined where this member does not. */
  sight(peer: MemberId): string | undefined;
  /** Whether `seen` is that of this member's memory. */
  isMine(seen: string | undefined): boolean;
  /** Both see each other, and the link is about to open. */
  found(peer: MemberId): void;
  /** It did what no member does: it is none any more. */
  spoilt(peer: MemberId): void;
}

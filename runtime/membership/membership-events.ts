import type { MemberId } from '../../transport/transport.js';
import type { SubgroupUser } from '../multicast/subgroup.js';
import type { CorruptPeerError, MembershipError } from './errors.js';
import type { SuspicionReason } from './suspicion-reason.js';
import type { Admit, MayJoin, Topic, View } from './view.js';
import type { ViewLog } from './view-log.js';

export interface MembershipOptions {
  /** A member whose heartbeat stands still for so long is suspected. */
  suspicionUs: number;
  /** A member whose event loop stands still for so long is suspected, though its heart beats. */
  progressUs: number;
  /**
   * The whole domain lives on one host: survivors of any number go on, but only after the proven death of the others. Otherwise a
   * strict majority of the view is needed; and wherever memory is not aliased, since only there the rows of the dead still say whether
   * they went on without this member before they died.
   */
  singleHost: boolean;
}

/** What the layer above does with views. Called within `evaluate`; must not throw. */
export interface MembershipEvents {
  admit: Admit;
  /** Default: whoever asks may join. */
  mayJoin?: MayJoin;
  /** Who uses `topic` here: takes what is delivered, waits for room. Asked when an epoch begins that this member is in. */
  userOf(topic: Topic): SubgroupUser;
  /** What keeps the domain's views durably, where this member is a replica of any topic. */
  viewLog?(): ViewLog | undefined;
  /** A view is installed: its subgroups exist, though they may not be open yet. */
  installed(view: View): void;
  /** A subgroup of an installed view can be written to. */
  opened(slot: number): void;
  /** A silent member stands in the way of the survivors, who are no majority: its death must be brought about. */
  silent(member: MemberId): void;
  /** This member has left the domain, as it asked. */
  left(): void;
  /** This member suspects `member` from now on, so a view without it follows; `error` says what was seen where its memory is corrupt. */
  suspected?(member: MemberId, reason: SuspicionReason, error?: CorruptPeerError): void;
  /** This member must stop. */
  halted(error: MembershipError): void;
}

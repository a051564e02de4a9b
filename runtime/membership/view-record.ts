import type { EndedEpoch } from './topic-past.js';
import type { View } from './view.js';

/** What a restart has to know of a view: the record that is durable before anyone acts on the end of the view before it (protocol.md, section 6, step 6). */
export interface ViewRecord {
  readonly view: View;
  /** The rank of the leader that put it together. */
  readonly leader: number;
  /** The epochs of persistent topics that ended before it. */
  readonly ended: readonly EndedEpoch[];
  /** The disks that keep the view before it. */
  readonly before: readonly string[];
  /** The domain began again with this view. */
  readonly isRestart?: boolean;
}

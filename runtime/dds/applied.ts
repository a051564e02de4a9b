import { isAfter } from '../durability/log/catalog.js';
import type { Version } from './sample-info.js';

/** How far the commands of a replicated state are applied: each of them once, whether it comes out of the log or as it is delivered. */
export class Applied {
  version: Version = { epoch: -1, sequence: -1 };

  /** Whether the command of that version is to be applied, which it then counts for. */
  takes({ epoch, sequence }: Version): boolean {
    if (!isAfter(epoch, sequence, this.version.epoch, this.version.sequence)) return false;
    this.version = { epoch, sequence };
    return true;
  }
}

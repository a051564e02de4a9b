import type { LogicalClock } from '../multicast/logical-clock.js';
import { MembershipError } from './errors.js';
import { EpochEnd, type Survivors } from './epoch-end.js';
import type { Installed } from './installed.js';
import { Preparation } from './preparation.js';
import type { Suspicions } from './suspicions.js';
import type { View } from './view.js';
import { isFoundWith, keepersOf } from './view-parts.js';
import type { ViewLog } from './view-log.js';
import type { ViewTable } from './view-table.js';

/**
 * The end of a view, once the one that follows is decided (protocol.md, section 6, steps 4 to 6): the epochs that do not go on end at every
 * survivor, and where a topic is persistent, the next view is prepared and the trims are persisted.
 */
export class ViewEnd {
  readonly next: View;
  /** The epochs that end with the view, of those subgroups that this member is in. */
  readonly ends: readonly EpochEnd[];
  readonly #table: ViewTable;
  readonly #clock: LogicalClock;
  readonly #suspicions: Suspicions;
  /** Where a topic is persistent. */
  readonly #preparation: Preparation | undefined;

  constructor(installed: Installed, suspicions: Suspicions, next: View, log: ViewLog | undefined) {
    const { table, subgroups, clock } = installed;
    this.next = next;
    this.#table = table;
    this.#clock = clock;
    this.#suspicions = suspicions;
    this.ends = [...subgroups.values()]
      .filter(({ layout }) => !continues(layout, next))
      .map((subgroup) => new EpochEnd(subgroup));
    if (Preparation.isNeeded(table.view, next))
      this.#preparation = new Preparation(table, suspicions, next, this.ends, log);
  }

  /** Whether the next view is made durable before it is installed. */
  get isPrepared(): boolean {
    return this.#preparation !== undefined;
  }

  /** One step further where possible; true once the next view may be installed, and what the trims bring be delivered. */
  evaluate(selfCheck: () => boolean): boolean {
    return this.#haveEnded(selfCheck) && this.#havePersisted(selfCheck) && selfCheck();
  }

  /**
   * Whether the epochs that end before `next` have ended at every survivor in the domain, in the subgroup or not: nobody acts on a trim
   * before, nor installs, so that there is nobody left behind who might end them otherwise.
   */
  #haveEnded(selfCheck: () => boolean): boolean {
    const table = this.#table;
    if (table.view.topics.every((topic) => continues(topic, this.next))) return true;
    if (!table.hasEnded(table.me)) {
      const survivors = this.#survivors(selfCheck);
      let agreed = true;
      for (const end of this.ends) if (!end.evaluate(survivors)) agreed = false;
      if (!agreed || !this.#suspicions.areShared() || !selfCheck()) return false;
      table.markEnded(this.#clock);
    }
    return table.ids.every((_, rank) => this.#suspicions.ranks.has(rank) || table.hasEnded(rank));
  }

  /** Where a topic is persistent: whether the next view is on the disks of all survivors, and then what the trims bring on those of the replicas. */
  #havePersisted(selfCheck: () => boolean): boolean {
    if (this.#preparation === undefined) return true;
    if (!this.#preparation.evaluate(selfCheck)) return false;
    if (!this.#isHandedOn()) throw noKeeper(this.#table.view);
    const left = this.#suspicions.survivors();
    const stranded = this.ends.find((end) => end.isStranded(left));
    if (stranded !== undefined) throw noReplica(stranded);
    let persisted = true;
    for (const end of this.ends) if (!end.persist(left)) persisted = false;
    return persisted;
  }

  /**
   * Whether whoever has the keepers of this view has those of the next, or finds with them one that has recorded it. If the last of them fails once a view with
   * others is decided, and nobody here knows that it has that on its disk, a restart might go on from what it has.
   */
  #isHandedOn(): boolean {
    const { view } = this.#table;
    const keepers = view.pasts === undefined ? [] : keepersOf(view);
    if (keepers.length === 0 || keepersOf(this.next).every((disk) => keepers.includes(disk))) return true;
    return [...view.members, ...this.next.members].some(
      ({ id, disk }) =>
        disk !== undefined &&
        isFoundWith(keepers, disk) &&
        this.#table.hasPrepared(this.#table.ids.indexOf(id)),
    );
  }

  #survivors(selfCheck: () => boolean): Survivors {
    return {
      self: this.#table.ids[this.#table.me]!,
      ids: this.#suspicions.survivors(),
      barrier: () => this.#suspicions.barrier(),
      selfCheck,
    };
  }
}

function noKeeper({ viewId }: View): MembershipError {
  return new MembershipError(
    'BE_NO_REPLICA',
    `the last disk that keeps the domain's views failed while view ${viewId} was ending, so the domain may begin again from it without what would follow. Join again once it is back`,
  );
}

function noReplica({ subgroup }: EpochEnd): MembershipError {
  const { slot, epoch } = subgroup.layout;
  return new MembershipError(
    'BE_NO_REPLICA',
    `the last replica of the persistent topic in slot ${slot} failed while its epoch ${epoch} was ending, so nobody left knows where. Join again once a replica is back`,
  );
}

/** Whether that epoch of the slot's subgroup runs on in `next`. */
function continues(old: { slot: number; epoch: number }, next: View): boolean {
  return next.topics.some(({ slot, epoch }) => slot === old.slot && epoch === old.epoch);
}

import type { MemberId } from '../../transport/transport.js';
import type { Subgroup } from '../multicast/subgroup.js';

/** What the end of an epoch needs to know of the view change around it. */
export interface Survivors {
  readonly self: MemberId;
  /** Not suspected by me now, in rank order. */
  readonly ids: readonly MemberId[];
  /** Whether every survivor suspects all members that rank before me, or has installed the next view: the takeover barrier. */
  barrier(): boolean;
  /** Publishes and fences, then looks whether anyone accuses me: false means halt (protocol.md, section 5). */
  selfCheck(): boolean;
}

/**
 * Ends one subgroup's epoch: wedge, ragged trim with echo, and the agreed trim (protocol.md, section 6, steps 4 and 5). Evaluated anew each
 * time, so that a trim leader that dies is followed by the next.
 */
export class EpochEnd {
  readonly subgroup: Subgroup;
  /** Agreed: every survivor shows it. */
  trim: number[] | undefined;

  constructor(subgroup: Subgroup) {
    this.subgroup = subgroup;
  }

  /** One step further where possible; true once the trim is agreed. */
  evaluate(survivors: Survivors): boolean {
    if (this.trim !== undefined) return true;
    const { subgroup } = this;
    subgroup.wedge();
    const members = survivors.ids.filter((id) => subgroup.members.includes(id));
    if (!members.every((member) => subgroup.isWedged(member))) return false;
    if (subgroup.trimOf(survivors.self) === undefined) {
      const trim = this.#leadersTrim(members, survivors);
      if (trim === undefined || !survivors.selfCheck()) return false;
      subgroup.publishTrim(trim);
    }
    const mine = subgroup.trimOf(survivors.self)!;
    if (!members.every((member) => sameTrim(subgroup.trimOf(member), mine)) || !survivors.selfCheck())
      return false;
    this.trim = mine;
    return true;
  }

  /** The lowest surviving rank of the subgroup leads; the others copy from its row only. */
  #leadersTrim(members: readonly MemberId[], survivors: Survivors): number[] | undefined {
    const { subgroup } = this;
    const leader = members[0]!;
    if (leader !== survivors.self) return subgroup.trimOf(leader);
    if (!survivors.barrier()) return undefined;
    const shown = members.map((member) => subgroup.trimOf(member)).find((trim) => trim !== undefined);
    return shown ?? subgroup.computeTrim(members);
  }
}

function sameTrim(a: readonly number[] | undefined, b: readonly number[]): boolean {
  return a !== undefined && a.length === b.length && a.every((turns, s) => turns === b[s]);
}

import type { MemberId } from '../../transport/transport.js';
import type { Subgroup } from '../multicast/subgroup.js';
import { CorruptPeerError } from './errors.js';

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
  /** Once it is agreed: only the failed know what else was committed in the epoch. */
  loses = false;

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
      if (!subgroup.share(members)) return false;
      const trim = this.#leadersTrim(members, survivors);
      if (trim === undefined || !survivors.selfCheck()) return false;
      if (trim.from !== survivors.self && !subgroup.isPossible(trim.turns)) throw this.#impossible(trim);
      subgroup.publishTrim(trim.turns, trim.loses);
    }
    const mine = subgroup.trimOf(survivors.self)!;
    if (!members.every((member) => sameTrim(subgroup.trimOf(member), mine)) || !survivors.selfCheck())
      return false;
    this.loses = subgroup.trimLosesAt(survivors.self);
    this.trim = mine;
    return true;
  }

  /**
   * Once the trim may be acted on: goes on until what it keeps is on the disks of all replicas that are left, where the topic is persistent;
   * true once it is. `left` are the members of the domain that are.
   */
  persist(left: readonly MemberId[]): boolean {
    const { subgroup, trim } = this;
    if (subgroup.layout.persistent === undefined) return true;
    subgroup.persistUpTo(trim!);
    return left.every((id) => subgroup.hasPersisted(id, trim!));
  }

  /**
   * Whether the last replica that has all of the topic failed after its trim was agreed, and nobody here knows that what the trim brings is on any disk:
   * others may have acted on it, so it can be neither delivered nor left out.
   */
  isStranded(left: readonly MemberId[]): boolean {
    const { subgroup, trim, loses } = this;
    if (loses || subgroup.layout.persistent !== 'commit' || !subgroup.losesReplicas(left)) return false;
    return !subgroup.layout.whole.some((id) => subgroup.hasPersisted(id, trim!));
  }

  #impossible({ from, turns }: FoundTrim): CorruptPeerError {
    return new CorruptPeerError(
      from,
      `the trim of slot ${this.subgroup.layout.slot}, epoch ${this.subgroup.layout.epoch}`,
      turns.join(', '),
      'what was received and delivered here does not allow it',
    );
  }

  /** The lowest surviving rank of the subgroup leads; the others copy from its row only. */
  #leadersTrim(members: readonly MemberId[], survivors: Survivors): FoundTrim | undefined {
    const leader = members[0]!;
    if (leader !== survivors.self) return this.#shownBy(leader);
    if (!survivors.barrier()) return undefined;
    for (const member of members) {
      const shown = this.#shownBy(member);
      if (shown !== undefined) return shown;
    }
    const turns = this.subgroup.computeTrim(members);
    return { from: survivors.self, turns, loses: this.subgroup.losesReplicas(members) };
  }

  #shownBy(member: MemberId): FoundTrim | undefined {
    const turns = this.subgroup.trimOf(member);
    return turns && { from: member, turns, loses: this.subgroup.trimLosesAt(member) };
  }
}

interface FoundTrim {
  /** Whose row shows it, or who computed it. */
  from: MemberId;
  turns: number[];
  loses: boolean;
}

function sameTrim(a: readonly number[] | undefined, b: readonly number[]): boolean {
  return a !== undefined && a.length === b.length && a.every((turns, s) => turns === b[s]);
}

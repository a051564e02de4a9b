import type { MemberId } from '../../transport/transport.js';
import type { Subgroup } from '../multicast/subgroup.js';
import type { Board } from '../table/board.js';
import { BoardWatch } from './board-watch.js';
import { CorruptPeerError } from './errors.js';
import type { Installed } from './installed.js';

/** Subgroups looked through at one time. */
const scrutinyMax = 64;

/** Looks through the peers' rows for what no correct member could have written. */
export class Scrutiny {
  readonly #installed: Installed;
  readonly #boardWatch: BoardWatch;
  readonly #blame: (error: unknown) => void;
  #scrutinised = 0;

  /** `blame` is told what is found, and may suspect the member. */
  constructor(installed: Installed, board: Board, blame: (error: unknown) => void) {
    this.#installed = installed;
    this.#boardWatch = new BoardWatch(board);
    this.#blame = blame;
  }

  forget(member: MemberId): void {
    this.#boardWatch.forget(member);
  }

  /** All of the domain's rows, and some subgroups' each time, so that a thousand topics cost no more than a few. */
  look(suspected: ReadonlySet<number>): void {
    const { ids, me } = this.#installed.table;
    for (let rank = 0; rank < ids.length; rank++) {
      if (rank === me || suspected.has(rank)) continue;
      try {
        this.#installed.table.check(rank);
        this.#boardWatch.look(ids[rank]!);
      } catch (error) {
        this.#blame(error);
      }
    }
    const subgroups = [...this.#installed.subgroups.values()];
    const count = Math.min(subgroups.length, scrutinyMax);
    for (let i = 0; i < count; i++) this.#lookAt(subgroups[this.#scrutinised++ % subgroups.length]!);
  }

  #lookAt(subgroup: Subgroup): void {
    const found = subgroup.findCorruption();
    if (found !== undefined)
      this.#blame(new CorruptPeerError(found.member, found.where, found.seen, found.why));
  }
}

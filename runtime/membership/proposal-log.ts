import type { RegionMemory } from '../../transport/transport.js';
import type { Change } from './view.js';

/** A change as somebody's log has it. */
export interface Proposal {
  change: Change;
  /** Rank of the leader that proposed it last: acknowledgements are bound to it. */
  leader: number;
  /** The last change of the view. */
  endsView: boolean;
}

/**
 * The `changes` column: a log that is only ever appended to, so that a peer on aliased memory can read it while its owner writes.
 * A record at index i replaces entry i and all that followed it. `end` (a guard column of the row) says how many bytes count.
 *
 * A record: u32 length of the JSON, u32 leader, u32 index, u32 endsView, then the JSON, padded to 8 bytes.
 */
const recordHeaderBytes = 16;

export class ProposalWriter {
  readonly #memory: RegionMemory;
  readonly #start: number;
  readonly #bytes: number;
  readonly entries: Proposal[] = [];
  end = 0;

  constructor(memory: RegionMemory, start: number, bytes: number) {
    this.#memory = memory;
    this.#start = start;
    this.#bytes = bytes;
  }

  /** Appends entry `index`; what followed it is dropped. False where the log is full. */
  append(index: number, proposal: Proposal): boolean {
    const json = new TextEncoder().encode(JSON.stringify(proposal.change));
    const record = recordHeaderBytes + ((json.length + 7) & ~7);
    if (this.end + record > this.#bytes) return false;
    const at = this.#start + this.end;
    const word = at >>> 2;
    this.#memory.u32[word] = json.length;
    this.#memory.u32[word + 1] = proposal.leader;
    this.#memory.u32[word + 2] = index;
    this.#memory.u32[word + 3] = proposal.endsView ? 1 : 0;
    this.#memory.bytes.set(json, at + recordHeaderBytes);
    this.end += record;
    this.entries.length = index;
    this.entries.push(proposal);
    return true;
  }
}

/** Follows a peer's log. */
export class ProposalReader {
  readonly #memory: RegionMemory;
  readonly #start: number;
  readonly #bytes: number;
  readonly entries: Proposal[] = [];
  #read = 0;

  constructor(memory: RegionMemory, start: number, bytes: number) {
    this.#memory = memory;
    this.#start = start;
    this.#bytes = bytes;
  }

  /**
   * Reads on up to `end`.
   * @throws RangeError or SyntaxError where the bytes are no log that a member could have written, or `isPossible` says so of an entry
   */
  readTo(end: number, isPossible: (proposal: Proposal) => boolean): readonly Proposal[] {
    if (!(end <= this.#bytes)) throw new RangeError(`it has only ${this.#bytes}`);
    const { u32, bytes } = this.#memory;
    while (this.#read < end) {
      const at = this.#start + this.#read;
      const word = at >>> 2;
      const length = u32[word]!;
      const index = u32[word + 2]!;
      const next = this.#read + recordHeaderBytes + ((length + 7) & ~7);
      if (next > end || index > this.entries.length)
        throw new RangeError(`an impossible record at ${this.#read}`);
      const json = new TextDecoder().decode(
        bytes.slice(at + recordHeaderBytes, at + recordHeaderBytes + length),
      );
      this.entries.length = index;
      const proposal = {
        change: JSON.parse(json) as Change,
        leader: u32[word + 1]!,
        endsView: u32[word + 3] === 1,
      };
      if (!isPossible(proposal)) throw new RangeError(`an impossible change at ${this.#read}`);
      this.entries.push(proposal);
      this.#read = next;
    }
    return this.entries;
  }
}

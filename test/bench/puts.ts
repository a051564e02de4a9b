import { LargeReplicas, LargeRing, largeRegionName } from '../../runtime/multicast/large.js';
import { Pace } from '../../runtime/multicast/rdmc/pace.js';
import { planAgain } from '../../runtime/multicast/rdmc/plan.js';
import { Spread } from '../../runtime/multicast/rdmc/spread.js';
import { SubgroupMemory } from '../../runtime/multicast/subgroup-memory.js';
import { Board } from '../../runtime/table/board.js';
import { type MemberId, type RegionMemory, type Transport, regionMemory } from '../../transport/transport.js';

/** A put that one peer gets. */
export interface Put {
  readonly region: string;
  readonly bytes: number;
  readonly isPayload: boolean;
}

type Memory = Map<string, RegionMemory>;

/** A member whose puts are noted, and are there at once. */
function noting(self: MemberId, all: Memory, puts: Put[]): Transport {
  const allocate: Transport['allocate'] = (name, byteLength, given) => {
    const peers = [...given];
    const memory = regionMemory(new ArrayBuffer(Math.ceil(byteLength / 8) * 8));
    all.set(`${self} ${name}`, memory);
    const note = (bytes: number, to: MemberId | undefined, isPayload: boolean): void => {
      for (let n = to === undefined ? peers.length : 1; n > 0; n--)
        puts.push({ region: name, bytes, isPayload });
    };
    return {
      name,
      memory,
      peers,
      put: (start, end, to) => note(end - start, to, false),
      putPayload: (start, end, to) => note(end - start, to, true),
      seal: () => undefined,
      release: () => undefined,
    };
  };
  const attach: Transport['attach'] = (owner, name) => {
    const memory = all.get(`${owner} ${name}`);
    return memory && { memory, aliased: false, release: () => undefined };
  };
  const spreading = { perBlock: 0, bandwidth: 1, blockBytesMin: 64, blockBytesMax: 4096 } as const;
  return { self, aliased: false, spreading, allocate, attach, flush: () => undefined, isDead: () => false };
}

/** What the code itself puts in a group: of one sender's second message of so many blocks, and, by one member, of its row and of a mark. */
export function putsOf(members: number, blocks: number): { spread: Put[]; row: Put[]; mark: Put[] } {
  const puts: Put[] = [];
  const taken = (): Put[] => puts.splice(0);
  const ids = Array.from({ length: members }, (_, member) => member + 1);
  const all: Memory = new Map();
  const layout = { slot: 1, epoch: 1, ordered: true, senders: [1], receivers: ids, replicas: [], whole: [] };
  const memories = ids.map(
    (id) => new SubgroupMemory(noting(id, all, puts), { ...layout, ringBytes: 4096, largeBytes: 1 << 24 }),
  );
  const spreads = spreadsOver(memories);
  sendOne(spreads, 0, blocks);
  taken();
  sendOne(spreads, 1, blocks);
  const spread = taken();
  memories[0]!.putRow();
  const row = taken();
  const boards = memories.map(({ transport }) => new Board(transport));
  boards.forEach((board) => board.watch(ids));
  taken();
  boards[0]!.mark(1);
  return { spread, row, mark: taken() };
}

function spreadsOver(memories: readonly SubgroupMemory[]): Spread[] {
  const [{ transport, regionName, region }] = memories as [SubgroupMemory];
  const ring = new LargeRing(1 << 24, false, (index, byteLength) =>
    transport.allocate(largeRegionName(regionName, index), byteLength, region.peers),
  );
  ring.open(1 << 23);
  return memories.map((memory, member) => {
    if (member === 0) return new Spread(memory, 0, { ring, clock: { nowUs: () => 0 }, pace: new Pace() });
    const copies = new LargeReplicas(memory.transport, transport.self, regionName);
    copies.attach(1, () => 1 << 23);
    return new Spread(memory, 0, { copies });
  });
}

/** The sender's message of that turn, from its announcement until everyone has it. */
function sendOne(spreads: readonly Spread[], turn: number, blocks: number): void {
  const blockBytes = 64;
  const [sender] = spreads as [Spread];
  const { kind } = planAgain(blockBytes, sender.group, {
    perBlock: 0,
    bandwidth: 1,
    blockBytesMin: 64,
    blockBytesMax: 4096,
  });
  const where = { turn, index: 0, offset: 0, length: blocks * blockBytes };
  sender.announce({ ...where, kind, blockBytes, originEpoch: 1, originTurn: turn }, 4096);
  while (spreads.map((spread) => spread.work()).includes(true));
  if (spreads.some((spread) => spread.complete(turn + 1) <= turn)) throw new Error('somebody lacks blocks');
}

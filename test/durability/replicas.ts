import assert from 'node:assert/strict';
import { CatchUp } from '../../runtime/durability/replica/catch-up.js';
import { ReplicaLog } from '../../runtime/durability/replica/replica-log.js';
import { EntryRef, entryBytes } from '../../runtime/history/entry.js';
import type { LogOrigin } from '../../runtime/membership/log-origins.js';
import type { Delivery } from '../../runtime/multicast/delivery.js';
import { frameKind } from '../../runtime/multicast/frame.js';
import type { SubgroupLayout } from '../../runtime/multicast/subgroup-memory.js';
import type { SimulatedNetwork } from '../../transport/simulated/network.js';
import { SeededRandom } from '../../transport/simulated/random.js';
import { regionMemory, type Transport } from '../../transport/transport.js';
import { SimulatedDisk } from '../simulation/disk.js';

export function sample(epoch: number, sequence: number): Delivery {
  const memory = regionMemory(new ArrayBuffer(entryBytes(8)));
  memory.f64.set([epoch, sequence, 1]);
  memory.u32.set([8, frameKind.data], 6);
  memory.f64[7] = epoch * 1000 + sequence;
  return new EntryRef(memory, 0).asDelivery();
}

/** One replica of topic `t`, and its disk. */
export class Replica {
  readonly disk: SimulatedDisk;
  readonly transport: Transport;
  replica!: ReplicaLog;
  catchUp!: CatchUp;
  readonly #later: (us: number, action: () => void) => void;

  constructor(network: SimulatedNetwork, id: number) {
    this.transport = network.addMember(id);
    this.#later = (us, action) => network.schedule(network.clock.nowUs() + us, action);
    const options = { syncUs: { min: 10, max: 100 }, waitingMax: 1000 };
    this.disk = new SimulatedDisk(new SeededRandom(id), options, this.#later, () => this.replica.moved());
    this.#open();
  }

  #open(): void {
    this.replica = new ReplicaLog(this.disk.replica('t'), () => undefined);
    this.catchUp = new CatchUp(
      this.transport,
      this.replica,
      () => undefined,
      () => undefined,
    );
  }

  /** Its process ends, and another goes on with the disk. */
  restart(): void {
    this.disk.crash();
    this.disk.reopen(this.#later, () => this.replica.moved());
    this.#open();
  }

  get log(): string[] {
    return this.disk.log('t').records.map(({ epoch, sequence }) => `${epoch}.${sequence}`);
  }
}

export function originOf(ended: number, orphaned = false): LogOrigin {
  return { topic: 't', lineage: 'l', ended, orphaned };
}

export function layoutOf(
  epoch: number,
  replicas: readonly number[],
  others: readonly number[] = [],
): SubgroupLayout {
  return {
    slot: 1,
    epoch,
    ordered: true,
    persistent: 'commit',
    senders: replicas,
    receivers: [...replicas, ...others],
    replicas,
    whole: replicas,
    ringBytes: 4096,
    largeBytes: 4096,
  };
}

/** The same of all of them. */
export function append(replicas: readonly Replica[], epoch: number, ...sequences: number[]): void {
  for (const { replica } of replicas)
    for (const sequence of sequences) {
      assert.equal(replica.full, false);
      replica.append(sample(epoch, sequence));
    }
}

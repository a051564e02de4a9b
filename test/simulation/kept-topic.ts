import { CatchUp } from '../../runtime/durability/replica/catch-up.js';
import { ReplicaLog } from '../../runtime/durability/replica/replica-log.js';
import type { View } from '../../runtime/membership/view.js';
import type { Subgroup } from '../../runtime/multicast/subgroup.js';
import type { Station } from './station.js';
import type { World } from './world.js';

/** A persistent topic at a member that has a disk: its log, and what it lacks. */
export class KeptTopic {
  readonly name: string;
  readonly replica: ReplicaLog;
  /** This member gives of its log to somebody. */
  serving = false;
  readonly #world: World;
  readonly #station: Station;
  readonly #catchUp: CatchUp;
  #subgroup: Subgroup | undefined;
  #slot = 0;
  #wasWhole = false;

  constructor(world: World, station: Station, name: string) {
    this.name = name;
    this.#world = world;
    this.#station = station;
    const wake = () => station.poller.wake(this.#slot);
    this.replica = new ReplicaLog(station.disk!.replica(name), () => {
      this.#look();
      wake();
    });
    this.#catchUp = new CatchUp(station.transport, this.replica, (slot) => station.board.mark(slot), wake);
  }

  /** Something that is missing is on its way. */
  get lacks(): boolean {
    return this.#station.disk!.replica(this.name).gathered.size > 0 && !this.replica.isWhole;
  }

  installed({ topics, logs }: View): void {
    const topic = topics.find(({ name }) => name === this.name);
    const subgroup = topic && this.#station.membership!.subgroup(topic.slot);
    if (subgroup === this.#subgroup) return;
    this.#subgroup = subgroup;
    this.serving = false;
    const origin = logs.find((known) => known.topic === this.name);
    if (subgroup === undefined || origin === undefined) this.#catchUp.release();
    else {
      this.#slot = topic!.slot;
      this.#catchUp.begin(subgroup.layout, origin);
    }
    this.#wasWhole = this.isReplica && this.replica.isWhole;
    if (this.#wasWhole) this.#world.whole(this.#station, this.name);
  }

  get isReplica(): boolean {
    return this.#subgroup?.layout.replicas.includes(this.#station.id) === true;
  }

  #look(): void {
    if (this.#wasWhole || !this.isReplica) return;
    this.#wasWhole = this.replica.isWhole;
    if (!this.#wasWhole) return;
    this.#world.tally.meet('caughtUp');
    this.#world.whole(this.#station, this.name);
  }

  /** It is a replica, and says that its log has all. */
  get isWhole(): boolean {
    return this.isReplica && this.replica.isWhole;
  }

  get active(): boolean {
    return this.#catchUp.active;
  }

  evaluated(): void {
    if (!this.#catchUp.active) {
      this.serving = false;
      return;
    }
    if (this.#catchUp.step()) this.#station.poller.wake(this.#slot);
  }
}

import { isAfter } from '../../runtime/durability/log/catalog.js';
import { CatchUp } from '../../runtime/durability/replica/catch-up.js';
import { ReplicaLog } from '../../runtime/durability/replica/replica-log.js';
import { pastOf, wholeClaim } from '../../runtime/membership/topic-past.js';
import type { View } from '../../runtime/membership/view.js';
import type { Subgroup } from '../../runtime/multicast/subgroup.js';
import type { Delivered } from './history.js';
import type { Station } from './station.js';
import { SimulatedState } from './states.js';
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
  /** While the log has all. */
  #state: SimulatedState | undefined;

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

  /** What a storing endpoint says of itself: the disk, and the epoch up to whose end the log there has everything. */
  terms(): { stores: true; disk: string; reaches?: number; last?: number } {
    const past = pastOf(this.#station.membership!.view, this.name);
    const { id } = this.#station.disk!;
    if (past !== undefined) this.replica.settle(past, id);
    return { stores: true, disk: id, ...(past !== undefined && this.replica.reach(past)) };
  }

  /** Says to the domain that the log has all, where that does not know it yet. */
  #claim(view: View): void {
    if (!this.isWhole) return;
    const mine = wholeClaim(view, this.name, this.#station.id);
    if (mine === undefined) return;
    this.#station.membership!.request([{ op: 'whole', endpoint: mine }]);
  }

  installed(view: View): void {
    const { topics, logs } = view;
    this.#claim(view);
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
    this.#beginState();
  }

  get isReplica(): boolean {
    return this.#subgroup?.layout.replicas.includes(this.#station.id) === true;
  }

  #look(): void {
    if (this.#wasWhole || !this.isReplica) return;
    this.#wasWhole = this.replica.isWhole;
    if (!this.#wasWhole) return;
    this.#world.tally.meet('caughtUp');
    this.#claim(this.#station.membership!.view);
    this.#world.whole(this.#station, this.name);
    this.#beginState();
  }

  /** As `Replicated.start`, once the log has all: of a topic that delivers what is committed. */
  #beginState(): void {
    this.#state = undefined;
    const subgroup = this.#subgroup;
    if (!this.#wasWhole || subgroup?.layout.persistent !== 'commit') return;
    const { epoch } = subgroup.layout;
    const disk = this.#station.disk!;
    const records = disk
      .log(this.name)
      .records.filter((record) => !isAfter(record.epoch, record.sequence, epoch, subgroup.delivered - 1));
    this.#state = new SimulatedState(disk, this.name, records, (state) =>
      this.#world.stateCame(this.name, { member: this.#station.id, ...state }),
    );
  }

  delivered(event: Delivered): void {
    this.#state?.apply(event);
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

import type { MemberId } from '../../transport/transport.js';
import type { Disturbance } from './scenario.js';
import type { Station } from './station.js';
import type { World } from './world.js';

/** Whom a fault of links strikes, and who else lives. */
interface Struck {
  readonly station: Station;
  readonly peers: readonly Station[];
  readonly disturbance: Disturbance;
}

/** What may befall the links between members: cuts and delays, for a while. */
export class LinkFaults {
  healed = false;
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  /** `station`, who leads, and whoever leads next hear nothing of each other, and the latter hears late of the others. */
  divide({ station, peers, disturbance }: Struck): void {
    const { network } = this.#world;
    const next = station.view?.members.map(({ id }) => peers.find((peer) => peer.id === id)).find(Boolean);
    if (next === undefined) return;
    network.cut(station.id, next.id);
    network.cut(next.id, station.id);
    this.tellLate(next, peers, disturbance);
    this.#world.later(disturbance.lengthUs, () => this.restoreAll(station, [next]));
  }

  /** `station` hears late of the others: a while longer than the fault itself lasts, since that is when it matters. */
  tellLate(station: Station, peers: readonly Station[], { draw, lengthUs }: Disturbance): void {
    const others = peers.filter((peer) => peer !== station);
    const max = 200 + ((draw >>> 4) % 4_000);
    for (const { id } of others) this.#world.network.setDelay(id, station.id, { min: 1, max });
    this.#world.later(lengthUs + 10_000, () => this.restoreAll(station, others));
  }

  /** `station` hears late of the others, and they perhaps of it. */
  delay({ station, peers, disturbance }: Struck): void {
    const { draw, lengthUs } = disturbance;
    const { network } = this.#world;
    for (const other of peers) {
      const max = 50 + ((draw >>> (other.id % 16)) % 8_000);
      network.setDelay(other.id, station.id, { min: max >> 2, max });
      if (draw % 2 === 0) network.setDelay(station.id, other.id, { min: 1, max: max >> 1 });
    }
    this.#world.later(lengthUs, () => this.restoreAll(station, peers));
  }

  /** Cuts some of the links of some members, in one direction or both; where the others are spared, `station` alone is not heard. */
  partition({ station, peers, disturbance }: Struck): void {
    const { draw, lengthUs } = disturbance;
    const { network, scenario } = this.#world;
    const others = scenario.sparing ? peers : peers.filter(({ id }) => ((draw >>> (id % 20)) & 1) === 0);
    const side = [station, ...peers.filter((peer) => !others.includes(peer) && draw % 3 === 0)];
    for (const a of side)
      for (const b of others) {
        if (draw % 5 !== 0 || scenario.sparing) network.cut(a.id, b.id);
        if (draw % 5 < 3) network.cut(b.id, a.id);
      }
    this.#world.later(lengthUs, () => {
      for (const a of side) this.restoreAll(a, others);
    });
  }

  /** The link between the two goes and comes, in one direction or both. */
  flap(a: Station, b: Station, disturbance: Disturbance, times = 6): void {
    if (times === 0 || this.healed) {
      this.restoreAll(a, [b]);
      return;
    }
    const { network } = this.#world;
    const switchLink = (source: MemberId, target: MemberId) =>
      times % 2 === 0 ? network.cut(source, target) : network.heal(source, target);
    switchLink(a.id, b.id);
    if (disturbance.draw % 2 === 0) switchLink(b.id, a.id);
    const next = () => this.flap(a, b, disturbance, times - 1);
    this.#world.later(Math.ceil(disturbance.lengthUs / 6), next);
  }

  #restore(source: MemberId, target: MemberId): void {
    const { network, scenario } = this.#world;
    network.heal(source, target);
    network.setDelay(source, target, scenario.delayUs);
  }

  restoreAll(station: Station, peers: readonly Station[]): void {
    for (const { id } of peers) {
      if (id === station.id) continue;
      this.#restore(station.id, id);
      this.#restore(id, station.id);
    }
  }
}

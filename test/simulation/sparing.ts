import type { MemberId } from '../../transport/transport.js';
import type { DisturbanceKind } from './scenario.js';
import type { Station } from './station.js';
import type { World } from './world.js';

/** How many members, of whom it strikes and whom else it concerns, a disturbance may cost the domain. */
const costs: Partial<Record<DisturbanceKind, 'station' | 'peer' | 'both'>> = {
  crash: 'station',
  leaderCrash: 'station',
  successorCrash: 'station',
  sourceCrash: 'station',
  partialCrash: 'station',
  diskFails: 'station',
  diskFull: 'station',
  diskCrash: 'station',
  leave: 'station',
  pause: 'station',
  partition: 'station',
  cutMidPut: 'station',
  falseSuspicion: 'peer',
  estrangement: 'both',
  division: 'both',
  flapping: 'both',
};

/**
 * Withholds, in scenarios that spare the last majority, what might cost it: without anyone left there is nothing to say of progress. A member
 * that is silent, or not heard, counts as lost until it is clear that it is not.
 */
export class Sparing {
  readonly #world: World;
  /** By member: until when something that lasts may bring its eviction about. */
  readonly #endangeredUntil = new Map<MemberId, number>();

  constructor(world: World) {
    this.#world = world;
  }

  allows(kind: DisturbanceKind, station: Station, peer: Station | undefined, lengthUs: number): boolean {
    const { scenario, nowUs } = this.#world;
    if (!scenario.sparing) return true;
    const cost = costs[kind];
    const lost = [cost !== 'peer' && station, cost !== 'station' && peer].filter(
      (member): member is Station => cost !== undefined && typeof member === 'object',
    );
    if (lost.length > this.#spare(lost)) return false;
    for (const { id } of lost) this.#endangeredUntil.set(id, nowUs + lengthUs + 2 * scenario.suspicionUs);
    return true;
  }

  /** How many more members the domain can lose; `lost` are not counted twice. */
  #spare(lost: readonly Station[]): number {
    const { stations, scenario, nowUs } = this.#world;
    const members = [...stations.values()].filter(({ state }) => state === 'member');
    const newest = members.reduce((most, { view }) => Math.max(most, view!.viewId), -1);
    const inView = members.find(({ view }) => view!.viewId === newest)?.view?.members ?? [];
    const safe = inView.filter(({ id }) => {
      const station = stations.get(id)!;
      const endangered = (this.#endangeredUntil.get(id) ?? 0) > nowUs && !lost.includes(station);
      return station.state === 'member' && !endangered;
    });
    return safe.length - (scenario.singleHost ? 1 : Math.floor(inView.length / 2) + 1);
  }
}

import type { MemberId } from '../../transport/transport.js';
import { LinkFaults } from './link-faults.js';
import type { Disturbance, DisturbanceKind } from './scenario.js';
import { Sparing } from './sparing.js';
import type { Station } from './station.js';
import type { World } from './world.js';

/** A disturbance that has not struck yet. */
interface Armed {
  readonly index: number;
  readonly disturbance: Disturbance;
  left: number;
}

/** What a strike works on. */
interface Strike extends Armed {
  readonly station: Station;
  /** Who else lives. */
  readonly peers: readonly Station[];
  /** One of them. */
  readonly peer: Station | undefined;
}

/** Puts that each disturbance waits for in vain before the beat strikes in their place. */
const strikeAnywayUs = 20_000;

/** Lets the disturbances of a scenario strike, each at the put that it waits for. */
export class Disturber {
  readonly #world: World;
  readonly #disturbances: readonly Disturbance[];
  readonly #sparing: Sparing;
  readonly #links: LinkFaults;
  #armed: Armed[] = [];
  #waiting: Armed[];
  #healed = false;
  #striking = false;

  constructor(world: World, disturbances: readonly Disturbance[], without: ReadonlySet<number>) {
    this.#world = world;
    this.#disturbances = disturbances;
    this.#sparing = new Sparing(world);
    this.#links = new LinkFaults(world);
    this.#waiting = disturbances
      .map((disturbance, index) => ({ index, disturbance, left: disturbance.skip }))
      .filter(({ index }) => !without.has(index));
  }

  /** Where nobody puts anything, nothing would strike: the clock lets it. */
  start(): void {
    const { network, stations } = this.#world;
    for (const { afterUs } of this.#disturbances)
      network.schedule(afterUs + strikeAnywayUs, () => {
        const station = [...stations.values()].find(({ state }) => state === 'member');
        if (station !== undefined && !this.#healed) station.guarded(() => this.atPutOf(station));
      });
  }

  /** Takes all faults away; what is cut, paused or slow works again. */
  heal(): void {
    this.#healed = true;
    this.#links.healed = true;
    this.#armed = [];
    this.#waiting = [];
    const { stations } = this.#world;
    for (const station of stations.values()) {
      this.#recover(station);
      station.diskStepsLeft = -1;
      this.#links.restoreAll(station, [...stations.values()]);
    }
  }

  /** `station` is about to put something: whatever waits for that strikes. */
  atPutOf(station: Station): void {
    if (this.#striking) return;
    const now = this.#world.nowUs;
    while (this.#waiting.length > 0 && this.#waiting[0]!.disturbance.afterUs <= now)
      this.#armed.push(this.#waiting.shift()!);
    for (const armed of this.#armed) {
      if (!this.#isMet(armed.disturbance, station) || armed.left-- > 0) continue;
      this.#armed = this.#armed.filter((other) => other !== armed);
      this.#striking = true;
      try {
        this.#strike(station, armed);
      } finally {
        this.#striking = false;
      }
      return;
    }
  }

  #isMet({ phase, role }: Disturbance, station: Station): boolean {
    if (phase !== undefined && phase !== station.phase) return false;
    if (role === 'source') return station.serving;
    return role === 'any' || this.#leads(station);
  }

  #leads(station: Station): boolean {
    return station.view?.members.find(({ id }) => !station.suspects.has(id))?.id === station.id;
  }

  #strike(station: Station, armed: Armed): void {
    const { kind, role, draw, lengthUs } = armed.disturbance;
    const peers = [...this.#world.stations.values()].filter((other) => other !== station && other.alive);
    const peer = peers[draw % Math.max(1, peers.length)];
    if (!this.#sparing.allows(kind, station, peer, lengthUs)) {
      this.#world.tally.meet('withheld');
      this.#world.note(station, 'fault', `#${armed.index} ${kind} withheld: it might cost the last majority`);
      return;
    }
    // The first of two deaths is that of a leader, wherever the second is to strike.
    const counted = kind === 'successorCrash' && role !== 'leader' ? 'leaderCrash' : kind;
    const isFirst = counted !== kind;
    if (!isFirst || this.#leads(station)) this.#world.tally.struck(station.phase, counted);
    this.#world.note(station, 'fault', `#${armed.index} ${kind} in phase ${station.phase}`);
    this.#strikes[kind]({ ...armed, station, peers, peer });
  }

  readonly #strikes: Record<DisturbanceKind, (strike: Strike) => void> = {
    crash: (strike) => this.#crashAt(strike),
    leaderCrash: (strike) => this.#crashAt(strike),
    sourceCrash: (strike) => this.#crashAt(strike),
    successorCrash: (strike) => this.#crashLeaders(strike),
    pause: (strike) => {
      this.#world.network.pause(strike.station.id);
      this.#recoverLater(strike);
    },
    stall: (strike) => {
      strike.station.stalled = true;
      this.#recoverLater(strike);
    },
    slowMember: (strike) => {
      strike.station.slowUs = 200 + (strike.disturbance.draw % 4_000);
      this.#recoverLater(strike);
    },
    slowReader: (strike) => {
      strike.station.full = true;
      this.#recoverLater(strike);
    },
    delays: (strike) => this.#links.delay(strike),
    partition: (strike) => this.#links.partition(strike),
    flapping: ({ station, peer, disturbance }) => {
      if (peer !== undefined) this.#links.flap(station, peer, disturbance);
    },
    cutMidPut: ({ station, peer, disturbance }) => {
      if (peer === undefined) return;
      this.#world.network.cutMidPut(station.id, peer.id);
      this.#world.later(disturbance.lengthUs, () => this.#world.network.heal(station.id, peer.id));
    },
    partialCrash: (strike) => this.#crashUnheard(strike),
    estrangement: (strike) => {
      const { station, peer, disturbance } = strike;
      if (peer === undefined) return;
      deafen(station, peer.id);
      deafen(peer, station.id);
      this.#recoverLater(strike);
      this.#recoverLater({ station: peer, disturbance });
    },
    diskSlow: (strike) => {
      const { disk } = strike.station;
      if (disk !== undefined) disk.slowUs = 1_000 + (strike.disturbance.draw % 20_000);
      this.#recoverLater(strike);
    },
    diskFails: ({ station }) => {
      this.#world.later(0, () => station.disk?.fail('an input/output error'));
    },
    diskFull: ({ station, disturbance }) => {
      if (station.disk !== undefined) station.disk.roomLeft = disturbance.draw % 20;
    },
    return: ({ disturbance }) => {
      this.#world.later(0, () => this.#world.comeBack(disturbance.draw));
    },
    diskCrash: ({ station, disturbance }) => {
      if (station.disk !== undefined) station.diskStepsLeft = disturbance.draw % 30;
    },
    division: (strike) => this.#links.divide(strike),
    blackout: (strike) => this.#blackOut(strike),
    decimation: (strike) => this.#decimate(strike),
    retirement: ({ station, peers, disturbance }) => {
      const retiring = disturbance.draw % 2 === 0 ? [station] : peers;
      for (const other of retiring)
        this.#world.asks(other, () => other.application.closeAll(this.#topicOf(disturbance).name));
    },
    falseSuspicion: (strike) => {
      if (strike.peer !== undefined) deafen(strike.station, strike.peer.id);
      this.#recoverLater(strike);
    },
    join: () => {
      this.#world.later(0, () => this.#world.addMember());
    },
    joinStorm: ({ disturbance }) => {
      this.#world.later(0, () => {
        for (let i = 0; i < 2 + (disturbance.draw % 4); i++) this.#world.addMember();
      });
    },
    leave: ({ station }) => {
      this.#world.history.leaving.add(station.id);
      this.#world.asks(station, () => station.membership!.request([{ op: 'leave' }]));
    },
    open: ({ station, disturbance }) => {
      const topic = this.#topicOf(disturbance);
      this.#world.asks(station, () => {
        if (disturbance.draw % 2 === 0) station.application.openReader(topic);
        else station.application.openWriter(topic);
      });
    },
    close: ({ station, disturbance }) => {
      const role = disturbance.draw % 2 === 0 ? 'reader' : 'writer';
      this.#world.asks(station, () => station.application.close(this.#topicOf(disturbance).name, role));
    },
    grow: ({ station, disturbance }) => {
      this.#world.asks(station, () => station.application.grow(this.#topicOf(disturbance).name));
    },
  };

  #topicOf({ draw }: Disturbance) {
    const { topics } = this.#world.scenario;
    return topics[(draw >>> 8) % topics.length]!;
  }

  #crashAt({ station, disturbance }: Strike): void {
    if (disturbance.when === 'before') this.#world.crashNow(station);
    station.crashAfterPut = true;
  }

  /** All die: `station` now, the others a little later, each by itself; now and then all at once. */
  #blackOut({ station, disturbance }: Strike): void {
    const world = this.#world;
    world.blackedOut = true;
    const { draw, lengthUs } = disturbance;
    const spreadUs = draw % 3 === 0 ? 0 : lengthUs;
    for (const other of world.stations.values()) {
      if (other === station) continue;
      const us = spreadUs === 0 ? 0 : (draw ^ (other.id * 0x9e3779b1)) >>> 0;
      if (spreadUs === 0) world.crash(other);
      else world.later(us % spreadUs, () => world.crash(other));
    }
    this.#crashAt({ station, disturbance } as Strike);
  }

  /** Of the members with disks one is left; where a majority of all has to be, as many as it can spare die. */
  #decimate({ station, peers, disturbance }: Strike): void {
    const { singleHost } = this.#world.scenario;
    const { members } = station.view ?? { members: [] };
    const spare = singleHost ? members.length - 1 : Math.ceil(members.length / 2) - 1;
    const stored = members.filter(({ disk }) => disk !== undefined).map(({ id }) => id);
    const left = stored[disturbance.draw % Math.max(1, stored.length)];
    const dying = stored.filter((id) => id !== left).slice(0, spare);
    for (const peer of peers) if (dying.includes(peer.id)) this.#world.crash(peer);
    if (dying.includes(station.id)) this.#crashAt({ station, disturbance } as Strike);
  }

  /** Whoever leads next, and some others, do not hear what `station` puts from now on; a little later it dies. The next may hear late of the rest, too. */
  #crashUnheard({ station, peers, disturbance }: Strike): void {
    const { network } = this.#world;
    const members = (station.view?.members ?? []).filter(({ id }) => peers.some((peer) => peer.id === id));
    const deaf = members.filter(({ id }, i) => i === 0 || ((disturbance.draw >>> id) & 1) === 0);
    for (const { id } of deaf) network.cut(station.id, id);
    const next = peers.find(({ id }) => id === members[0]?.id);
    if (next !== undefined && disturbance.draw % 2 === 0) this.#links.tellLate(next, peers, disturbance);
    this.#world.later(disturbance.lengthUs, () => {
      if (station.state !== 'crashed') for (const { id } of deaf) network.lose(station.id, id);
      this.#world.crash(station);
      for (const { id } of deaf) network.heal(station.id, id);
    });
  }

  /** The leader dies now, and whoever leads next when it comes to the drawn phase. */
  #crashLeaders(strike: Strike): void {
    const { station, disturbance, index } = strike;
    if (disturbance.role === 'leader') {
      this.#crashAt(strike);
      return;
    }
    const { stations } = this.#world;
    const members = station.view?.members ?? [];
    const leader = members.map(({ id }) => stations.get(id)!).find(({ state }) => state === 'member');
    this.#armed.push({ index, left: disturbance.draw % 3, disturbance: { ...disturbance, role: 'leader' } });
    if (leader === station) this.#world.crashNow(station);
    if (leader !== undefined) this.#world.crash(leader);
  }

  // ---- and back again ----

  #recoverLater({ station, disturbance }: Pick<Strike, 'station' | 'disturbance'>): void {
    this.#world.later(disturbance.lengthUs, () => this.#recover(station));
  }

  #recover(station: Station): void {
    this.#world.note(station, 'recover', 'works as usual again');
    station.full = false;
    station.stalled = false;
    station.slowUs = 0;
    if (station.disk !== undefined) station.disk.slowUs = 0;
    Reflect.deleteProperty(station.board, 'lifeOf');
    if (station.state === 'crashed') return;
    const { network } = this.#world;
    if (network.isPaused(station.id)) network.resume(station.id);
    if (station.state !== 'member') return;
    for (const { slot } of station.membership!.view.topics) station.poller.wake(slot);
    this.#world.later(0, () => station.run());
  }
}

/** `station` does not see the heart of `id` beat any more. */
function deafen({ board }: Station, id: MemberId): void {
  const lifeOf = board.lifeOf.bind(board);
  const last = lifeOf(id);
  board.lifeOf = (peer) => (peer === id ? last : lifeOf(peer));
}

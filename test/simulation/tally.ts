import type { DisturbanceKind, DisturbancePair, Phase } from './scenario.js';

/** What may befall a run beside faults, and has to be met now and then for its oracles to mean something. */
export type Meeting =
  | 'ringWrap'
  | 'owesWithoutRoom'
  | 'largeMessage'
  | 'relay'
  | 'largeRelay'
  | 'spread'
  | 'spreadByRacks'
  | 'resumed'
  | 'finished'
  | 'lateHistory'
  | 'lostHistory'
  | 'someSurvive'
  | 'eviction'
  | 'lostMajority'
  | 'killedForSilence'
  | 'withheld'
  | 'epochWithoutReaders'
  | 'epochWithoutReplicas'
  | 'lostEnd'
  | 'lostTail'
  | 'diskFailure'
  | 'caughtUp'
  | 'settledPast'
  | 'restart'
  | 'restartWaits'
  | 'restartCrash'
  | 'restartCut'
  | 'lateDisk'
  | 'witnessDecides'
  | 'countersNear2^31'
  | 'sequencesPast2^31'
  | 'ringPast2^31';

/** What happened in a run, as numbers. */
export class Tally {
  puts = 0;
  readonly faults: Partial<Record<DisturbanceKind, number>> = {};
  readonly coverage = new Set<DisturbancePair>();
  readonly met = new Set<Meeting>();

  /** A disturbance strikes a member in this phase. */
  struck(phase: Phase, kind: DisturbanceKind): void {
    this.faults[kind] = (this.faults[kind] ?? 0) + 1;
    this.coverage.add(`${phase}/${kind}`);
  }

  meet(what: Meeting): void {
    this.met.add(what);
  }
}

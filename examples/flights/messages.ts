import type { Checkpoint } from './witness.js';

/** What a member process is told when it is forked: its one argument, as JSON. */
export interface Assignment {
  domain: string;
  /** What it is called in the domain, in tables and on the page. */
  name: string;
  /** How many members read the flights: a feed begins when all are matched. */
  readers: number;
  live: boolean;
  /** Feeds, not live: how many times all flights are written. */
  repeat: number;
  /** Feeds, live: simulated minutes per second. */
  speed: number;
  /** Samples between two checkpoints, and between two words of a feed on its progress. 0: as the rate suggests. */
  every: number;
  /** Gateway: the page's port. */
  port: number;
}

/** From the demo to a member, over the channel that node opens between a process and what it forks. */
export type Order =
  /** Feeds: begin. Live, the simulated clock shows the first morning at `startMs`. */
  | { kind: 'go'; startMs: number }
  /** Feeds: you may have sent so many. */
  | { kind: 'grant'; upTo: number }
  /** Say what you delivered once you have so many samples from each feed, and none of `gone` is in your view. */
  | { kind: 'finish'; written: readonly (readonly [feed: number, count: number])[]; gone: readonly number[] }
  | { kind: 'leave' };

/** From a member to the demo. */
export type Word =
  | { kind: 'ready'; id: number; planned: number }
  | { kind: 'sent'; count: number }
  | { kind: 'written'; count: number; startedMs: number }
  | { kind: 'checkpoint'; checkpoint: Checkpoint }
  | { kind: 'result'; result: Result }
  | { kind: 'page'; url: string }
  /** Live: the departures board, to be shown in the demo's terminal. */
  | { kind: 'board'; lines: readonly string[] }
  | { kind: 'failed'; message: string };

/** What a member delivered, from the first sample to the last. */
export interface Result {
  name: string;
  delivered: number;
  deliveredByFeed: readonly (readonly [feed: number, count: number])[];
  hash: string;
  checkpoints: readonly Checkpoint[];
  /** Samples that were not the next of their writer: 0, or something is badly wrong. */
  outOfSequence: number;
  lastMs: number;
  /** A line or two on what the member made of it all. */
  remarks: readonly string[];
}

/** Milliseconds since 1970 with a fraction: comparable between the processes of one host. */
export function nowMs(): number {
  return performance.timeOrigin + performance.now();
}

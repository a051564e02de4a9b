/** The topics of the demo, and what travels on those that are JSON. Shared by the members and the page. */
export const topics = {
  /** Every flight, `atomic`: all members deliver all of them in one order. */
  flights: 'flights',
  /** What each member says of itself, `raw`: each report stands alone, so no order is needed. */
  members: 'members',
  /** What `stats` worked out, `raw`. */
  delays: 'delays',
} as const;

/** A type, not an interface: only a type's members count as known to be JSON. */
export type MemberReport = {
  name: string;
  pid: number;
  delivered: number;
  samplesPerSecond: number;
  hash: string;
  /** Places that it has passed, and the hash at each. */
  checkpoints: [delivered: number, hash: string][];
  viewId: number;
  /** Names of the members in its view. */
  view: string[];
};

export type AirportDelay = { iata: string; departures: number; late: number; averageDelay: number };

export type DelayReport = {
  departures: number;
  late: number;
  averageDelay: number;
  /** Those with the most departures first. */
  airports: AirportDelay[];
};

/** A flight counts as late from here, as the Department of Transportation counts. Minutes. */
export const lateFromMinutes = 15;

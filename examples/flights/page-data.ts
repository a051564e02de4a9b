import type { Airport } from './flights-data.js';

/** What the page needs to know of the run it is shown for. */
export interface PageSettings {
  /** The gateway's address. */
  gateway: string;
  /** Between the two feeds. Degrees of longitude. */
  meridian: number;
}

/** An airport on the map. */
export interface PageAirport extends Airport {
  /** In all of the data: the busiest are drawn larger, and named. */
  departures: number;
}

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Flight } from './generated/flights.js';

/** The two feeds: each writes the flights that depart on its side of the meridian. */
export type Side = 'west' | 'east';
export const sides: readonly Side[] = ['west', 'east'];

/** Degrees of longitude; about as many of the flights depart on either side of it. */
export const meridian = -90;

export interface Airport {
  readonly iata: string;
  readonly name: string;
  readonly city: string;
  readonly state: string;
  readonly latitude: number;
  readonly longitude: number;
}

const require = createRequire(import.meta.url);

/** The path of a data file in the package vega-datasets, which exports none of them by itself. */
export function dataFile(name: string): string {
  return join(require.resolve('vega-datasets'), '../../data', name);
}

interface Row {
  date: string;
  delay: number;
  distance: number;
  origin: string;
  destination: string;
}

/** All 20,000 flights in the order of their departures. */
export function loadFlights(): Flight[] {
  const rows = JSON.parse(readFileSync(dataFile('flights-20k.json'), 'utf8')) as Row[];
  return rows.map((row, id) => ({ ...row, id, date: BigInt(minutesOf(row.date)) * 60_000_000n }));
}

/** `2001/01/31 17:05` as minutes since 1970; the data has no time zones, so a clock without any is used. */
export function minutesOf(date: string): number {
  const fields = /^(\d{4})\/(\d\d)\/(\d\d) (\d\d):(\d\d)$/.exec(date);
  if (fields === null)
    throw new RangeError(`flights-20k.json: '${date}' is no date such as 2001/01/31 17:05`);
  const [year, month, day, hour, minute] = fields.slice(1).map(Number) as [
    number,
    number,
    number,
    number,
    number,
  ];
  return Date.UTC(year, month - 1, day, hour, minute) / 60_000;
}

/** Every airport of airports.csv, by its code. */
export function loadAirports(): Map<string, Airport> {
  const [, ...lines] = readFileSync(dataFile('airports.csv'), 'utf8').trim().split(/\r?\n/);
  return new Map(lines.map(parseCsvLine).map((fields) => [fields[0]!, airportOf(fields)]));
}

function airportOf([iata, name, city, state, , latitude, longitude]: string[]): Airport {
  return {
    iata: iata!,
    name: name!,
    city: city!,
    state: state!,
    latitude: Number(latitude),
    longitude: Number(longitude),
  };
}

/** Fields between commas; a quoted one may hold commas, and a doubled quote for a quote. */
export function parseCsvLine(line: string): string[] {
  const fields = line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g);
  return Array.from(fields, ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain!);
}

/** The flights that one feed writes: those that depart on its side. */
export function flightsOf(
  side: Side,
  flights: readonly Flight[],
  airports: ReadonlyMap<string, Airport>,
): Flight[] {
  return flights.filter(({ origin }) => airports.get(origin)!.longitude < meridian === (side === 'west'));
}

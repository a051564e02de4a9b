import { deepEqual, equal, ok, throws } from 'node:assert/strict';
import {
  flightsOf,
  loadAirports,
  loadFlights,
  minutesOf,
  parseCsvLine,
} from '../../examples/flights/flights-data.js';

describe('the flights data', () => {
  it('has 20,000 flights in the order of their departures, numbered by row', () => {
    const flights = loadFlights();
    equal(flights.length, 20_000);
    deepEqual(flights[0], {
      id: 0,
      date: BigInt(Date.UTC(2001, 0, 1, 0, 47)) * 1000n,
      delay: 66,
      distance: 1750,
      origin: 'DTW',
      destination: 'LAS',
    });
    ok(flights.every(({ id, date }, i) => id === i && (i === 0 || flights[i - 1]!.date <= date)));
  });

  it('is split by origin into two feeds of about the same size that miss and share nothing', () => {
    const flights = loadFlights();
    const airports = loadAirports();
    const west = flightsOf('west', flights, airports);
    const east = flightsOf('east', flights, airports);
    deepEqual(
      [...west, ...east].map(({ id }) => id).sort((a, b) => a - b),
      flights.map(({ id }) => id),
    );
    const westOrigins = new Set(west.map(({ origin }) => origin));
    ok(east.every(({ origin }) => !westOrigins.has(origin)));
    ok(Math.abs(west.length - east.length) < 1000);
  });

  it('knows where each airport of a flight is', () => {
    const airports = loadAirports();
    for (const { origin, destination } of loadFlights()) {
      for (const iata of [origin, destination]) {
        const { latitude, longitude } = airports.get(iata)!;
        ok(Number.isFinite(latitude) && Number.isFinite(longitude), iata);
      }
    }
    equal(airports.get('SFO')!.state, 'CA');
  });

  it('refuses a date that is none', () => {
    equal(minutesOf('1970/01/02 00:01'), 1441);
    throws(() => minutesOf('2001-01-01 00:01'), /'2001-01-01 00:01' is no date such as/);
  });

  it('reads quoted fields', () => {
    deepEqual(parseCsvLine('a,"b, c",,"say ""d""",e'), ['a', 'b, c', '', 'say "d"', 'e']);
  });
});

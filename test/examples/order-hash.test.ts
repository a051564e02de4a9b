import { equal, notEqual } from 'node:assert/strict';
import { foldFlight, OrderHash, type Origin } from '../../examples/flights/order-hash.js';
import type { Flight } from '../../examples/flights/generated/flights.js';

const flight: Flight = {
  id: 7,
  date: 978_310_020_000_000n,
  delay: -5,
  distance: 407,
  origin: 'LAS',
  destination: 'OAK',
};
const origin: Origin = { member: 4_490_933_313_131_485, writer: 2, writerSequence: 1 };

function hashOf(...samples: [Flight, Origin][]): string {
  const hash = new OrderHash();
  for (const [data, from] of samples) foldFlight(hash, data, from);
  return hash.hex;
}

describe('the order hash', () => {
  it('is the same for the same samples in the same order', () => {
    const samples: [Flight, Origin][] = [
      [flight, origin],
      [
        { ...flight, id: 8 },
        { ...origin, writerSequence: 2 },
      ],
    ];
    equal(hashOf(...samples), hashOf(...samples));
    equal(hashOf(...samples).length, 16);
  });

  it('changes when two samples are swapped', () => {
    const first: [Flight, Origin] = [flight, origin];
    const second: [Flight, Origin] = [
      { ...flight, id: 8 },
      { ...origin, member: 12, writerSequence: 1 },
    ];
    notEqual(hashOf(first, second), hashOf(second, first));
  });

  it('changes in both halves with every field, and with who wrote the sample as its how manieth', () => {
    const original = hashOf([flight, origin]);
    const changedFlights: Flight[] = [
      { ...flight, id: 6 },
      { ...flight, date: flight.date + 1n },
      { ...flight, date: flight.date + (1n << 33n) },
      { ...flight, delay: 5 },
      { ...flight, distance: 408 },
      { ...flight, origin: 'LAX' },
      { ...flight, destination: 'PHX' },
      { ...flight, origin: 'LA', destination: 'SOAK' },
    ];
    const changedOrigins: Origin[] = [
      { ...origin, member: origin.member + 1 },
      { ...origin, member: origin.member - 2 ** 40 },
      { ...origin, writer: 3 },
      { ...origin, writerSequence: 2 },
    ];
    const changed = [
      ...changedFlights.map((data) => hashOf([data, origin])),
      ...changedOrigins.map((from) => hashOf([flight, from])),
    ];
    for (const hash of changed) {
      notEqual(hash.slice(0, 8), original.slice(0, 8));
      notEqual(hash.slice(8), original.slice(8));
    }
    equal(new Set(changed).size, changed.length);
  });

  it('differs between a sample that is missing and none', () => {
    notEqual(hashOf(), hashOf([flight, origin]));
    notEqual(hashOf([flight, origin]), hashOf([flight, origin], [flight, origin]));
  });
});

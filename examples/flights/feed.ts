import { BowechoError } from 'bowecho';
import { FastFeed } from './fast-feed.js';
import { flightsOf, loadAirports, loadFlights, type Side } from './flights-data.js';
import { Flight } from './generated/flights.js';
import { LiveFeed } from './live-feed.js';
import { Member } from './member.js';
import { topics } from './topics.js';

// Writes the flights that depart on its side of the meridian, while the other feed writes the rest: nothing says which is first,
// and yet all members deliver both feeds in one and the same order.

await Member.run((assignment) => {
  const flights = flightsOf(assignment.name as Side, loadFlights(), loadAirports());
  return {
    async start(member) {
      const writer = await member.participant.writer(Flight, { topic: topics.flights, qos: 'atomic' });
      const feed = assignment.live ? new LiveFeed(member, writer) : new FastFeed(member, writer);
      member.onOrder((order) => {
        if (order.kind === 'grant') feed.granted(order.upTo);
        if (order.kind === 'go')
          feed.run(flights, order.startMs).catch((error: unknown) => endOf(member, error));
      });
      await writer.whenMatched(assignment.readers);
      member.ready(assignment.live ? flights.length : flights.length * assignment.repeat);
    },
  };
});

/** A feed that is told to leave in the middle of a write finds its writer closed: that is no fault. */
function endOf(member: Member, error: unknown): void {
  if (member.leaving || (error instanceof BowechoError && error.code === 'BE_CLOSED')) return;
  member.tell({ kind: 'failed', message: String(error) });
}

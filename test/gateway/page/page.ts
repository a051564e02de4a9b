import { Flight } from '../../../examples/flights/generated/flights.js';
import { Text } from '../../../codegen/support/builtin-types.js';
import { connect } from '../../../runtime/gateway/client/index.js';

declare global {
  /** What the page has seen, for the test to look at. */
  var seen: string[];
}

/** The page under test: it reads flights from the gateway that its own address names, and answers each with a text. */
globalThis.seen = [];
const client = await connect(new URLSearchParams(location.search).get('gateway')!);
client.state$.subscribe((state) => seen.push(state));
const reader = await client.reader(Flight, { topic: 'flights' });
const writer = await client.writer(Text, { topic: 'answers' });
reader.samples$.subscribe(({ data, info }) => {
  seen.push(`${data.origin} ${data.date} ${info.writerSequence}`);
  void writer.write(`${data.origin} seen`);
});
seen.push('ready');

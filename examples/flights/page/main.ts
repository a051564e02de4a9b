import { connect, Json } from 'bowecho/client';
import { Flight } from '../generated/flights.js';
import type { PageAirport, PageSettings } from '../page-data.js';
import { type DelayReport, type MemberReport, topics } from '../topics.js';
import { Counters } from './counters.js';
import { drawLegend } from './delay-colors.js';
import { Departures } from './departures.js';
import { byId } from './element.js';
import { FlightLayer } from './flight-layer.js';
import { type Atlas, CountryMap } from './map.js';
import { MembersPanel } from './members.js';

// The page is a client of the gateway: it reads the same topics as the members, with the same generated types.

async function load<T>(path: string): Promise<T> {
  const response = await fetch(path);
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  return (await response.json()) as T;
}

const [settings, atlas, airports] = await Promise.all([
  load<PageSettings>('settings.json'),
  load<Atlas>('us-10m.json'),
  load<PageAirport[]>('airports.json'),
]);

const map = new CountryMap(byId('land'), atlas, airports, settings.meridian);
const flights = new FlightLayer(byId('flights'), map);
const counters = new Counters();
const departures = new Departures();
const members = new MembersPanel(byId('members'), byId('verdict'), byId('view'));
drawLegend(byId('scale'), byId('ticks'));
new ResizeObserver(() => {
  map.draw();
  flights.resize();
}).observe(byId('land'));

function draw(nowMs: number): void {
  flights.draw(nowMs);
  counters.draw(nowMs);
  departures.draw();
  members.draw();
  requestAnimationFrame(draw);
}
requestAnimationFrame(draw);

const client = await connect(settings.gateway, { name: 'page' });
client.state$.subscribe((state) => {
  const connection = byId('connection');
  connection.dataset.state = state;
  connection.textContent = state === 'open' ? 'live' : state;
});

const departing = await client.reader(Flight, { topic: topics.flights, qos: 'atomic' });
departing.samples$.subscribe(({ data }) => {
  flights.depart(data);
  departures.add(data);
});

const reports = await client.reader(Json, { topic: topics.members, qos: 'raw' });
reports.samples$.subscribe(({ data }) => {
  const report = data as MemberReport;
  members.accept(report);
  counters.acceptMember(report);
});

const delays = await client.reader(Json, { topic: topics.delays, qos: 'raw' });
delays.samples$.subscribe(({ data }) => counters.acceptDelays(data as DelayReport));

import { type Level, Report } from '../generated/bench.js';
import type { EndpointOptions, Participant } from '../../runtime/dds/index.js';
import type { Form, Received, Source, Way } from './form.js';

/** A report of a weather station as protobuf: numbers, a time of 64 bits, text, and a list of structs where it is long. */
export const protobufForm: Form = { openWriter: (...to) => openWriter(1, ...to), openReader };

/** The same, each with other texts than those before it: more than anyone keeps of what comes again. */
export const variedTextsForm: Form = { openWriter: (...to) => openWriter(1 << 14, ...to), openReader };

/** Writes reports whose texts are equally long, and come again after so many. */
async function openWriter(
  textsMax: number,
  participant: Participant,
  endpoint: EndpointOptions,
  bytes: number,
  rank: number,
): Promise<Source> {
  const writer = await participant.writer(Report, endpoint);
  const report = reportOf(bytes, rank + 1);
  const { station, remark } = report;
  const texts = Array.from({ length: textsMax }, (_, i) => ({
    station: variant(station, i),
    remark: variant(remark, i),
  }));
  let next = 0;
  return {
    send: () => {
      const text = texts[next]!;
      report.station = text.station;
      report.remark = text.remark;
      if (!writer.tryWrite(report)) return false;
      report.number += 1;
      next = next + 1 === textsMax ? 0 : next + 1;
      return true;
    },
    ready: () => writer.ready(),
    whenMatched: (readers) => writer.whenMatched(readers),
  };
}

/** As many letters that end in `count` in three digits; `text` itself for 0, and where there is none. */
function variant(text: string, count: number): string {
  return count === 0 || text === '' ? text : text.slice(0, -3) + count.toString(26).padStart(3, '0');
}

async function openReader(
  participant: Participant,
  endpoint: EndpointOptions,
  _bytes: number,
  way: Way,
): Promise<Received> {
  const reader = await participant.reader(Report, endpoint);
  const tally = { count: 0, touched: 0 };
  const take = (report: Report): void => {
    tally.touched = (tally.touched + readAll(report)) | 0;
    tally.count += 1;
  };
  // Protobuf cannot be read where it lies: who borrows it decodes it.
  if (way === 'borrow') reader.borrow((loan) => take(loan.decode()));
  else reader.samples$.subscribe(({ data }) => take(data));
  return tally;
}

/** Numbers of so many take four bytes each, and so the reports stay equally long. */
const firstNumber = 1 << 21;
const metar = 'KOUN 041953Z 18012G20KT 10SM FEW050 31/18 A2992 RMK AO2 SLP123 T03110178 ';

/** A report that takes `bytes` bytes, or at most three more or fewer. */
export function reportOf(bytes: number, writer: number): Report {
  const report: Report = {
    writer,
    number: firstNumber,
    time: 1_759_607_580_000_000n,
    station: '',
    latitude: 0,
    longitude: 0,
    temperature: 0,
    pressure: 0,
    windSpeed: 0,
    windDirection: 0,
    remark: '',
    sounding: [],
  };
  // Of the shortest there is room for who, which and when.
  if (lengthOf(report) + 4 > bytes) return report;
  Object.assign(report, {
    station: 'KOUN',
    latitude: 35.181,
    longitude: -97.437,
    temperature: 31.1,
    pressure: 1012.3,
    windSpeed: 6.2,
    windDirection: 180,
    remark: metar,
  });
  while (lengthOf(report) + levelBytes <= bytes) report.sounding.push(levelAt(report.sounding.length));
  const spare = bytes - lengthOf(report);
  report.remark = metar.repeat(2).slice(0, metar.length + spare);
  return report;
}

const levelBytes = 22;

function levelAt(index: number): Level {
  return {
    pressure: 1000 - index,
    temperature: 30 - index / 8,
    dewPoint: 17 - index / 6,
    windSpeed: 6 + index,
  };
}

function lengthOf(report: Report): number {
  const bytes = new Uint8Array(1 << 20);
  return Report.protobuf.encode(report, { bytes, view: new DataView(bytes.buffer) }, 0, bytes.length);
}

function readAll(report: Report): number {
  let sum =
    report.writer +
    report.number +
    Number(report.time & 0xffn) +
    report.station.length +
    report.latitude +
    report.longitude +
    report.temperature +
    report.pressure +
    report.windSpeed +
    report.windDirection +
    report.remark.length;
  for (const { pressure, temperature, dewPoint, windSpeed } of report.sounding) {
    sum += pressure + temperature + dewPoint + windSpeed;
  }
  return sum | 0;
}

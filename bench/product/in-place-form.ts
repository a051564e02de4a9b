import type { InPlaceView, Loan, TopicType, Writer } from '../../runtime/dds/index.js';
import {
  Beam100Ki,
  Beam10Ki,
  Beam128,
  Beam1Ki,
  type Ray,
  type RayView,
  Value,
  type ValueView,
  defaultRay,
} from '../generated/bench.js';
import { cacheLineBytes, touch, touchLines } from '../harness/touch.js';
import { size } from '../suites/sizes.js';
import type { Form, Received, Source } from './form.js';

/** What the beams have in common, whatever their length. */
interface Beam {
  ray: Ray;
  gates: Uint8Array;
}
interface BeamView extends InPlaceView {
  readonly ray: RayView;
  gates: Uint8Array;
}

const beams = new Map<number, TopicType<Beam, BeamView>>([
  [size.b128, Beam128],
  [size.kib1, Beam1Ki],
  [size.kib10, Beam10Ki],
  [size.kib100, Beam100Ki],
]);

/** A fixed-size @final struct in its fixed layout: filled where the readers read it. */
export const inPlaceForm: Form = {
  async openWriter(participant, endpoint, bytes, rank) {
    const qos = { base: 'atomic', representation: ['inPlace'] } as const;
    const type = typeOf(bytes);
    if (type === undefined) {
      const writer = await participant.writer(Value, { ...endpoint, qos });
      return loaning(writer, (view, number) => fillValue(view, number, rank));
    }
    const gates = new Uint8Array(bytes - rayBytes).fill(1);
    const writer = await participant.writer(type, { ...endpoint, qos });
    if (bytes > loanBytesMax) return writing(writer, gates, rank);
    return loaning(writer, (view, number) => {
      fillRay(view.ray, number, rank);
      view.gates = gates;
    });
  },
  async openReader(participant, endpoint, bytes, way) {
    const tally = { count: 0, touched: 0 };
    const type = typeOf(bytes);
    if (type === undefined) {
      const reader = await participant.reader(Value, endpoint);
      if (way === 'borrow') reader.borrow(({ view }) => count(tally, view.writer + view.number + view.value));
      else reader.samples$.subscribe(({ data }) => count(tally, data.writer + data.number + data.value));
      return tally;
    }
    const reader = await participant.reader(type, endpoint);
    if (way === 'borrow') {
      reader.borrow((loan) => {
        const { ray } = loan.view;
        count(tally, touchLoan(loan) + ray.number + ray.azimuth);
      });
    } else {
      reader.samples$.subscribe(({ data: { ray, gates } }) =>
        count(tally, touch(gates) + ray.number + ray.azimuth),
      );
    }
    return tally;
  },
};

const rayBytes = 40;
/** A loan is a frame of the ring; what is larger than a frame is written as a whole, into memory beside it. */
const loanBytesMax = size.kib10;

/** Undefined for the smallest, a single value. */
function typeOf(bytes: number): TopicType<Beam, BeamView> | undefined {
  if (bytes === size.b16) return undefined;
  const type = beams.get(bytes);
  if (type?.inPlace?.byteLength !== bytes) throw new RangeError(`No type has ${bytes} bytes in place.`);
  return type;
}

function loaning<T, V extends InPlaceView>(
  writer: Writer<T, V>,
  fill: (view: V, number: number) => void,
): Source {
  let number = 0;
  return {
    send: () => {
      const view = writer.loan();
      if (view === undefined) return false;
      fill(view, number++);
      return writer.publish();
    },
    ready: () => writer.ready(),
    whenMatched: (readers) => writer.whenMatched(readers),
  };
}

function writing(writer: Writer<Beam>, gates: Uint8Array, rank: number): Source {
  const beam: Beam = { ray: defaultRay(), gates };
  let number = 0;
  return {
    send: () => {
      fillRay(beam.ray, number, rank);
      if (!writer.tryWrite(beam)) return false;
      number++;
      return true;
    },
    ready: () => writer.ready(),
    whenMatched: (readers) => writer.whenMatched(readers),
  };
}

function fillValue(view: ValueView, number: number, rank: number): void {
  view.writer = rank;
  view.number = number;
  view.value = number * 0.5;
}

function fillRay(ray: Ray, number: number, rank: number): void {
  ray.writer = rank;
  ray.number = number;
  ray.time = 1.7e9 + number * 1e-3;
  ray.azimuth = number % 360;
  ray.elevation = 0.5;
  ray.range = 2125;
  ray.gateLength = 250;
  ray.nyquistVelocity = 32;
  ray.noise = -80;
}

/** A word of each cache line, where the sample lies. */
function touchLoan<T, V extends InPlaceView>({ memory: { u32 }, offset, length }: Loan<T, V>): number {
  const end = (offset + length) >> 2;
  return u32[end - 1]! + touchLines(u32, offset >> 2, end, cacheLineBytes / 4);
}

function count(tally: { -readonly [Key in keyof Received]: number }, touched: number): void {
  tally.touched = (tally.touched + touched) | 0;
  tally.count += 1;
}

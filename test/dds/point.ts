import {
  KeyWriter,
  type InPlaceView,
  type Memory,
  SampleError,
  type TopicType,
} from '../../codegen/support/index.js';

/** A keyed, fixed-size, `@final` type, as generated code would make it. */
export interface Point {
  id: number;
  x: number;
  y: number;
}

export class PointView implements InPlaceView {
  #view!: DataView;
  #offset = 0;

  attach({ view }: Memory, offset: number): void {
    this.#view = view;
    this.#offset = offset;
  }

  get id(): number {
    return this.#view.getInt32(this.#offset, true);
  }
  set id(id: number) {
    this.#view.setInt32(this.#offset, id, true);
  }
  get x(): number {
    return this.#view.getFloat64(this.#offset + 8, true);
  }
  set x(x: number) {
    this.#view.setFloat64(this.#offset + 8, x, true);
  }
  get y(): number {
    return this.#view.getFloat64(this.#offset + 16, true);
  }
  set y(y: number) {
    this.#view.setFloat64(this.#offset + 16, y, true);
  }
}

const byteLength = 24;
const keyWriter = new KeyWriter();
const schemaOf = (x: string) =>
  JSON.stringify({
    version: 1,
    type: 'test::Point',
    definitions: {
      'test::Point': {
        kind: 'struct',
        extensibility: 'final',
        members: [
          { name: 'id', id: 0, type: { kind: 'primitive', name: 'int32' }, key: true },
          { name: 'x', id: 1, type: { kind: 'primitive', name: x } },
          { name: 'y', id: 2, type: { kind: 'primitive', name: 'double' } },
        ],
      },
    },
  });

function encode(sample: Point, target: Memory, offset: number, limit: number): number {
  if (!Number.isInteger(sample.id))
    throw new SampleError('test::Point.id', `needs an integer, got ${sample.id}`);
  if (limit - offset < byteLength) return -1;
  target.bytes.fill(0, offset, offset + byteLength);
  const view = new PointView();
  view.attach(target, offset);
  Object.assign(view, sample);
  return offset + byteLength;
}

function decode(source: Memory, offset: number): Point {
  const view = new PointView();
  view.attach(source, offset);
  const { id, x, y } = view;
  return { id, x, y };
}

/** Both representations of it are the same here. */
export const Point: TopicType<Point, PointView> = {
  name: 'test::Point',
  typeHash: '11111111aaaaaaaaaaaaaaaaaaaaaaaa',
  extensibility: 'final',
  schema: schemaOf('double'),
  protobuf: { encode, decode },
  inPlace: { byteLength, encode, decode, createView: () => new PointView() },
  key: {
    of: ({ id }) => id,
    hash({ id }) {
      const key = keyWriter.start();
      key.uint32(id);
      return key.hash(true);
    },
  },
};

/** Another type of the same name. */
export const OtherPoint: TopicType<Point, PointView> = {
  ...Point,
  typeHash: '22222222bbbbbbbbbbbbbbbbbbbbbbbb',
  schema: schemaOf('int64'),
};

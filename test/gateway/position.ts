import { KeyWriter, type Memory, SampleError, type TopicType } from '../../codegen/support/index.js';

/** A keyed, final, fixed-size type as generated code would make it, with an in-place layout of 16 bytes beside the other. */
export interface Position {
  id: number;
  x: number;
}

const keyWriter = new KeyWriter();

function encode(sample: Position, target: Memory, offset: number, limit: number): number {
  if (!Number.isInteger(sample.id)) throw new SampleError('test::Position.id', 'no integer');
  if (offset + 12 > limit) return -1;
  target.view.setUint32(offset, sample.id, true);
  target.view.setFloat64(offset + 4, sample.x, true);
  return offset + 12;
}

export const Position: TopicType<Position> = {
  name: 'test::Position',
  typeHash: 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',
  extensibility: 'final',
  schema: schemaWith('float64'),
  protobuf: {
    encode,
    decode: ({ view }, offset) => ({
      id: view.getUint32(offset, true),
      x: view.getFloat64(offset + 4, true),
    }),
  },
  inPlace: {
    byteLength: 16,
    createView: () => ({ attach: () => undefined }),
    encode(sample, { view }, offset, limit) {
      if (offset + 16 > limit) return -1;
      view.setUint32(offset, sample.id, true);
      view.setFloat64(offset + 8, sample.x, true);
      return offset + 16;
    },
    decode: ({ view }, offset) => ({
      id: view.getUint32(offset, true),
      x: view.getFloat64(offset + 8, true),
    }),
  },
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
export const OtherPosition: TopicType<Position> = {
  ...Position,
  typeHash: 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb',
  schema: schemaWith('int64'),
};

function schemaWith(x: string): string {
  const members = [
    { name: 'id', id: 0, type: { kind: 'primitive', name: 'uint32' }, key: true },
    { name: 'x', id: 1, type: { kind: 'primitive', name: x } },
  ];
  const definitions = { 'test::Position': { kind: 'struct', extensibility: 'final', members } };
  return JSON.stringify({ version: 1, type: 'test::Position', definitions });
}

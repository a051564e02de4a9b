import type { InPlaceView, Memory, TopicType } from '../../codegen/support/index.js';

const byteLength = 200_000;

/** 200 KB of fixed size, of which only the last word matters. */
export interface Block {
  last: number;
}

class BlockView implements InPlaceView {
  #memory!: Memory;
  #offset = 0;

  attach(memory: Memory, offset: number): void {
    this.#memory = memory;
    this.#offset = offset;
  }

  set last(value: number) {
    this.#memory.view.setUint32(this.#offset + byteLength - 4, value, true);
  }
}

const inPlace = {
  byteLength,
  createView: () => new BlockView(),
  encode(sample: Block, target: Memory, offset: number, limit: number) {
    if (limit - offset < byteLength) return -1;
    target.view.setUint32(offset + byteLength - 4, sample.last, true);
    return offset + byteLength;
  },
  decode: (source: Memory, offset: number) => ({
    last: source.view.getUint32(offset + byteLength - 4, true),
  }),
};

export const Block: TopicType<Block, BlockView> = {
  name: 'test::Block',
  typeHash: '0000000000000000000000000000b10c',
  extensibility: 'final',
  schema: '{}',
  protobuf: inPlace,
  inPlace,
};

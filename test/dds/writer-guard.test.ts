import assert from 'node:assert/strict';
import { WriterGuard } from '../../runtime/dds/writer-guard.js';
import { Delivery } from '../../runtime/multicast/delivery.js';
import { frameKind, headerBytes, kindWord } from '../../runtime/multicast/frame.js';
import { regionMemory } from '../../transport/transport.js';

function sample(sender: number, writer: number, sequence: number): Delivery {
  const memory = regionMemory(new ArrayBuffer(headerBytes));
  memory.u32[1] = kindWord(frameKind.data, 0, writer);
  memory.f64[2] = sequence;
  const message = new Delivery(1, sender, 0, memory);
  message.header = 0;
  return message;
}

describe('the guard of a reader of what is kept', () => {
  it('drops what a writer sent again, and nothing of another one', () => {
    const guard = new WriterGuard();
    guard.begin([[7, 1, 3]]);
    assert.equal(guard.passes(sample(7, 1, 3)), false);
    assert.equal(guard.passes(sample(7, 1, 4)), true);
    assert.equal(guard.passes(sample(7, 1, 4)), false);
    assert.equal(guard.passes(sample(7, 2, 1)), true);
    assert.equal(guard.passes(sample(8, 1, 1)), true);
  });
});

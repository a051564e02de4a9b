import { Delivery } from '../../runtime/multicast/delivery.js';
import { kindWord } from '../../runtime/multicast/frame.js';
import { regionMemory } from '../../transport/transport.js';

const headerBytes = 32;

/** A sample as the core hands it to a log: in a ring, behind its header. `count` makes it the next one. */
export function sampleDelivery(bytes: number): { readonly message: Delivery; count(): void } {
  const memory = regionMemory(new ArrayBuffer(headerBytes + ((bytes + 7) & ~7)));
  const message = new Delivery(1, 1, 0, memory);
  message.offset = headerBytes;
  message.length = bytes;
  message.sequence = -1;
  memory.bytes.fill(0x5a, headerBytes, headerBytes + bytes);
  memory.u32[0] = bytes;
  memory.u32[1] = kindWord(1, 0, 1);
  return {
    message,
    count() {
      message.sequence++;
      memory.f64[2] = message.sequence;
      memory.f64[3] = 1_700_000_000_000_000 + message.sequence;
      memory.f64[headerBytes >>> 3] = message.sequence;
    },
  };
}

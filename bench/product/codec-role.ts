import { Notice } from '../generated/bench.js';
import { nanosecondsPer } from '../harness/operation-time.js';
import { playRole } from '../harness/role.js';
import { noticeBytes, noticeCount, notices } from '../suites/notices.js';

/** Enough for a notice in any representation, and a multiple of 8. */
const roomBytes = 160;

/** A generated codec, alone: into memory that is there already, as a writer encodes into its ring, and out of it. */
playRole<{ seconds: number; warmupSeconds: number; representation: 'protobuf' | 'xcdr2' }>((settings) => {
  const samples = notices().map((notice): Notice => ({ ...notice, time: BigInt(notice.time) }));
  const bytes = new Uint8Array(noticeCount * roomBytes);
  const memory = { bytes, view: new DataView(bytes.buffer) };
  const codec = Notice[settings.representation]!;
  const encode = (index: number): number => {
    const place = index % noticeCount;
    return codec.encode(samples[place]!, memory, place * roomBytes, bytes.length);
  };
  const lengths = samples.map((_, index) => encode(index) - index * roomBytes);
  const wrong = lengths.find((length) => settings.representation === 'protobuf' && length !== noticeBytes);
  if (wrong !== undefined) throw new Error(`A notice takes ${wrong} bytes instead of ${noticeBytes}.`);
  const decode = (index: number): number => {
    const place = index % noticeCount;
    return codec.decode(memory, place * roomBytes, lengths[place]!).number;
  };
  return Promise.resolve({
    encode: nanosecondsPer(encode, settings),
    decode: nanosecondsPer(decode, settings),
  });
});

import { Notice } from '../generated/bench.js';
import { nanosecondsPer } from '../harness/operation-time.js';
import { playRole } from '../harness/role.js';
import { noticeBytes, noticeCount, notices } from '../suites/notices.js';

/** The generated codec, alone: into memory that is there already, as a writer encodes into its ring, and out of it. */
playRole<{ seconds: number; warmupSeconds: number }>((settings) => {
  const samples = notices().map((notice): Notice => ({ ...notice, time: BigInt(notice.time) }));
  const bytes = new Uint8Array(noticeCount * noticeBytes);
  const memory = { bytes, view: new DataView(bytes.buffer) };
  const { protobuf } = Notice;
  const encode = (index: number): number => {
    const place = index % noticeCount;
    return protobuf.encode(samples[place]!, memory, place * noticeBytes, bytes.length);
  };
  samples.forEach((_, index) => {
    const length = encode(index) - index * noticeBytes;
    if (length !== noticeBytes) throw new Error(`A notice takes ${length} bytes instead of ${noticeBytes}.`);
  });
  const decode = (index: number): number =>
    protobuf.decode(memory, (index % noticeCount) * noticeBytes, noticeBytes).number;
  return Promise.resolve({
    encode: nanosecondsPer(encode, settings),
    decode: nanosecondsPer(decode, settings),
  });
});

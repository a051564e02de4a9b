import protobuf from 'protobufjs';
import { nanosecondsPer } from '../harness/operation-time.js';
import { playRole } from '../harness/role.js';
import { noticeBytes, noticeCount, notices } from '../suites/notices.js';

const schema = `syntax = "proto3"; message Notice {
  uint32 number = 1; int64 time = 2; double latitude = 3; double longitude = 4; string station = 5; string text = 6; }`;

/**
 * protobufjs with the code that `Type.setup` generates at run time, which is what its command-line tool writes to a file: straight-line
 * encode and decode. It writes into a buffer of its own and gives that.
 */
playRole<{ seconds: number; warmupSeconds: number }>((settings) => {
  const type = protobuf.parse(schema).root.lookupType('Notice').setup();
  const samples = notices().map((notice) => type.create(notice));
  const encoded = samples.map((sample) => type.encode(sample).finish());
  for (const { length } of encoded) {
    if (length !== noticeBytes) throw new Error(`A notice takes ${length} bytes instead of ${noticeBytes}.`);
  }
  const encode = (index: number): number => type.encode(samples[index % noticeCount]!).finish().length;
  const decode = (index: number): number =>
    (type.decode(encoded[index % noticeCount]!) as unknown as { number: number }).number;
  return Promise.resolve({
    encode: nanosecondsPer(encode, settings),
    decode: nanosecondsPer(decode, settings),
  });
});

import { readTopicLog } from '../../../runtime/durability/open-topic-log.js';
import type { WriterName } from '../record.js';
import type { Order } from './verdict.js';

/** What the log in a folder holds, read as `bowecho log` and the library read it. @throws LogError; RangeError where a sample is not what was written */
export async function readOrder(folder: string, name: string): Promise<Order> {
  const writers: WriterName[] = [];
  const indices = new Map<WriterName, number>();
  const columns: [number[], number[], number[], number[]] = [[], [], [], []];
  for await (const record of readTopicLog(folder)) {
    const { epoch, sequence, sender, writer, writerSequence, memory, payload, length } = record;
    const writerName = `${sender}:${writer}`;
    let index = indices.get(writerName);
    if (index === undefined) indices.set(writerName, (index = writers.push(writerName) - 1));
    if (!isSound(memory.bytes.subarray(payload, payload + length), writerSequence))
      throw new RangeError(`${name}: version ${epoch}.${sequence} holds something else than was written`);
    [epoch, sequence, index, writerSequence].forEach((value, c) => columns[c]!.push(value));
  }
  const [epoch, sequence, writer, writerSequence] = columns.map((column) => Uint32Array.from(column));
  return {
    file: name,
    writers,
    epoch: epoch!,
    sequence: sequence!,
    writer: writer!,
    writerSequence: writerSequence!,
  };
}

/** What a writer sends as its sample `number`: both ends say which it is. */
export function fillSample(sample: Uint8Array, number: number): Uint8Array {
  const view = new DataView(sample.buffer, sample.byteOffset, sample.length);
  view.setUint32(0, number, true);
  view.setUint32(sample.length - 4, ~number >>> 0, true);
  return sample;
}

export function isSound(sample: Uint8Array, number: number): boolean {
  if (sample.length < 8) return false;
  const view = new DataView(sample.buffer, sample.byteOffset, sample.length);
  return view.getUint32(0, true) === number && view.getUint32(sample.length - 4, true) === ~number >>> 0;
}

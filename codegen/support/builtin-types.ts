import { MalformedSampleError, SampleError } from './errors.js';
import { copyOctets } from './octets.js';
import type { Memory, TopicType } from './topic-type.js';

/** Up to this, storing words that are put together from bytes beats `TypedArray.set`. */
const smallBytes = 32;

/**
 * Bytes, as they are. A topic of this type needs a name: `participant.writer(Bytes, { topic: 'frames' })`.
 */
export const Bytes: TopicType<Uint8Array> = {
  name: 'bowecho::Bytes',
  typeHash: '00000000000000000000000000000001',
  extensibility: 'final',
  schema: '{"kind":"bytes"}',
  protobuf: {
    encode(sample, target, offset, limit) {
      if (!(sample instanceof Uint8Array))
        throw new SampleError('bowecho::Bytes', `needs a Uint8Array, got ${describe(sample)}`);
      const { length } = sample;
      if (length > limit - offset) return -1;
      if (length <= smallBytes) storeSmall(sample, length, target, offset);
      else target.bytes.set(sample, offset);
      return offset + length;
    },
    decode: copyOctets,
  },
};

/** The small sample that was stored last, and, once it has come twice in a row, its bytes by words. */
let last: Uint8Array | undefined;
let lastView: DataView | undefined;
let lastLength = 0;

/** A fast writer fills one buffer again and again: that one is read by words. */
function storeSmall(sample: Uint8Array, length: number, target: Memory, offset: number): void {
  if (sample !== last || lastView === undefined || lastLength !== length) {
    storeNew(sample, length, target, offset);
    return;
  }
  const { bytes, view } = target;
  let i = 0;
  for (; i + 4 <= length; i += 4) view.setInt32(offset + i, lastView.getInt32(i, true), true);
  for (; i < length; i++) bytes[offset + i] = sample[i]!;
}

function storeNew(sample: Uint8Array, length: number, { bytes, view }: Memory, offset: number): void {
  lastView = sample === last ? new DataView(sample.buffer, sample.byteOffset, length) : undefined;
  last = sample;
  lastLength = length;
  let i = 0;
  for (; i + 4 <= length; i += 4) {
    const word = sample[i]! | (sample[i + 1]! << 8) | (sample[i + 2]! << 16) | (sample[i + 3]! << 24);
    view.setInt32(offset + i, word, true);
  }
  for (; i < length; i++) bytes[offset + i] = sample[i]!;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true });

function encodeText(text: string, target: Memory, offset: number, limit: number): number {
  if (text.length > limit - offset) return -1;
  const { read, written } = encoder.encodeInto(text, target.bytes.subarray(offset, limit));
  return read < text.length ? -1 : offset + written;
}

function decodeText(type: string, source: Memory, offset: number, length: number): string {
  try {
    return decoder.decode(source.bytes.slice(offset, offset + length));
  } catch {
    throw new MalformedSampleError(type, 'not UTF-8');
  }
}

/** A string, as UTF-8. */
export const Text: TopicType<string> = {
  name: 'bowecho::Text',
  typeHash: '00000000000000000000000000000002',
  extensibility: 'final',
  schema: '{"kind":"text"}',
  protobuf: {
    encode(sample, target, offset, limit) {
      if (typeof sample !== 'string')
        throw new SampleError('bowecho::Text', `needs a string, got ${describe(sample)}`);
      return encodeText(sample, target, offset, limit);
    },
    decode: (source, offset, length) => decodeText('bowecho::Text', source, offset, length),
  },
};

/** Anything that JSON can say. */
export type JsonValue = string | number | boolean | null | JsonValue[] | { [key: string]: JsonValue };

/** A value as JSON text: for a first program, and where types are not known before. */
export const Json: TopicType<JsonValue> = {
  name: 'bowecho::Json',
  typeHash: '00000000000000000000000000000003',
  extensibility: 'final',
  schema: '{"kind":"json"}',
  protobuf: {
    encode: (sample, target, offset, limit) => encodeText(jsonText(sample), target, offset, limit),
    decode(source, offset, length) {
      try {
        return JSON.parse(decodeText('bowecho::Json', source, offset, length)) as JsonValue;
      } catch {
        throw new MalformedSampleError('bowecho::Json', 'not JSON');
      }
    },
  },
};

function jsonText(sample: JsonValue): string {
  let text: string | undefined;
  try {
    text = JSON.stringify(sample);
  } catch (error) {
    throw new SampleError('bowecho::Json', `cannot be said in JSON: ${(error as Error).message}`);
  }
  if (text === undefined)
    throw new SampleError('bowecho::Json', `cannot be said in JSON: ${describe(sample)}`);
  return text;
}

function describe(value: unknown): string {
  return value === null ? 'null' : typeof value === 'object' ? value.constructor.name : typeof value;
}

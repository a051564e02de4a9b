import { MalformedSampleError, SampleError } from './errors.js';
import { copyOctets, putOctets } from './octets.js';
import type { Memory, TopicType } from './topic-type.js';

/** Up to this, storing bytes one by one beats `TypedArray.set`. */
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
      if (
        sample === again.sample &&
        target === again.target &&
        (offset & 3) === 0 &&
        sample.length === again.length
      )
        return storeAgain(offset, limit);
      return store(sample, target, offset, limit);
    },
    decode: copyOctets,
  },
};

/** A small sample that came twice in a row, and went to the same memory: a fast writer fills one buffer again and again. Both by words. */
const again: {
  sample: Uint8Array | undefined;
  target: Memory | undefined;
  length: number;
  from: Uint32Array;
  to: Uint32Array;
} = { sample: undefined, target: undefined, length: 0, from: new Uint32Array(0), to: new Uint32Array(0) };

/** The sample that was stored last. */
let last: Uint8Array | undefined;

function storeAgain(offset: number, limit: number): number {
  const { from, to, length } = again;
  if (length > limit - offset) return -1;
  const words = length >>> 2;
  for (let i = 0, word = offset >>> 2; i < words; i += 2, word += 2) {
    to[word] = from[i]!;
    to[word + 1] = from[i + 1]!;
  }
  return offset + length;
}

function store(sample: Uint8Array, target: Memory, offset: number, limit: number): number {
  if (!(sample instanceof Uint8Array))
    throw new SampleError('bowecho::Bytes', `needs a Uint8Array, got ${describe(sample)}`);
  const { length } = sample;
  if (length > limit - offset) return -1;
  if (length > smallBytes) putOctets(target.bytes, sample, offset);
  else for (let i = 0; i < length; i++) target.bytes[offset + i] = sample[i]!;
  if (sample === last && length <= smallBytes && offset % 4 === 0) rememberWords(sample, target);
  last = sample;
  return offset + length;
}

/** Where both are made of whole pairs of words. */
function rememberWords(sample: Uint8Array, target: Memory): void {
  const { bytes } = target;
  if (sample.length % 8 !== 0 || sample.byteOffset % 4 !== 0 || bytes.byteOffset % 4 !== 0) return;
  again.sample = sample;
  again.target = target;
  again.length = sample.length;
  again.from = new Uint32Array(sample.buffer, sample.byteOffset, sample.length >>> 2);
  again.to = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length >>> 2);
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

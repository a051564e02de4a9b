import type { InPlaceView, Memory } from '../../codegen/support/index.js';
import { MalformedSampleError, type TopicType } from '../dds/index.js';
import type { DeclaredType } from './wire/index.js';

/** A sample as bytes: the gateway never decodes one. */
export interface RawSample {
  readonly bytes: Uint8Array;
  /** Whether the bytes are in the fixed in-place layout instead of protobuf. */
  readonly inPlace: boolean;
  /** Where the type has a key: its 16-byte hash, made by whoever wrote the sample. */
  readonly keyHash: Uint8Array | undefined;
}

/** Samples pass as they are; the in-place codec exists so that the cache can take what arrives in that layout. */
const noView: InPlaceView = { attach: () => undefined };

/**
 * A type that passes for the declared one in the domain, so that the domain's own admission decides about it, and whose codec
 * copies bytes.
 */
export function passThrough(declared: DeclaredType): TopicType<RawSample> {
  return {
    name: declared.name,
    typeHash: declared.hash,
    extensibility: declared.extensibility,
    schema: declared.schema ?? '{}',
    protobuf: { encode: copyIn, decode: (source, offset, length) => copyOut(source, offset, length, false) },
    inPlace: {
      byteLength: 0,
      createView: () => noView,
      encode: copyIn,
      decode: (source, offset, length) => copyOut(source, offset, length, true),
    },
    ...(declared.keyed && { key: { of: keyOf, hash: hashOf } }),
  };
}

function copyIn({ bytes }: RawSample, target: Memory, offset: number, limit: number): number {
  if (bytes.length > limit - offset) return -1;
  target.bytes.set(bytes, offset);
  return offset + bytes.length;
}

function copyOut(source: Memory, offset: number, length: number, inPlace: boolean): RawSample {
  return { bytes: source.bytes.slice(offset, offset + length), inPlace, keyHash: undefined };
}

function hashOf({ keyHash }: RawSample): Uint8Array {
  if (keyHash === undefined)
    throw new MalformedSampleError('a sample of a keyed type', 'it carries no hash of its key');
  return keyHash;
}

function keyOf(sample: RawSample): string {
  const hash = hashOf(sample);
  return Buffer.from(hash.buffer, hash.byteOffset, hash.length).toString('latin1');
}

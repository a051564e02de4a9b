import {
  MalformedSampleError,
  type Memory,
  SampleError,
  type TopicType,
} from '../../../codegen/support/index.js';

/** What a writer says of one of its files. `transfer` tells them apart: it counts a writer's files from 1. */
export type FilePart =
  | { readonly kind: 'begin'; readonly transfer: number; readonly length: number; readonly name: string }
  | { readonly kind: 'piece'; readonly transfer: number; readonly offset: number; readonly bytes: Uint8Array }
  | { readonly kind: 'end'; readonly transfer: number; readonly length: number; readonly sha256: Uint8Array }
  | { readonly kind: 'abort'; readonly transfer: number; readonly reason: string };

const kinds = ['begin', 'piece', 'end', 'abort'] as const;
/** The kind (one byte, from 1), three zeros, the transfer (32 bits), a length or an offset (a 64-bit float); little-endian. Then text, or bytes. */
const headerBytes = 16;
const sumBytes = 32;

/**
 * The type of topics that carry files: parts of them, one after the other. For applications there are `FileSender` and `FileReceiver`.
 */
export const FileParts: TopicType<FilePart> = {
  name: 'bowecho::FilePart',
  typeHash: '00000000000000000000000000000004',
  extensibility: 'final',
  schema: '{"kind":"bytes"}',
  protobuf: { encode, decode },
};

function encode(part: FilePart, target: Memory, offset: number, limit: number): number {
  const kind = kinds.indexOf(part.kind);
  if (kind < 0) throw new SampleError(FileParts.name, `there is no part of kind ${String(part.kind)}`);
  const tail = tailOf(part);
  const end = offset + headerBytes + tail.length;
  if (end > limit) return -1;
  target.view.setUint32(offset, kind + 1, true);
  target.view.setUint32(offset + 4, part.transfer, true);
  target.view.setFloat64(offset + 8, numberOf(part), true);
  target.bytes.set(tail, offset + headerBytes);
  return end;
}

function numberOf(part: FilePart): number {
  if (part.kind === 'piece') return part.offset;
  return part.kind === 'abort' ? 0 : part.length;
}

function tailOf(part: FilePart): Uint8Array {
  if (part.kind === 'piece') return part.bytes;
  if (part.kind === 'end') return part.sha256;
  return Buffer.from(part.kind === 'begin' ? part.name : part.reason);
}

function decode({ bytes, view }: Memory, offset: number, length: number): FilePart {
  if (length < headerBytes) throw malformed('it is too short');
  const kind = kinds[view.getUint32(offset, true) - 1];
  const transfer = view.getUint32(offset + 4, true);
  const number = view.getFloat64(offset + 8, true);
  if (!Number.isSafeInteger(number) || number < 0) throw malformed(`${number} is no number of bytes`);
  const tail = bytes.slice(offset + headerBytes, offset + length);
  switch (kind) {
    case 'begin':
      return { kind, transfer, length: number, name: textOf(tail) };
    case 'piece':
      return { kind, transfer, offset: number, bytes: tail };
    case 'end':
      if (tail.length !== sumBytes) throw malformed(`its sum has ${tail.length} bytes`);
      return { kind, transfer, length: number, sha256: tail };
    case 'abort':
      return { kind, transfer, reason: textOf(tail) };
    default:
      throw malformed('it is of no known kind');
  }
}

function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw malformed('not UTF-8');
  }
}

function malformed(why: string): MalformedSampleError {
  return new MalformedSampleError(FileParts.name, why);
}

import type { Codec, InPlaceView, TopicType } from '../../codegen/support/index.js';
import type { Representation } from '../../qos/index.js';
import type { Delivery } from '../multicast/delivery.js';
import { frameFlags } from '../multicast/frame.js';
import { BowechoError } from './errors.js';

// What is imported is looked up at each use; a constant of the module is compiled in.
const inPlaceFlag = frameFlags.inPlace << 8;
const xcdr2Flag = frameFlags.xcdr2 << 8;

/** The flags of frames whose payload is laid out so. */
export const representationFlags: Readonly<Record<Representation, number>> = {
  protobuf: 0,
  inPlace: frameFlags.inPlace,
  xcdr2: frameFlags.xcdr2,
};

/** How the payload of a message is laid out. */
export function representationOf(message: Delivery): Representation {
  const word = message.ring.u32[(message.header >>> 2) + 1]!;
  if ((word & (inPlaceFlag | xcdr2Flag)) === 0) return 'protobuf';
  return (word & inPlaceFlag) !== 0 ? 'inPlace' : 'xcdr2';
}

/** What decodes a message. Matching sees to it that a reader gets only what its type has a codec for. */
export function codecOf<T, V extends InPlaceView>(type: TopicType<T, V>, message: Delivery): Codec<T> {
  const representation = representationOf(message);
  return representation === 'protobuf' ? type.protobuf : type[representation]!;
}

/** What a writer sends. A type without a fixed layout travels as protobuf where its writer would rather have it in place. */
export function offered<T, V extends InPlaceView>(
  type: TopicType<T, V>,
  representations: readonly Representation[],
): Representation {
  const first = representations[0]!;
  return first === 'inPlace' && type.inPlace === undefined ? 'protobuf' : first;
}

/**
 * Refuses a representation that was not generated: a reader could not read it, nor a writer write it.
 * @throws BowechoError BE_UNSUPPORTED
 */
export function checkRepresentations<T, V extends InPlaceView>(
  topic: string,
  type: TopicType<T, V>,
  representations: readonly Representation[],
): void {
  if (type.xcdr2 !== undefined || !representations.includes('xcdr2')) return;
  throw new BowechoError(
    'BE_UNSUPPORTED',
    `topic ${topic}: ${type.name} has no codec for XCDR2: generate its code with --xcdr2, or take 'xcdr2' out of representation`,
  );
}

export type { Codec, InPlaceCodec, InPlaceView, KeyCodec, Memory, TopicType } from './topic-type.js';
export { MalformedSampleError, SampleError } from './errors.js';
export { assignability, explainMismatch } from './mismatch.js';
export type { Assignability } from './mismatch.js';
export type {
  BitmaskSchema,
  BitsetSchema,
  CaseSchema,
  DefinitionSchema,
  EnumSchema,
  ExtensibilitySchema,
  MemberSchema,
  Schema,
  StructSchema,
  TryConstructSchema,
  TypeSchema,
  UnionSchema,
} from './schema.js';

// What follows is for generated code.
export * from './bits.js';
export * from './checks.js';
export * from './fixed.js';
export * from './float128.js';
export * from './in-place.js';
export { enterNested, leaveNested, startNesting } from './nesting.js';
export * from './try-construct.js';
export { copyOctets, putOctets } from './octets.js';
export * from './protobuf-write.js';
export { bytesKey, floatKey, KeyWriter, textKey } from './key-writer.js';
export { ProtobufReader } from './protobuf-reader.js';
export { Xcdr2Reader } from './xcdr2-reader.js';
export * from './xcdr2-write.js';
export { Bytes, Json, Text } from './builtin-types.js';
export type { JsonValue } from './builtin-types.js';

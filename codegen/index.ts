export { generate, OutputClashError } from './generate.js';
export type { GeneratedFile, GenerateOptions } from './generate.js';
export { emitProto, protoTypeName } from './proto.js';
export { schemaOf, typeHashOf } from './schema-of.js';
export { compareVersions } from './evolution.js';
export type { TopicChange } from './evolution.js';

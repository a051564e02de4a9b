export type { Codec, InPlaceCodec, InPlaceView, KeyCodec, Memory, TopicType } from './topic-type.js';
export { MalformedSampleError, SampleError } from './errors.js';

export { Participant } from './participant.js';
export type { EndpointOptions, ParticipantOptions, ReaderOptions, ReplicaState } from './participant.js';
export type { StorageOptions } from './storage.js';
export type { DomainView, EndpointDescription, ParticipantInfo } from './domain-view.js';
export { Reader } from './reader.js';
export { Writer } from './writer.js';
export type { Match } from './matching.js';
export { Loan } from './loan.js';
export { SampleInfo } from './sample-info.js';
export type { Sample, Version } from './sample-info.js';
export type { Status, StatusKind } from './status.js';
export { Bytes, Json, Text } from '../../codegen/support/index.js';
export type { JsonValue } from '../../codegen/support/index.js';
export { FileSender } from './files/sender.js';
export type { FileSenderOptions, SendOptions, SentFile } from './files/sender.js';
export { FileReceiver } from './files/receiver.js';
export type { FileReceiverOptions, ReceivedFile } from './files/receiver.js';
export { FileError } from './files/errors.js';
export type { FileErrorCode } from './files/errors.js';
export { Replicated } from './replicated.js';
export type { CommandInfo, Reducer, Refused, ReplicatedOptions } from './replicated.js';
export { Snapshot } from './snapshot.js';
export type { Moment } from './past.js';
export type { PastOptions } from './settled.js';
export { BowechoError, PastUnknownError, UnsettledError } from './errors.js';
export type { BowechoErrorCode } from './errors.js';
export { HistoryError } from '../history/errors.js';
export type { HistoryErrorCode } from '../history/errors.js';
export { LogError } from '../durability/log/errors.js';
export type { LogErrorCode } from '../durability/log/errors.js';
export { MembershipError } from '../membership/errors.js';
export type { MembershipErrorCode } from '../membership/errors.js';
export { TransportError } from '../../transport/index.js';
export type { Refusal, Traffic } from '../../transport/index.js';
export { SampleError, MalformedSampleError } from '../../codegen/support/index.js';
export type {
  Codec,
  InPlaceCodec,
  InPlaceView,
  KeyCodec,
  Memory,
  TopicType,
} from '../../codegen/support/index.js';
export { QosError } from '../../qos/index.js';
export type { QosSpec, ReaderQos, WriterQos } from '../../qos/index.js';

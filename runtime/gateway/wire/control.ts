import type { FrameVersion } from './sample-frame.js';

/** A topic's type, as a client declares it. */
export interface DeclaredType {
  readonly name: string;
  /** 32 hex digits. */
  readonly hash: string;
  readonly extensibility: 'final' | 'appendable' | 'mutable';
  /** The type's model as JSON; left out where it is too long. */
  readonly schema?: string;
  /** Whether the type has a key: written samples then carry its hash. */
  readonly keyed: boolean;
}

export type Role = 'reader' | 'writer';
export type Consistency = 'raw' | 'atomic';

/** From client to gateway. */
export type ClientMessage =
  /** The first message of a session. */
  | { readonly op: 'hello'; readonly name: string }
  /** Opens an endpoint. `id` is the client's, and not used again within the session. */
  | OpenMessage
  | { readonly op: 'close'; readonly id: number };

export interface OpenMessage {
  readonly op: 'open';
  readonly id: number;
  readonly role: Role;
  readonly topic: string;
  readonly type: DeclaredType;
  readonly qos: Consistency;
  /** Readers: while the client is slow, keep only the newest sample of each instance. */
  readonly conflate: boolean;
}

/** From gateway to client. */
export type GatewayMessage =
  /** The answer to `hello`. */
  | WelcomeMessage
  | OpenedReaderMessage
  | OpenedWriterMessage
  /** The endpoint is not open (any more). `code` and `message` are those of the error. */
  | { readonly op: 'refused'; readonly id: number; readonly code: string; readonly message: string }
  /** How many endpoints of the other role the domain has for this one's topic. */
  | { readonly op: 'matched'; readonly id: number; readonly count: number }
  /** The writer's first `count` samples of this session have been written (or rejected): their bytes count no more. */
  | { readonly op: 'ack'; readonly id: number; readonly count: number }
  /** The writer's sample `number` (from 1) was not written. */
  | RejectedMessage
  | GapMessage
  /** Nothing to say for a while, but alive. */
  | { readonly op: 'beat' };

export interface WelcomeMessage {
  readonly op: 'welcome';
  /** The gateway's participant. */
  readonly name: string;
  /** The gateway sends something at least this often. */
  readonly heartbeatMs: number;
  /** Bytes of an encoded sample at most, written or read. */
  readonly sampleBytesMax: number;
}

export interface OpenedReaderMessage {
  readonly op: 'opened';
  readonly id: number;
  readonly role: 'reader';
  /** The number by which binary frames name what this reader gets. Readers of one topic and one mode share a stream. */
  readonly stream: number;
  /** The gateway's reader: indexes of one reader can be compared. */
  readonly source: string;
  /** How many samples it had seen when this reader was opened. */
  readonly index: number;
  /** The last of them. */
  readonly at?: FrameVersion;
}

export interface OpenedWriterMessage {
  readonly op: 'opened';
  readonly id: number;
  readonly role: 'writer';
  /** Bytes that may be unacknowledged; a single sample may always be. */
  readonly windowBytes: number;
}

export interface RejectedMessage {
  readonly op: 'rejected';
  readonly id: number;
  readonly number: number;
  readonly code: string;
  readonly message: string;
}

/** Samples of a stream that this client does not get. */
export interface GapMessage {
  readonly op: 'gap';
  readonly stream: number;
  readonly from: FrameVersion;
  readonly to: FrameVersion;
  readonly count: number;
  /** Samples that the gateway's reader had seen, up to the last that is missing. */
  readonly index: number;
}

/** The text of a control message. */
export function encodeControl(message: ClientMessage | GatewayMessage): string {
  return JSON.stringify(message);
}

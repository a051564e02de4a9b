import type { OpenedReaderMessage, OpenedWriterMessage, OpenMessage } from '../wire/index.js';
import type { Session } from './session.js';

/** A client's reader or writer, as its client sees it. It outlives sessions: after each reconnect it is opened again. */
export interface Endpoint {
  readonly openMessage: OpenMessage;
  opened(message: OpenedReaderMessage | OpenedWriterMessage, session: Session): void;
  matched(count: number): void;
  acknowledged(count: number): void;
  rejected(code: string, message: string): void;
  /** The session is over; another may follow. */
  lost(): void;
  /** Nothing will come any more. */
  ended(error: Error | undefined): void;
}

export interface EndpointOptions {
  /** The topic's name. Default: the type's name. */
  topic?: string;
  /** The consistency that is requested (reader) or offered (writer). Default: `atomic`. */
  qos?: 'atomic' | 'raw';
}

export interface ReaderOptions extends EndpointOptions {
  /** While this client is slow, keep only the newest sample of each instance instead of dropping what does not fit. Default: false. */
  conflate?: boolean;
}

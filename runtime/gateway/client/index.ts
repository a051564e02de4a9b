export { connect, type ConnectOptions } from './connect.js';
export { Client, type ClientState } from './client.js';
export { ClientReader } from './reader.js';
export { ClientWriter } from './writer.js';
export { ClientError, type ClientErrorCode } from './errors.js';
export { type Gap, type Sample, SampleInfo, type Version } from './sample-info.js';
export type { EndpointOptions, ReaderOptions } from './endpoint.js';
export type { ReconnectOptions } from './backoff.js';
export type { WebSocketConstructor, WebSocketLike } from './web-socket.js';

export {
  type CloseCode,
  closeCodes,
  controlBytesMax,
  malformed,
  samplesPerFrameMax,
  schemaCharactersMax,
  subprotocol,
  WireError,
} from './protocol.js';
export { encodeControl } from './control.js';
export type * from './control.js';
export { decodeClientMessage } from './decode-client.js';
export { decodeGatewayMessage } from './decode-gateway.js';
export * from './sample-frame.js';
export * from './write-frame.js';

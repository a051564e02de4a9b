export { Gateway } from './gateway.js';
export type { GatewayClient, GatewayOptions } from './gateway.js';
export type { GatewayLimits } from './limits.js';
export type { Authorize, Permissions, TopicList } from './permissions.js';

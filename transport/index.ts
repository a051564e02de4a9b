export { domainNameOf, openHost } from './open-host.js';
export type { OpenHostOptions } from './open-host.js';
export type { TcpOptions } from './tcp/options.js';
export type { DeviceOptions as RdmaOptions } from './verbs/device.js';
export type { SecurityChange } from './tcp/security-files.js';
export { TransportError } from './errors.js';
export type { TransportErrorCode } from './errors.js';
export type {
  AnswerStranger,
  Council,
  DoorReply,
  Follower,
  Host,
  MeetOptions,
  Puts,
  Refusal,
  Traffic,
} from './host.js';
export { fence } from './ordering.js';
export { regionMemory } from './transport.js';
export type { Clock, MemberId, Region, RegionMemory, Replica, Transport } from './transport.js';
export { LocalHost } from './local/host.js';
export { SimulatedNetwork } from './simulated/network.js';
export type { Faults, SimulatedNetworkOptions } from './simulated/network.js';
export type { DelayRange } from './simulated/link.js';
export { SeededRandom } from './simulated/random.js';

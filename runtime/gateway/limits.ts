/** What the gateway allows. Every limit has a default; what exceeds one is refused or closed with a code, and never buffered. */
export interface GatewayLimits {
  /** Clients at a time; more are refused with HTTP 503. Default: 1000. */
  readonly maxClients: number;
  /** Readers and writers of one client. Default: 64. */
  readonly endpointsPerClientMax: number;
  /** Readers and writers that one client may open at once, and then `opensPerSecond`; more close its session (4429). Default: 128. */
  readonly opensBurst: number;
  /** Default: 16. */
  readonly opensPerSecond: number;
  /** Opens of one client that may be refused before its session is closed (4429): each is a question to the domain. Default: 16. */
  readonly refusedOpensMax: number;
  /** Topics that the gateway reads, and that it writes, at most. Default: 1024. */
  readonly topicsMax: number;
  /** Bytes of an encoded sample; larger ones that the domain delivers are told as gaps. Default: 4 MiB. */
  readonly sampleBytesMax: number;
  /** Bytes that wait to be sent to one client; beyond it, its samples are conflated or dropped. Of what it writes, as much may wait for
   * room in its topics; beyond it, its socket is not read. Default: 1 MiB. */
  readonly clientBytesMax: number;
  /** Bytes of conflated samples that wait for one client; beyond it, the oldest are dropped and told as gaps. Default: 1 MiB. */
  readonly conflatedBytesMax: number;
  /** Bytes that one external writer may have on their way to the topic. Default: 256 KiB. */
  readonly writeWindowBytes: number;
  /** How long an HTTP upgrade, and then the client's greeting, may take. Default: 5 s. */
  readonly handshakeTimeoutMs: number;
  /** How often clients are pinged; one that gives no sign of life for three times as long is dropped. Default: 5 s. */
  readonly heartbeatMs: number;
  /** How long a topic stays open after its last external reader or writer is gone, so that coming and going changes no view. Default: 10 s. */
  readonly topicIdleMs: number;
}

export const defaultLimits: GatewayLimits = {
  maxClients: 1000,
  endpointsPerClientMax: 64,
  opensBurst: 128,
  opensPerSecond: 16,
  refusedOpensMax: 16,
  topicsMax: 1024,
  sampleBytesMax: 4 << 20,
  clientBytesMax: 1 << 20,
  conflatedBytesMax: 1 << 20,
  writeWindowBytes: 256 << 10,
  handshakeTimeoutMs: 5000,
  heartbeatMs: 5000,
  topicIdleMs: 10_000,
};

/** The limits that were given, over the defaults. @throws RangeError */
export function resolveLimits(given: Partial<GatewayLimits>): GatewayLimits {
  const limits: Record<string, number> = { ...defaultLimits };
  for (const name of Object.keys(defaultLimits)) {
    const value = given[name as keyof GatewayLimits];
    if (value === undefined) continue;
    if (!Number.isFinite(value) || value < 0)
      throw new RangeError(`${name} is to be a number from 0, not ${value}`);
    limits[name] = value;
  }
  return limits as unknown as GatewayLimits;
}

import { WebSocket } from 'ws';
import { Participant } from '../../runtime/dds/index.js';
import { type Client, connect, type ConnectOptions } from '../../runtime/gateway/client/index.js';
import { Gateway, type GatewayOptions } from '../../runtime/gateway/index.js';

let scenes = 0;

/** A domain with a participant that has a gateway, and clients of it; `end` closes all, and fails where something was left. */
export class Scene {
  readonly domain: string;
  readonly participant: Participant;
  readonly gateway: Gateway;
  readonly #closers: (() => Promise<void> | void)[] = [];

  private constructor(domain: string, participant: Participant, gateway: Gateway) {
    this.domain = domain;
    this.participant = participant;
    this.gateway = gateway;
  }

  static async begin(options: GatewayOptions = {}): Promise<Scene> {
    const domain = `memory:gateway-test-${process.pid}-${++scenes}`;
    const participant = await Participant.join({ domain, name: 'gateway' });
    return new Scene(domain, participant, await Gateway.start(participant, options));
  }

  async client(options: ConnectOptions = {}): Promise<Client> {
    const client = await connect(this.gateway.url, { WebSocket, ...options });
    this.atEnd(() => client.close());
    return client;
  }

  async member(name: string): Promise<Participant> {
    const participant = await Participant.join({ domain: this.domain, name });
    this.atEnd(() => participant.close());
    return participant;
  }

  atEnd(closer: () => Promise<void> | void): void {
    this.#closers.push(closer);
  }

  async end(): Promise<void> {
    for (const closer of this.#closers.reverse()) await closer();
    await this.gateway.close();
    await this.participant.close();
  }
}

/** Resolves once `condition` holds. */
export async function until(condition: () => boolean, what: string, timeoutMs = 8000): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`not within ${timeoutMs} ms: ${what}`);
    await pause(5);
  }
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** A WebSocket class whose sockets the test can get at: to stop reading, or to cut the wire. */
export function observedWebSocket(): { WebSocket: typeof WebSocket; sockets: WebSocket[] } {
  const sockets: WebSocket[] = [];
  class Observed extends WebSocket {
    constructor(url: string, protocols: string[]) {
      super(url, protocols);
      sockets.push(this);
    }
  }
  return { WebSocket: Observed as unknown as typeof WebSocket, sockets };
}

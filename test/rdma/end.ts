import { mapPrivate } from '../../transport/memory/system.js';
import { regionMemory } from '../../transport/transport.js';
import { Completions } from '../../transport/verbs/completions.js';
import { Device } from '../../transport/verbs/device.js';
import type { Registration } from '../../transport/verbs/device.js';
import { LINK_COMPLETIONS, Link } from '../../transport/verbs/link.js';
import { access } from '../../transport/verbs/structs.js';
import type { EndPoint } from '../../transport/verbs/structs.js';

/** What two ends tell each other before they connect. */
export interface Invitation {
  readonly endPoint: EndPoint;
  readonly address: number;
  readonly remoteKey: number;
}

/** One end of a link, with `byteLength` bytes that the other end may write: the same in the test's own process and in others. */
export class End {
  readonly device = Device.open();
  readonly memory;
  readonly registration: Registration;
  readonly completions: Completions;
  readonly link: Link;
  events = 0;
  onEvent: () => void = () => undefined;
  target = { address: 0, remoteKey: 0 };

  constructor(byteLength: number) {
    const buffer = mapPrivate(byteLength);
    this.memory = regionMemory(buffer);
    this.registration = this.device.register(buffer, access.localWrite | access.remoteWrite);
    this.completions = new Completions(this.device, LINK_COMPLETIONS, () => {
      this.events++;
      this.onEvent();
    });
    this.link = new Link(this.device, this.completions, () => undefined);
  }

  get invitation(): Invitation {
    const { address, remoteKey } = this.registration;
    return { endPoint: this.link.endPoint, address, remoteKey };
  }

  connect({ endPoint, address, remoteKey }: Invitation): void {
    this.target = { address, remoteKey };
    this.link.connect(endPoint);
  }

  put(index: number, value: number): void {
    this.memory.f64[index] = value;
    this.link.put(this.memory, index * 8, index * 8 + 8, this.target);
  }

  /** Polls until everything has arrived, or the link is broken. */
  async settle(timeoutMs = 10_000): Promise<void> {
    const endMs = performance.now() + timeoutMs;
    while (this.link.waiting > 0 && this.link.broken === undefined && performance.now() < endMs) {
      this.completions.poll();
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  close(): void {
    this.link.close();
    this.completions.close();
    this.registration.release();
    this.device.close();
  }
}

import { mapPrivate, schedYield } from '../memory/system.js';
import type { Fabric, FabricPath, FabricPeer } from '../tcp/fabric.js';
import type { TcpRegion } from '../tcp/region.js';
import type { RegionMemory } from '../transport.js';
import { regionMemory } from '../transport.js';
import { Completions } from './completions.js';
import { Device } from './device.js';
import type { DeviceOptions, Registration } from './device.js';
import { LINK_COMPLETIONS } from './link.js';
import { Path } from './path.js';
import { access } from './structs.js';

/** Peers of one member. */
const PEERS_MAX = 64;

/** A region that was released, and puts to one peer that may still read it. */
interface Ending {
  readonly region: TcpRegion;
  readonly path: Path;
  /** Of the path's puts, the last one that may. */
  readonly puts: number;
}

/** RDMA as a fabric: one device, one completion queue, and a queue pair to each peer. */
export class VerbsFabric implements Fabric {
  readonly device: Device;
  readonly completions: Completions;
  readonly #paths: Path[] = [];
  readonly #sources = new Map<TcpRegion, Registration>();
  #endings: Ending[] = [];
  #listener: () => void = () => undefined;
  #asleep = false;

  private constructor(device: Device, options: { peersMax: number }) {
    this.device = device;
    this.completions = new Completions(device, options.peersMax * LINK_COMPLETIONS, () => {
      this.#arrived();
    });
  }

  /** @throws TransportError BE_NO_RDMA, BE_SYSTEM, BE_UNSUPPORTED */
  static open(options: DeviceOptions = {}): VerbsFabric {
    const device = Device.open(options);
    try {
      return new VerbsFabric(device, { peersMax: PEERS_MAX });
    } catch (error) {
      device.close();
      throw error;
    }
  }

  get isFull(): boolean {
    return this.#paths.length >= PEERS_MAX;
  }

  allocate(byteLength: number): RegionMemory {
    return regionMemory(mapPrivate(byteLength));
  }

  join(peer: FabricPeer): FabricPath {
    const path = new Path(this, peer);
    this.#paths.push(path);
    return path;
  }

  left(path: Path): void {
    const index = this.#paths.indexOf(path);
    if (index >= 0) this.#paths.splice(index, 1);
    this.#end();
  }

  /** Memory that the device reads where it lies, known to it when it is first needed. */
  sourceOf(region: TcpRegion): Registration {
    let source = this.#sources.get(region);
    if (source === undefined) {
      source = this.device.register(region.bytes.buffer as ArrayBuffer, access.localWrite);
      this.#sources.set(region, source);
    }
    return source;
  }

  released(region: TcpRegion): void {
    for (const path of this.#paths) this.#endings.push({ region, path, puts: path.puts });
    this.#end();
  }

  #end(): void {
    const left = this.#endings.filter(({ region, path, puts }) => {
      if (path.arrived < puts) return true;
      path.ended(region);
      return false;
    });
    this.#endings = left;
    for (const [region, source] of this.#sources) {
      if (region.state !== 'released' || left.some((ending) => ending.region === region)) continue;
      source.release();
      this.#sources.delete(region);
    }
  }

  flush(): void {
    const paths = this.#paths;
    for (let i = 0; i < paths.length; i++) paths[i]!.flush();
    this.poll();
  }

  poll(): void {
    if (this.completions.poll() && this.#endings.length > 0) this.#end();
  }

  yieldCore(): void {
    this.poll();
    schedYield();
  }

  sleep(): void {
    this.#asleep = true;
    this.completions.arm();
    this.poll();
  }

  #arrived(): void {
    if (this.#asleep) this.sleep();
    else this.poll();
    this.#listener();
  }

  onArrival(listener: () => void): void {
    this.#listener = listener;
  }

  close(): void {
    for (const path of [...this.#paths]) path.close();
    for (const source of this.#sources.values()) source.release();
    this.#sources.clear();
    this.completions.close();
    this.device.close();
  }
}

import koffi from 'koffi';
import { TransportError } from '../errors.js';
import { addressOf } from '../memory/system.js';
import { errorName, lastError, loadVerbs } from './library.js';
import type { Verbs } from './library.js';
import { choosePort, decodeGids } from './ports.js';
import type { Port } from './ports.js';
import { context, gidEntry, memoryRegion, portAttributes } from './structs.js';

export interface DeviceOptions {
  /** Which device, as `ibv_devices` names it. Default: the first with a port that is up. */
  readonly device?: string;
  /** Which of its addresses; `/sys/class/infiniband/<device>/ports/1/gids` has them. Default: one of RoCE v2, of IPv4 where there is one. */
  readonly gidIndex?: number;
}

/** The calls that the driver brings, by the addresses that it has put into the context. */
interface DriverCalls {
  pollCq(queue: number, count: number, completions: number): number;
  requestNotifyCq(queue: number, solicitedOnly: number): number;
  postSend(pair: number, first: number, bad: number): number;
  postReceive(pair: number, first: number, bad: number): number;
}

// Without names: those are the process's, where this module may be more than once.
const driverPrototypes: Record<keyof DriverCalls, unknown> = {
  pollCq: koffi.proto('int', ['uint64_t', 'int', 'uint64_t']),
  requestNotifyCq: koffi.proto('int', ['uint64_t', 'int']),
  postSend: koffi.proto('int', ['uint64_t', 'uint64_t', 'uint64_t']),
  postReceive: koffi.proto('int', ['uint64_t', 'uint64_t', 'uint64_t']),
};

/** An RDMA device that is open, one of its ports, and the protection domain that all is made in. */
export class Device {
  readonly name: string;
  readonly port: Port;
  readonly verbs: Verbs;
  readonly calls: DriverCalls;
  readonly context: number;
  readonly domain: number;
  #closed = false;

  private constructor(verbs: Verbs, name: string, opened: number, port: Port) {
    this.verbs = verbs;
    this.name = name;
    this.context = opened;
    this.port = port;
    const call = (at: number, prototype: unknown) =>
      koffi.decode(readPointer(opened + at), prototype as never) as unknown;
    this.calls = Object.fromEntries(
      Object.entries(driverPrototypes).map(([key, prototype]) => [
        key,
        call(context[key as keyof DriverCalls], prototype),
      ]),
    ) as unknown as DriverCalls;
    this.domain = this.made('ibv_alloc_pd', verbs.allocateDomain(opened));
  }

  /**
   * Opens the device that `options` name, or the first that can be used.
   * @throws TransportError BE_NO_RDMA where libibverbs is missing, or there is no such device, or its port is down
   */
  static open(options: DeviceOptions = {}): Device {
    const verbs = loadVerbs();
    const found: string[] = [];
    const device = lookThrough(verbs, options, (name, opened, port) => {
      if (typeof port !== 'string') return new Device(verbs, name, opened, port);
      found.push(`${name} ${port}`);
      return undefined;
    });
    if (device !== undefined) return device;
    throw noDevice(options, found);
  }

  /** Lets the device read (and, where `access` says so, peers write) the memory of `buffer`, which stays where it is (`mapPrivate`). */
  register(buffer: ArrayBuffer, access: number): Registration {
    const address = Number(addressOf(buffer));
    const region = this.verbs.registerMemory(this.domain, address, buffer.byteLength, access);
    if (region === 0) {
      throw new TransportError(
        'BE_NO_MEMORY',
        `${this.name} cannot pin ${buffer.byteLength} bytes of memory: ${lastError()}. Raise the limit of locked memory (ulimit -l unlimited; in Docker --ulimit memlock=-1), or lower the ring sizes`,
      );
    }
    return new Registration(this, region, buffer, address);
  }

  /** What an `ibv_create_…` call gave. */
  made(call: string, pointer: number): number {
    if (pointer !== 0) return pointer;
    throw new TransportError('BE_SYSTEM', `${call} on ${this.name} failed: ${lastError()}`);
  }

  /** What a call that gives an error's number gave. */
  done(call: string, errno: number): void {
    if (errno === 0) return;
    // Some calls give -1 and leave the number elsewhere.
    const name = errno < 0 ? lastError() : errorName(errno);
    throw new TransportError('BE_SYSTEM', `${call} on ${this.name} failed: ${name}`);
  }

  /** To be called last: what was made of the device must be gone. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.done('ibv_dealloc_pd', this.verbs.freeDomain(this.domain));
    this.done('ibv_close_device', this.verbs.closeDevice(this.context));
  }
}

/** A device, and the port by which peers would reach it, or in words why it cannot be used. */
export interface DeviceState {
  readonly name: string;
  readonly port: Port | string;
}

/**
 * All devices that `options` leave to choose from, without taking one.
 * @throws TransportError BE_NO_RDMA where libibverbs is missing
 */
export function surveyDevices(options: DeviceOptions = {}): DeviceState[] {
  const states: DeviceState[] = [];
  lookThrough(loadVerbs(), options, (name, _opened, port) => {
    states.push({ name, port });
    return undefined;
  });
  return states;
}

/** Opens one device after another, until `take` keeps one. */
function lookThrough<Taken>(
  verbs: Verbs,
  options: DeviceOptions,
  take: (name: string, opened: number, port: Port | string) => Taken | undefined,
): Taken | undefined {
  const list = verbs.getDeviceList(new Uint8Array(4));
  try {
    for (let i = 0; list !== 0; i++) {
      const device = Number(readPointer(list + i * 8));
      if (device === 0) break;
      const name = verbs.getDeviceName(device);
      if (options.device !== undefined && options.device !== name) continue;
      const opened = verbs.openDevice(device);
      const cannot = opened === 0 && `cannot be opened: ${lastError()}`;
      const taken = take(name, opened, cannot || findPort(verbs, opened, options));
      if (taken !== undefined) return taken;
      if (opened !== 0) verbs.closeDevice(opened);
    }
  } finally {
    if (list !== 0) verbs.freeDeviceList(list);
  }
  return undefined;
}

/** Memory that a device may reach by its address. */
export class Registration {
  readonly buffer: ArrayBuffer;
  readonly address: number;
  /** For requests of this process, and for those of peers. */
  readonly localKey: number;
  readonly remoteKey: number;
  readonly #device: Device;
  readonly #region: number;
  #released = false;

  constructor(device: Device, region: number, buffer: ArrayBuffer, address: number) {
    this.#device = device;
    this.#region = region;
    this.buffer = buffer;
    this.address = address;
    this.localKey = readWord(region + memoryRegion.localKey);
    this.remoteKey = readWord(region + memoryRegion.remoteKey);
  }

  /** The device touches it no more. A request that is under way, or that a peer makes later, fails, and its queue pair with it. */
  release(): void {
    if (this.#released) return;
    this.#released = true;
    this.#device.done('ibv_dereg_mr', this.#device.verbs.deregisterMemory(this.#region));
  }
}

/** The word of 4 bytes at `address`. */
export function readWord(address: number): number {
  return koffi.decode(BigInt(address) as never, 'uint32_t') as number;
}

function readPointer(address: number): bigint {
  return BigInt(koffi.decode(BigInt(address) as never, 'uint64_t') as number | bigint);
}

/** Addresses of a device that are looked at; real ones have up to some hundred at a port. */
const GIDS_MAX = 1024;

function findPort(verbs: Verbs, opened: number, { gidIndex }: DeviceOptions): Port | string {
  const table = new Uint8Array(GIDS_MAX * gidEntry.byteLength);
  const count = verbs.queryGids(opened, table, GIDS_MAX, 0, gidEntry.byteLength);
  if (count < 0) return `does not tell its addresses (${errorName(-count)})`;
  return choosePort(decodeGids(table, count), gidIndex, (port) => {
    const bytes = new Uint8Array(portAttributes.byteLength);
    return verbs.queryPort(opened, port, bytes) === 0 ? bytes : undefined;
  });
}

function noDevice(options: DeviceOptions, found: readonly string[]): TransportError {
  const what =
    options.device === undefined
      ? 'no RDMA device can be used'
      : `no RDMA device ${options.device} can be used`;
  const why = found.length > 0 ? found.join('; ') : 'there is none (ibv_devices lists them)';
  return new TransportError(
    'BE_NO_RDMA',
    `${what}: ${why}. Load the driver of the adapter and bring its link up; over plain Ethernet Soft-RoCE will do (modprobe rdma_rxe; rdma link add rxe0 type rxe netdev eth0); or use tcp: instead`,
  );
}

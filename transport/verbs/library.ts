import koffi from 'koffi';
import { TransportError } from '../errors.js';

/**
 * libibverbs, the user's side of the kernel's RDMA, as rdma-core ships it. What the C header gives as functions of the library is here; what it
 * makes inline functions of is called through the context (device.ts). Pointers are plain numbers: addresses of a process are below 2^47.
 */
export interface Verbs {
  forkInit(): number;
  getDeviceList(count: Uint8Array): number;
  freeDeviceList(list: number): void;
  getDeviceName(device: number): string;
  openDevice(device: number): number;
  closeDevice(context: number): number;
  queryPort(context: number, port: number, attributes: Uint8Array): number;
  queryGids(
    context: number,
    entries: Uint8Array,
    entriesMax: number,
    flags: number,
    entryBytes: number,
  ): number;
  allocateDomain(context: number): number;
  freeDomain(domain: number): number;
  registerMemory(domain: number, address: number, byteLength: number, access: number): number;
  deregisterMemory(region: number): number;
  createChannel(context: number): number;
  destroyChannel(channel: number): number;
  createCompletionQueue(
    context: number,
    length: number,
    cookie: number,
    channel: number,
    vector: number,
  ): number;
  destroyCompletionQueue(queue: number): number;
  getEvent(channel: number, queue: Uint8Array, cookie: Uint8Array): number;
  acknowledgeEvents(queue: number, count: number): void;
  createQueuePair(domain: number, init: Uint8Array): number;
  modifyQueuePair(pair: number, attributes: Uint8Array, mask: number): number;
  destroyQueuePair(pair: number): number;
  statusName(status: number): string;
}

const prototypes: Record<keyof Verbs, string> = {
  forkInit: 'int ibv_fork_init()',
  getDeviceList: 'uint64_t ibv_get_device_list(int *count)',
  freeDeviceList: 'void ibv_free_device_list(uint64_t list)',
  getDeviceName: 'const char *ibv_get_device_name(uint64_t device)',
  openDevice: 'uint64_t ibv_open_device(uint64_t device)',
  closeDevice: 'int ibv_close_device(uint64_t context)',
  queryPort: 'int ibv_query_port(uint64_t context, uint8_t port, uint8_t *attributes)',
  queryGids:
    'long _ibv_query_gid_table(uint64_t context, uint8_t *entries, size_t entriesMax, uint32_t flags, size_t entryBytes)',
  allocateDomain: 'uint64_t ibv_alloc_pd(uint64_t context)',
  freeDomain: 'int ibv_dealloc_pd(uint64_t domain)',
  registerMemory: 'uint64_t ibv_reg_mr(uint64_t domain, uint64_t address, size_t length, int access)',
  deregisterMemory: 'int ibv_dereg_mr(uint64_t region)',
  createChannel: 'uint64_t ibv_create_comp_channel(uint64_t context)',
  destroyChannel: 'int ibv_destroy_comp_channel(uint64_t channel)',
  createCompletionQueue:
    'uint64_t ibv_create_cq(uint64_t context, int length, uint64_t cookie, uint64_t channel, int vector)',
  destroyCompletionQueue: 'int ibv_destroy_cq(uint64_t queue)',
  getEvent: 'int ibv_get_cq_event(uint64_t channel, uint8_t *queue, uint8_t *cookie)',
  acknowledgeEvents: 'void ibv_ack_cq_events(uint64_t queue, unsigned int count)',
  createQueuePair: 'uint64_t ibv_create_qp(uint64_t domain, uint8_t *init)',
  modifyQueuePair: 'int ibv_modify_qp(uint64_t pair, uint8_t *attributes, int mask)',
  destroyQueuePair: 'int ibv_destroy_qp(uint64_t pair)',
  statusName: 'const char *ibv_wc_status_str(int status)',
};

const FILE = 'libibverbs.so.1';
const INSTALL =
  'Install rdma-core (Debian, Ubuntu: apt-get install libibverbs1 ibverbs-providers; Fedora, RHEL: dnf install libibverbs)';

let loaded: Verbs | undefined;

/**
 * The library, loaded at the first call.
 * @throws TransportError BE_NO_RDMA where it is not installed, or this is not Linux on x64
 */
export function loadVerbs(file: string = FILE): Verbs {
  if (file === FILE && loaded !== undefined) return loaded;
  // On other processors plain loads could take what a device wrote in another order (ordering.ts).
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new TransportError(
      'BE_NO_RDMA',
      `rdma: needs Linux on x64, this is ${process.platform} on ${process.arch}: use tcp: instead`,
    );
  }
  let library: ReturnType<typeof koffi.load>;
  try {
    library = koffi.load(file);
  } catch (error) {
    throw new TransportError('BE_NO_RDMA', `${file} is not to be had. ${INSTALL}, or use tcp: instead`, {
      cause: error,
    });
  }
  const verbs = bind(library);
  // Older kernels would give the pages that a device writes to a child process; newer ones need no call, and then this does nothing.
  verbs.forkInit();
  if (file === FILE) loaded = verbs;
  return verbs;
}

function bind(library: ReturnType<typeof koffi.load>): Verbs {
  try {
    return Object.fromEntries(
      Object.entries(prototypes).map(([name, prototype]) => [name, library.func(prototype) as unknown]),
    ) as unknown as Verbs;
  } catch (error) {
    throw new TransportError(
      'BE_NO_RDMA',
      `this libibverbs is too old: rdma-core 32 has all that is needed. ${INSTALL}`,
      {
        cause: error,
      },
    );
  }
}

/** What the last call that failed says of it. */
export function lastError(): string {
  return errorName(koffi.errno());
}

/** The name of an error that a call returned. */
export function errorName(errno: number): string {
  return Object.entries(koffi.os.errno).find(([, value]) => value === errno)?.[0] ?? `errno ${errno}`;
}

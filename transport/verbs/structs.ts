/**
 * The structs of libibverbs (rdma-core, `infiniband/verbs.h`) as a 64-bit little-endian machine lays them out: offsets in bytes, and what
 * is written into them. Their layout is the library's ABI, stable since 2005 (symbol version IBVERBS_1.1).
 */

/** `ibv_context.ops`: where it keeps the calls that the header makes inline functions of. */
export const context = { pollCq: 96, requestNotifyCq: 104, postSend: 208, postReceive: 216 } as const;

export const completionChannel = { descriptor: 8 } as const;
export const memoryRegion = { localKey: 36, remoteKey: 40 } as const;
export const queuePair = { number: 52 } as const;

export const portAttributes = {
  byteLength: 64,
  state: 0,
  mtu: 8,
  messageBytesMax: 20,
  lid: 34,
  linkLayer: 46,
  /** A value of `state`. */
  active: 4,
  /** A value of `linkLayer`: RoCE and iWARP. */
  ethernet: 2,
} as const;

/** `ibv_gid_entry` */
export const gidEntry = { byteLength: 32, index: 16, port: 20, type: 24 } as const;
/** `ibv_gid_type` */
export const gidType = { infiniband: 0, roce1: 1, roce2: 2 } as const;

/** `ibv_access_flags` */
export const access = { localWrite: 1, remoteWrite: 2 } as const;

/** `ibv_send_wr`, with the `ibv_sge` that it refers to behind it; in words of 4 bytes, as they are written for each put. */
export const sendRequest = {
  byteLength: 128,
  id: 0,
  next: 2,
  list: 4,
  listLength: 6,
  opcode: 7,
  flags: 8,
  immediate: 9,
  remoteAddress: 10,
  remoteKey: 12,
} as const;
export const scatterEntry = { byteLength: 16, address: 0, length: 2, localKey: 3 } as const;
/** `ibv_wr_opcode`, `ibv_send_flags` */
export const opcode = { write: 0, writeWithImmediate: 1 } as const;
export const sendFlag = { signaled: 2, solicited: 4, inline: 8 } as const;

/** `ibv_recv_wr`, in words. */
export const receiveRequest = { byteLength: 32, id: 0, next: 2 } as const;

/** `ibv_wc`, in words. */
export const completion = { byteLength: 48, id: 0, status: 2 } as const;
/** `ibv_wc_status` of a request that was dropped because its queue pair had failed before. */
export const flushedStatus = 5;

/** What one end of a connection tells the other, so that they find each other. */
export interface EndPoint {
  /** Number of the queue pair. */
  readonly number: number;
  /** Sequence number of its first packet: 24 bits. */
  readonly packet: number;
  /** Address of its port: 16 bytes, in hexadecimal. */
  readonly gid: string;
  /** Local identifier of its port, on InfiniBand; 0 on Ethernet. */
  readonly lid: number;
  /** `ibv_mtu` of its port: 1 (256 bytes) to 5 (4096). */
  readonly mtu: number;
}

/** How patient a queue pair is. */
export const patience = {
  /** An acknowledgement may take 4.096 µs × 2^timeout: 67 ms. */
  timeout: 14,
  /** So often again, after which the peer is gone. 7 would be fine too, were it not that rxe takes it for for ever. */
  retries: 6,
  /** For ever, while the peer has no room for another notice (it is there, and busy). */
  notReadyRetries: 7,
  /** `ibv_qp_attr.min_rnr_timer`: 0.64 ms between those. */
  notReadyTimer: 12,
} as const;

/** `ibv_qp_init_attr` of a reliable connection, without SRQ, whose sends are signalled one by one. */
export function encodeQueuePairInit(queue: {
  completions: number;
  sendsMax: number;
  receivesMax: number;
  inlineBytesMax: number;
}): Uint8Array {
  const { bytes, view } = blank(64);
  view.setBigUint64(8, BigInt(queue.completions), true);
  view.setBigUint64(16, BigInt(queue.completions), true);
  view.setUint32(32, queue.sendsMax, true);
  view.setUint32(36, queue.receivesMax, true);
  view.setUint32(40, 1, true);
  view.setUint32(44, 1, true);
  view.setUint32(48, queue.inlineBytesMax, true);
  view.setUint32(52, RELIABLE_CONNECTION, true);
  return bytes;
}

/** `ibv_qp_attr` with the mask that says which of its fields count. */
export interface Transition {
  readonly attributes: Uint8Array;
  readonly mask: number;
}

/** From reset to init: the port, and what peers may do. */
export function toInit(port: number): Transition {
  const { bytes, view } = blank(ATTRIBUTES_BYTES);
  view.setInt32(0, STATE_INIT, true);
  view.setUint32(32, access.localWrite | access.remoteWrite, true);
  view.setUint8(129, port);
  return { attributes: bytes, mask: MASK.state | MASK.pkeyIndex | MASK.port | MASK.access };
}

/** From init to ready to receive: whom it is connected to. */
export function toReadyToReceive(peer: EndPoint, port: number, gidIndex: number, mtu: number): Transition {
  const { bytes, view } = blank(ATTRIBUTES_BYTES);
  view.setInt32(0, STATE_READY_TO_RECEIVE, true);
  view.setInt32(8, mtu, true);
  view.setUint32(20, peer.packet, true);
  view.setUint32(28, peer.number, true);
  for (let i = 0; i < 16; i++) bytes[56 + i] = parseInt(peer.gid.slice(i * 2, i * 2 + 2), 16);
  view.setUint8(76, gidIndex);
  view.setUint8(77, HOPS_MAX);
  view.setUint16(80, peer.lid, true);
  // On InfiniBand the local identifier tells the way; on Ethernet the address does.
  view.setUint8(85, peer.lid === 0 ? 1 : 0);
  view.setUint8(86, port);
  view.setUint8(127, READS_MAX);
  view.setUint8(128, patience.notReadyTimer);
  const mask =
    MASK.state |
    MASK.address |
    MASK.mtu |
    MASK.peer |
    MASK.receivePacket |
    MASK.readsServed |
    MASK.notReadyTimer;
  return { attributes: bytes, mask };
}

/** From ready to receive to ready to send too. */
export function toReadyToSend(packet: number): Transition {
  const { bytes, view } = blank(ATTRIBUTES_BYTES);
  view.setInt32(0, STATE_READY_TO_SEND, true);
  view.setUint32(24, packet, true);
  view.setUint8(126, READS_MAX);
  view.setUint8(130, patience.timeout);
  view.setUint8(131, patience.retries);
  view.setUint8(132, patience.notReadyRetries);
  const mask = MASK.state | MASK.timeout | MASK.retries | MASK.notReadyRetries | MASK.sendPacket | MASK.reads;
  return { attributes: bytes, mask };
}

/** From whatever to error: it takes nothing from its peer any more, and what it was to send is dropped. */
export function toError(): Transition {
  const { bytes, view } = blank(ATTRIBUTES_BYTES);
  view.setInt32(0, STATE_ERROR, true);
  return { attributes: bytes, mask: MASK.state };
}

const ATTRIBUTES_BYTES = 144;
const RELIABLE_CONNECTION = 2;
const STATE_INIT = 1;
const STATE_READY_TO_RECEIVE = 2;
const STATE_READY_TO_SEND = 3;
const STATE_ERROR = 6;
const HOPS_MAX = 64;
/** Nobody reads; but some devices refuse 0. */
const READS_MAX = 1;

/** `ibv_qp_attr_mask` */
const MASK = {
  state: 0x1,
  access: 0x8,
  pkeyIndex: 0x10,
  port: 0x20,
  address: 0x80,
  mtu: 0x100,
  timeout: 0x200,
  retries: 0x400,
  notReadyRetries: 0x800,
  receivePacket: 0x1000,
  reads: 0x2000,
  notReadyTimer: 0x8000,
  sendPacket: 0x10000,
  readsServed: 0x20000,
  peer: 0x100000,
} as const;

function blank(byteLength: number): { bytes: Uint8Array; view: DataView } {
  const bytes = new Uint8Array(byteLength);
  return { bytes, view: new DataView(bytes.buffer) };
}

import { gidEntry, gidType, portAttributes } from './structs.js';

/** An address of a port of a device. */
export interface Gid {
  readonly port: number;
  readonly index: number;
  /** 16 bytes in hexadecimal. */
  readonly hex: string;
  readonly type: number;
}

/** A port that is up, and how peers reach it. */
export interface Port {
  readonly number: number;
  readonly gid: string;
  readonly gidIndex: number;
  readonly lid: number;
  readonly mtu: number;
  /** One request moves so much at most. */
  readonly messageBytesMax: number;
}

/** The addresses in a table of `count` that the library has filled. */
export function decodeGids(table: Uint8Array, count: number): Gid[] {
  const view = new DataView(table.buffer, table.byteOffset, table.length);
  return Array.from({ length: count }, (_, i) => {
    const at = i * gidEntry.byteLength;
    return {
      port: view.getUint32(at + gidEntry.port, true),
      index: view.getUint32(at + gidEntry.index, true),
      hex: Buffer.from(table.subarray(at, at + 16)).toString('hex'),
      type: view.getUint32(at + gidEntry.type, true),
    };
  });
}

/**
 * The address by which peers are to reach a port: on Ethernet one of RoCE v2, which routers pass on, and of IPv4 where there is one; else the first.
 */
export function chooseGid(gids: readonly Gid[]): Gid | undefined {
  const routable = gids.filter(({ type }) => type === gidType.roce2);
  return (
    routable.find(({ hex }) => hex.startsWith(IPV4)) ??
    routable.find(({ hex }) => !hex.startsWith(LINK_LOCAL)) ??
    gids[0]
  );
}

const IPV4 = '00000000000000000000ffff';
const LINK_LOCAL = 'fe80';

/**
 * The first port that is up, or in words why there is none.
 *
 * @param query gives `ibv_port_attr` of a port, or undefined where there is none
 */
export function choosePort(
  gids: readonly Gid[],
  gidIndex: number | undefined,
  query: (port: number) => Uint8Array | undefined,
): Port | string {
  let why = 'has no port with an address';
  for (const number of new Set(gids.map(({ port }) => port))) {
    const bytes = query(number);
    if (bytes === undefined) continue;
    const view = new DataView(bytes.buffer);
    const state = view.getInt32(portAttributes.state, true);
    why = `has no port that is up: port ${number} is in state ${state}, wanted ${portAttributes.active} (active)`;
    if (state !== portAttributes.active) continue;
    const there = gids.filter(({ port }) => port === number);
    const gid = gidIndex === undefined ? chooseGid(there) : there.find(({ index }) => index === gidIndex);
    why = `has no address of index ${gidIndex} at port ${number}`;
    if (gid === undefined) continue;
    return {
      number,
      gid: gid.hex,
      gidIndex: gid.index,
      lid:
        view.getUint8(portAttributes.linkLayer) === portAttributes.ethernet
          ? 0
          : view.getUint16(portAttributes.lid, true),
      mtu: view.getInt32(portAttributes.mtu, true),
      messageBytesMax: view.getUint32(portAttributes.messageBytesMax, true),
    };
  }
  return why;
}

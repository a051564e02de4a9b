import assert from 'node:assert/strict';
import koffi from 'koffi';

/** What a driver finds at an address: as C has it, from the address alone. */
export function at(address: number, byteLength: number): Uint8Array {
  return new Uint8Array(koffi.view(BigInt(address) as never, byteLength));
}

/** One `ibv_send_wr` with one entry. */
export interface Request {
  id: number;
  listener: number;
  opcode: number;
  flags: number;
  remote: number;
  remoteKey: number;
  local: number;
  byteLength: number;
  localKey: number;
}

/** Follows a list of `ibv_send_wr` to its end. */
export function readList(first: number): Request[] {
  const list: Request[] = [];
  for (let address = first; address !== 0;) {
    const bytes = at(address, 128);
    const view = new DataView(bytes.buffer);
    const pointer = (offset: number) => Number(view.getBigUint64(offset, true));
    assert.equal(view.getInt32(24, true), 1, 'one entry a request');
    const entry = new DataView(at(pointer(16), 16).buffer);
    list.push({
      id: view.getUint32(0, true),
      listener: view.getUint32(4, true),
      opcode: view.getInt32(28, true),
      flags: view.getUint32(32, true),
      remote: pointer(40),
      remoteKey: view.getUint32(48, true),
      local: Number(entry.getBigUint64(0, true)),
      byteLength: entry.getUint32(8, true),
      localKey: entry.getUint32(12, true),
    });
    address = pointer(8);
  }
  return list;
}

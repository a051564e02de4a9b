/**
 * All that Bowecho assumes of the order in which memory is seen by other processes. Nothing else may rely on it.
 *
 * A counter is an aligned 8-byte float with one writer: a plain load or store moves it whole. Payload is stored first, the
 * guard (a counter) after it; a reader takes the guard first. x86-64 keeps both orders for plain moves, and V8 does not
 * reorder accesses to memory that a native view aliases across a loop turn or call. Only a store followed by a load of other
 * memory can be seen the other way round, and `fence` stands between those: once a batch, before sleeping flags are read, and
 * before a live self-check (docs/protocol.md, sections 3 and 5).
 */
const word = new Int32Array(new SharedArrayBuffer(4));

/** A full fence: what was stored before it is visible to every core before anything after it is loaded. About 10 ns. */
export function fence(): void {
  Atomics.add(word, 0, 1);
}

/** Why this processor's memory order does not suit the plain loads and stores of shared memory, or undefined where it does. */
export function unsuitedOrder(architecture: string): string | undefined {
  return architecture === 'x64'
    ? undefined
    : `shared memory relies on the store order of x64; on ${architecture} use local: or tcp: instead`;
}

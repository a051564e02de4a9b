import { TransportError } from './errors.js';
import type { Host } from './host.js';
import { LocalHost } from './local/host.js';
import type { DirectoryOptions } from './memory/directory.js';
import type { MemberId } from './transport.js';

export interface OpenHostOptions extends DirectoryOptions {
  /** This member's incarnation. Default: random. For tests. */
  readonly self?: MemberId;
}

/**
 * Opens a host for the domain at `address`: `tower` or `memory:tower` share the memory of this machine (Linux on x64),
 * `local:tower` is for members in one process (any operating system).
 *
 * ```ts
 * const host = await openHost('local:tower');
 * const welcome = await host.meet('hello', { timeoutMs: 1000 }); // undefined: we have founded the domain
 * host.openDoor((stranger, greeting, reply) => reply({ welcome: `hello ${stranger}` }));
 * await host.close();
 * ```
 * @throws TransportError BE_NAME, BE_DIRECTORY, BE_NO_MEMORY, BE_UNSUPPORTED
 */
export async function openHost(address: string, options: OpenHostOptions = {}): Promise<Host> {
  const colon = address.indexOf(':');
  const scheme = colon < 0 ? 'memory' : address.slice(0, colon);
  const domain = address.slice(colon + 1);
  switch (scheme) {
    case 'memory': {
      // Only now: a program that uses local: needs no native code, and shall not load any.
      const { MemoryHost } = await import('./memory/host.js');
      return await MemoryHost.open({ ...options, domain });
    }
    case 'local':
      return new LocalHost({ ...options, domain });
    case 'tcp':
    case 'rdma':
      throw new TransportError(
        'BE_UNSUPPORTED',
        `${address}: ${scheme} is not in this version; use memory: or local:`,
      );
    default:
      throw new TransportError(
        'BE_NAME',
        `${address}: ${scheme}: is no transport; use memory:<name> or local:<name>`,
      );
  }
}

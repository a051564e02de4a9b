import { TransportError } from './errors.js';
import type { Host } from './host.js';
import { LocalHost } from './local/host.js';
import type { DirectoryOptions } from './memory/directory.js';
import { checkDomainName } from './names.js';
import { parseTcpAddress } from './tcp/address.js';
import type { Fabric } from './tcp/fabric.js';
import { TcpHost } from './tcp/host.js';
import type { TcpOptions } from './tcp/options.js';
import type { MemberId } from './transport.js';
import type { DeviceOptions } from './verbs/device.js';

export interface OpenHostOptions extends DirectoryOptions {
  /** This member's incarnation. Default: random. For tests. */
  readonly self?: MemberId;
  /** Of `tcp:` and `rdma:` addresses. */
  readonly tcp?: TcpOptions;
  /** Of `rdma:` addresses. */
  readonly rdma?: DeviceOptions;
}

/**
 * Opens a host for the domain at `address`: `tower` or `memory:tower` share the memory of this machine (Linux on x64),
 * `tcp://host:port,host:port/tower` is for members on several machines, `local:tower` for members in one process (both on any
 * operating system). `rdma://host:port/tower` is like `tcp:`, but what members put goes from memory to memory by RDMA (Linux on x64).
 * In both, with `tcp: { sharePages: true }`, members on one Linux machine share memory.
 *
 * ```ts
 * const host = await openHost('local:tower');
 * const welcome = await host.meet('hello', { timeoutMs: 1000 }); // undefined: we have founded the domain
 * host.openDoor((stranger, greeting, reply) => reply({ welcome: `hello ${stranger}` }));
 * await host.close();
 * ```
 * @throws TransportError BE_NAME, BE_DIRECTORY, BE_NO_MEMORY, BE_UNSUPPORTED, BE_INSECURE, BE_SYSTEM, BE_NO_RDMA
 */
export async function openHost(address: string, options: OpenHostOptions = {}): Promise<Host> {
  const { scheme, rest } = parseAddress(address);
  switch (scheme) {
    case 'memory': {
      // Only now: a program that uses local: needs no native code, and shall not load any.
      const { MemoryHost } = await import('./memory/host.js');
      return await MemoryHost.open({ ...options, domain: rest });
    }
    case 'local':
      return new LocalHost({ ...options, domain: rest });
    case 'tcp':
      return await openLinked(rest, options);
    case 'rdma': {
      const { rdma, ...others } = options;
      const { VerbsFabric } = await import('./verbs/fabric.js');
      const fabric = VerbsFabric.open(rdma);
      try {
        return await openLinked(rest, others, fabric);
      } catch (error) {
        fabric.close();
        throw error;
      }
    }
    default:
      throw noTransport(address);
  }
}

async function openLinked(
  address: string,
  { tcp, ...here }: OpenHostOptions,
  fabric?: Fabric,
): Promise<Host> {
  const linked = { ...tcp, ...here, address, ...(fabric !== undefined && { fabric }) };
  if (tcp?.sharePages !== true) return await TcpHost.open(linked);
  // Only now, as for memory:.
  const { MixedHost } = await import('./mixed/host.js');
  return await MixedHost.open(linked);
}

/**
 * The name of the domain at `address`.
 * @throws TransportError BE_NAME
 */
export function domainNameOf(address: string): string {
  const { scheme, rest } = parseAddress(address);
  return scheme === 'tcp' || scheme === 'rdma' ? parseTcpAddress(rest).domain : rest;
}

/**
 * The name of the domain at `address`, once it is known that one can be there.
 * @throws TransportError BE_NAME
 */
export function checkAddress(address: string): string {
  const { scheme } = parseAddress(address);
  if (!['memory', 'local', 'tcp', 'rdma'].includes(scheme)) throw noTransport(address);
  const domain = domainNameOf(address);
  checkDomainName(domain);
  return domain;
}

function noTransport(address: string): TransportError {
  return new TransportError(
    'BE_NAME',
    `${address}: ${parseAddress(address).scheme}: is no transport; use memory:<name>, tcp://<host>:<port>/<name>, rdma://<host>:<port>/<name> or local:<name>`,
  );
}

/** An address, taken apart; without a scheme it is one of shared memory. */
export function parseAddress(address: string): { scheme: string; rest: string } {
  const colon = address.indexOf(':');
  return { scheme: colon < 0 ? 'memory' : address.slice(0, colon), rest: address.slice(colon + 1) };
}

import { lookup } from 'node:dns/promises';
import { BlockList, isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import { TransportError } from '../errors.js';
import { checkDomainName } from '../names.js';

/** Where an address gives no port. */
export const defaultPort = 7400;
const defaultDomain = 'default';

export interface HostPort {
  readonly host: string;
  readonly port: number;
}

/** `tcp://host:port,host:port/domain`, taken apart. */
export interface TcpAddress {
  readonly entries: readonly HostPort[];
  readonly domain: string;
}

/** One place where a member may listen; `entry` is which of the address's entries names it. */
export interface Contact extends HostPort {
  readonly entry: number;
}

/**
 * @param rest what follows `tcp:`
 * @throws TransportError BE_NAME
 */
export function parseTcpAddress(rest: string): TcpAddress {
  const match = /^\/\/([^/]+)(?:\/([^/]*))?$/.exec(rest);
  if (match === null) throw badAddress(rest, 'it has no host');
  const domain = match[2] ?? defaultDomain;
  checkDomainName(domain);
  return { entries: match[1]!.split(',').map((entry) => parseHostPort(entry)), domain };
}

/**
 * `host:port`, `host`, `[v6]:port`; port 7400 where none is given.
 * @throws TransportError BE_NAME
 */
export function parseHostPort(text: string): HostPort {
  const match = /^(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9._-]+))(?::(\d{1,5}))?$/.exec(text);
  const port = Number(match?.[3] ?? defaultPort);
  if (match === null || port > 65_535) throw badAddress(text, 'it is not host:port');
  return { host: (match[1] ?? match[2])!, port };
}

export function formatHostPort({ host, port }: HostPort): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

function badAddress(text: string, why: string): TransportError {
  return new TransportError(
    'BE_NAME',
    `${JSON.stringify(text)} is no address (${why}): use tcp://host:port,host:port/domain`,
  );
}

/** All that the entries stand for, each place once; and the entries that name nothing now. A name with several addresses stands for all of them. */
export async function resolve(
  entries: readonly HostPort[],
): Promise<{ contacts: Contact[]; unknown: HostPort[] }> {
  const found = new Map<string, Contact>();
  const unknown: HostPort[] = [];
  const resolved = await Promise.all(entries.map(({ host }) => lookup(host, { all: true }).catch(() => [])));
  entries.forEach((entry, index) => {
    if (resolved[index]!.length === 0) unknown.push(entry);
    // In an order that is the same for all, whatever the name server gives first.
    const addresses = resolved[index]!.map(({ address }) => address).sort();
    for (const address of addresses) {
      const contact = { host: address, port: entry.port, entry: index };
      const name = formatHostPort(contact);
      if (!found.has(name)) found.set(name, contact);
    }
  });
  return { contacts: [...found.values()], unknown };
}

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8);
loopback.addAddress('::1', 'ipv6');

/** Whether it is an address (IPv4 within IPv6 too) of loopback. Of no name: what it stands for can change. */
export function isLoopback(host: string): boolean {
  const version = isIP(host);
  return version !== 0 && loopback.check(host, version === 4 ? 'ipv4' : 'ipv6');
}

/** Whether the address is one of this machine's. */
export function isOwn(host: string): boolean {
  return (
    isLoopback(host) ||
    Object.values(networkInterfaces()).some((each) => each?.some(({ address }) => address === host) ?? false)
  );
}

/** An address of this machine that others can reach, as far as can be told. */
export function ownAddress(): string {
  const all = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  const outward = all.filter(({ internal, address }) => !internal && !address.startsWith('fe80'));
  return (outward.find(({ family }) => family === 'IPv4') ?? outward[0])?.address ?? '127.0.0.1';
}

export function isWildcard(host: string): boolean {
  return host === '0.0.0.0' || host === '::';
}

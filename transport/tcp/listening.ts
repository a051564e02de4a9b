import { createSocket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import { TransportError } from '../errors.js';
import type { Contact, HostPort } from './address.js';
import { isLoopback, isOwn, isWildcard, ownAddress, parseHostPort, resolve } from './address.js';
import type { Gate } from './gate.js';

/** Whoever holds a place may take a while to go. */
const claimsMax = 20;
const claimMs = 250;

export interface ListenOptions {
  /**
   * Where this member listens: `host:port`. Default: at the first place of the address that is this machine's and free; else at a free port of
   * the network address from which the others are reached.
   */
  readonly listen?: string;
  /** What others are told to connect to: `host:port`. Default: where this member listens. */
  readonly advertise?: string;
}

/** Where this member listens. It listens nowhere but where the address, or its options, say. */
export class Listening {
  /** What others are told to connect to. */
  readonly address: HostPort;
  readonly #gate: Gate;
  readonly #places: HostPort[];
  readonly #isTold: boolean;

  private constructor(gate: Gate, place: HostPort, options: ListenOptions) {
    this.#gate = gate;
    this.#places = [place];
    this.#isTold = options.listen !== undefined;
    if (options.advertise !== undefined) this.address = parseHostPort(options.advertise);
    else this.address = isWildcard(place.host) ? { ...place, host: ownAddress() } : place;
    if (options.advertise !== undefined) this.#places.push(this.address);
  }

  /** @throws TransportError BE_NAME, BE_SYSTEM */
  static async begin(gate: Gate, contacts: readonly Contact[], options: ListenOptions): Promise<Listening> {
    if (options.listen !== undefined) {
      const told = parseHostPort(options.listen);
      const port = await listen(gate, told);
      if (port === undefined)
        throw cannotListen(options.listen, 'another process has it, or it is not of this machine');
      return new Listening(gate, { host: told.host, port }, options);
    }
    for (const contact of contacts) {
      if (!isOwn(contact.host)) continue;
      const port = await listen(gate, contact);
      if (port !== undefined) return new Listening(gate, { host: contact.host, port }, options);
    }
    const host = await routeTo(contacts[0]);
    const port = await listen(gate, { host, port: 0 });
    if (port === undefined) throw cannotListen(host, 'there is no free port');
    return new Listening(gate, { host, port }, options);
  }

  /**
   * Listens at `contact` too, where that is of this machine and nobody does, unless it was told to listen elsewhere. True where this member
   * listens there.
   */
  async claim(contact: HostPort): Promise<boolean> {
    if (this.#places.some((place) => isSame(place, contact))) return true;
    if (this.#isTold || !isOwn(contact.host)) return false;
    const port = await listen(this.#gate, contact);
    if (port !== undefined) this.#places.push({ host: contact.host, port });
    return port !== undefined;
  }

  /**
   * Who is gone may have listened at one of the address's places on this machine: then somebody who is left does from now on, so that strangers
   * find the domain, rather than found another. It is tried for a while, as long as this member `isIn` the domain.
   */
  claimAll(entries: readonly HostPort[], isIn: () => boolean, tries = claimsMax): void {
    if (tries === 0 || !isIn()) return;
    void resolve(entries).then(async ({ contacts }) => {
      let isDone = true;
      for (const contact of contacts) {
        if (!isIn()) return;
        if (isOwn(contact.host) && !(await this.claim(contact).catch(() => false))) isDone = false;
      }
      if (!isDone) setTimeout(() => this.claimAll(entries, isIn, tries - 1), claimMs).unref();
    });
  }
}

async function listen(gate: Gate, { host, port }: HostPort): Promise<number | undefined> {
  try {
    return await gate.listen(host, port);
  } catch (error) {
    throw cannotListen(`${host}:${port}`, (error as Error).message);
  }
}

function isSame(place: HostPort, contact: HostPort): boolean {
  if (place.port !== contact.port) return false;
  return place.host === contact.host || (isWildcard(place.host) && isOwn(contact.host));
}

/** The address of this machine from which `contact` is reached: the kernel knows, and nothing is sent. */
async function routeTo(contact: HostPort | undefined): Promise<string> {
  if (contact === undefined) return ownAddress();
  if (isLoopback(contact.host)) return isIPv6(contact.host) ? '::1' : '127.0.0.1';
  const socket = createSocket(isIPv6(contact.host) ? 'udp6' : 'udp4');
  try {
    return await new Promise<string>((resolve, reject) => {
      socket.once('error', reject);
      socket.connect(contact.port, contact.host, () => {
        resolve(socket.address().address);
      });
    });
  } catch {
    return ownAddress();
  } finally {
    socket.close();
  }
}

function cannotListen(where: string, why: string): TransportError {
  return new TransportError('BE_SYSTEM', `cannot listen at ${where}: ${why}. Choose another with listen`);
}

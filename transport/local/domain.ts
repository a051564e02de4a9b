import type { MemberId, RegionMemory } from '../transport.js';
import type { LocalHost } from './host.js';

/** What the members of one domain in this process share. */
export class LocalDomain {
  readonly hosts = new Map<MemberId, LocalHost>();
  /** By owner and name. Outlives an owner that was killed, as shared memory does. */
  readonly regions = new Map<MemberId, Map<string, RegionMemory>>();
  /** Who met nobody, and has not opened its door yet. */
  founder: LocalHost | undefined;
  #waiting: (() => void)[] = [];

  /** Resolves when a door opens or a member goes. */
  async changed(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#waiting.push(resolve);
    });
  }

  change(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}

const domains = new Map<string, LocalDomain>();

/** The domain `name` of this process, made where missing. */
export function enterDomain(name: string): LocalDomain {
  const domain = domains.get(name) ?? new LocalDomain();
  domains.set(name, domain);
  return domain;
}

/** Forgets the domain `name` once nobody is in it. */
export function leaveDomain(name: string): void {
  if (domains.get(name)?.hosts.size === 0) domains.delete(name);
}

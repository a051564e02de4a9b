import { domainNameOf, type Host, openHost, TransportError } from '../../transport/index.js';
import { rackFrom } from '../../transport/tcp/spreading.js';
import type { Member, View } from '../membership/view.js';
import { asJson } from './admission.js';
import { RestartCouncil, StartOver } from './council.js';
import { BowechoError } from './errors.js';
import { Gatekeeper } from './gatekeeper.js';
import { firstViewOf, foundDomain, storageOf } from './founding.js';
import type { ParticipantOptions } from './participant.js';
import { type Moved, Storage } from './storage.js';
import { decodeWelcome, encodeGreeting, type Greeting, knows, type MemberInfo } from './wire.js';

/** With what a participant begins. */
export interface Joined {
  readonly host: Host;
  readonly view: View;
  readonly greeting: Greeting;
  readonly gatekeeper: Gatekeeper;
  /** Open already, where its folder has views. */
  readonly storage: Storage | undefined;
}

/**
 * Joins the domain, founds it, or begins it again with the others that wait.
 * @throws as `Participant.join`
 */
export async function joinDomain(options: ParticipantOptions, moved: Moved): Promise<Joined> {
  const deadline = performance.now() + (options.timeoutMs ?? 10_000);
  for (;;) {
    try {
      return await attempt(options, deadline, moved);
    } catch (error) {
      if (!(error instanceof StartOver)) throw error;
    }
  }
}

async function attempt(options: ParticipantOptions, deadline: number, moved: Moved): Promise<Joined> {
  const { domain, tcp, rdma, signal, name = `${process.title}-${process.pid}` } = options;
  const rack = rackFrom(tcp?.rack);
  const host = await openHost(domain, { ...(tcp && { tcp }), ...(rdma && { rdma }) });
  let council: RestartCouncil | undefined;
  let storage: Storage | undefined;
  try {
    const { address, subject } = host;
    const gatekeeper = Gatekeeper.of(options.permissions, subject);
    gatekeeper.checkSelf();
    const { hash: permissions } = gatekeeper;
    const greeting: Greeting = {
      name,
      pid: process.pid,
      ...(address !== undefined && { address }),
      ...(address !== undefined && rack !== undefined && { rack }),
      ...(permissions !== undefined && { permissions }),
    };
    const info: MemberInfo = { ...greeting, ...(subject !== undefined && { subject }) };
    const member: Member = { id: host.self, info: asJson(info), applied: 0 };
    const kept = await keptBy(options, name);
    const said = encodeGreeting(kept === undefined ? greeting : { ...greeting, kept });
    const timeoutMs = Math.max(1, deadline - performance.now());
    const meeting = { timeoutMs, ...(signal && { signal }) };
    if (kept !== undefined && !host.aliased)
      storage = await Storage.open(storageOf(options)!, domainNameOf(domain), name, moved);
    if (!host.aliased)
      council = new RestartCouncil(
        domainNameOf(domain),
        member,
        storage,
        options.expectedMembers ?? 1,
        gatekeeper,
      );
    const welcome = await host.meet(said, { ...meeting, ...(council && { council }) });
    if (welcome === undefined && host.aliased)
      return { host, greeting, gatekeeper, ...(await foundDomain(member, name, options, deadline, moved)) };
    const view = welcome === undefined ? (council!.view ?? firstViewOf(member)) : decodeWelcome(welcome);
    if (welcome !== undefined && !knows(view, kept ?? [])) throw foundedAnew(domain, name);
    await council?.goOn(view);
    return { host, view, greeting, gatekeeper, storage };
  } catch (error) {
    await host.close();
    const waitsFor = isTimeout(error) ? await council?.whomItWaitsFor() : undefined;
    await council?.settled();
    await storage?.close();
    throw waitsFor === undefined ? error : waitedInVain(domain, waitsFor, error as TransportError);
  }
}

/** Of the persistent topics in the newest view that this participant's folder has; undefined where it has none. */
async function keptBy(options: ParticipantOptions, name: string): Promise<string[] | undefined> {
  const root = storageOf(options);
  const domain = domainNameOf(options.domain);
  if (root === undefined || !(await Storage.hasViews(root, domain, name))) return undefined;
  const { installedLogs } = await import('../durability/found-disk.js');
  const logs = await installedLogs(Storage.folderOf(root, domain, name));
  return logs.map(({ lineage }) => lineage);
}

function isTimeout(error: unknown): boolean {
  return error instanceof TransportError && error.code === 'BE_JOIN_TIMEOUT';
}

function waitedInVain(domain: string, waitsFor: string, cause: TransportError): BowechoError {
  return new BowechoError(
    'BE_RESTART_WAITS',
    `domain ${domainNameOf(domain)} cannot begin again without ${waitsFor}: start these participants with the folders that they had, wait longer (timeoutMs), or move what is left of the domain away to begin anew; ${cause.message}`,
    { cause },
  );
}

function foundedAnew(domain: string, name: string): BowechoError {
  return new BowechoError(
    'BE_OTHER_DOMAIN',
    `domain ${domainNameOf(domain)} was founded anew, without what the folder of participant ${name} has of it: close it, and let those begin who have kept something; or move that folder away to join the domain as it is`,
  );
}

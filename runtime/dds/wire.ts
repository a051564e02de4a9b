import { BowechoError } from './errors.js';
import type { FoundDisk } from '../membership/restart.js';
import type { Json, View } from '../membership/view.js';
import type { ViewRecord } from '../membership/view-record.js';

/** What a stranger says at the door, and what it gets: JSON, checked on arrival. */
export interface Greeting {
  name: string;
  pid: number;
  /** Where the others connect to, on transports that have addresses. */
  address?: string;
  /** Of the persistent topics in the newest view that its folder has: a domain that does not know them is another one. */
  kept?: readonly string[];
  /** Of its machine. */
  rack?: string;
  /** The hash of the permissions that it goes by. */
  permissions?: string;
}

/** What a view says of a member: its greeting, and what the member that let it in has seen. */
export interface MemberInfo extends Omit<Greeting, 'kept'> {
  /** Of its certificate. */
  subject?: string;
}

export function encodeGreeting(greeting: Greeting): string {
  return JSON.stringify(greeting);
}

/** @throws BowechoError BE_MALFORMED */
export function decodeGreeting(text: string): Greeting {
  const value = parse(text);
  if (typeof value.name !== 'string' || value.name.length > 256 || !Number.isSafeInteger(value.pid)) {
    throw malformed('a greeting');
  }
  const { name, address, rack, kept, permissions } = value;
  const isShort = (each: unknown) => each === undefined || (typeof each === 'string' && each.length <= 256);
  if (![address, rack, permissions].every(isShort)) throw malformed('a greeting');
  const isText = (each: unknown) => typeof each === 'string';
  if (kept !== undefined && !(Array.isArray(kept) && kept.every(isText))) throw malformed('a greeting');
  return {
    name,
    pid: value.pid as number,
    ...(address !== undefined && { address: address as string }),
    ...(rack !== undefined && { rack: rack as string }),
    ...(permissions !== undefined && { permissions: permissions as string }),
    ...(kept !== undefined && { kept: kept as string[] }),
  };
}

/** Whether the domain of `view` knows all that somebody has kept of it. */
export function knows(view: View, kept: readonly string[]): boolean {
  return kept.every((lineage) => view.logs.some((log) => log.lineage === lineage));
}

export function encodeWelcome(view: View): string {
  return JSON.stringify(view);
}

/** @throws BowechoError BE_MALFORMED */
export function decodeWelcome(text: string): View {
  const value: unknown = parse(text);
  if (!isView(value)) throw malformed('a welcome');
  return value;
}

/** What who leads a restart says to who follows. */
export type Word =
  | { readonly kind: 'report' } // answered with a `Report`
  | { readonly kind: 'wait'; readonly waitsFor: string } // disks are missing
  | { readonly kind: 'record'; readonly record: ViewRecord }; // answered once that is durable

/** @throws BowechoError BE_MALFORMED */
export function decodeWord(text: string): Word {
  const { kind, waitsFor, record } = parse(text);
  if (kind === 'report') return { kind };
  if (kind === 'wait' && typeof waitsFor === 'string') return { kind, waitsFor };
  if (kind === 'record' && isRecord(record)) return { kind, record };
  throw malformed('a word of who leads the restart');
}

/** What one that waits for a domain says of itself, and of what its disk has. */
export interface Report {
  readonly info: Json;
  readonly found?: FoundDisk | undefined;
}

/** @throws BowechoError BE_MALFORMED */
export function decodeReport(text: string): Report {
  const { info, found } = parse(text);
  decodeGreeting(JSON.stringify(info));
  if (found === undefined) return { info: info as Json };
  const { disk, views, logs } = found as Partial<FoundDisk>;
  const isSound =
    typeof disk === 'string' &&
    Array.isArray(views) &&
    views.every((each) => isRecord(each?.record) && typeof each.installed === 'boolean') &&
    Array.isArray(logs) &&
    logs.every((log) => typeof log?.topic === 'string' && Number.isSafeInteger(log.epoch));
  if (!isSound) throw malformed('what a disk is said to have');
  return { info: info as Json, found: { disk, views, logs } };
}

function isRecord(value: unknown): value is ViewRecord {
  if (typeof value !== 'object' || value === null) return false;
  const { view, leader, ended, before } = value as Partial<ViewRecord>;
  return isView(view) && Number.isSafeInteger(leader) && [ended, before].every(Array.isArray);
}

function isView(value: unknown): value is View {
  if (typeof value !== 'object' || value === null) return false;
  const { viewId, domain, members, topics, endpoints, refusals, logs } = value as Partial<View>;
  return (
    [viewId, domain].every(Number.isSafeInteger) &&
    [members, topics, endpoints, refusals, logs].every(Array.isArray)
  );
}

function parse(text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw malformed('a message of another member');
  }
  if (typeof value !== 'object' || value === null) throw malformed('a message of another member');
  return value as Record<string, unknown>;
}

function malformed(what: string): BowechoError {
  return new BowechoError(
    'BE_MALFORMED',
    `${what} makes no sense: is the other process a Bowecho of another version?`,
  );
}

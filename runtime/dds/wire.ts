import { BowechoError } from './errors.js';
import type { View } from '../membership/view.js';

/** What a stranger says at the door, and what it gets: JSON, checked on arrival. */
export interface Greeting {
  name: string;
  pid: number;
  /** Where the others connect to, on transports that have addresses. */
  address?: string;
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
  const { name, address } = value;
  if (address === undefined) return { name, pid: value.pid as number };
  if (typeof address !== 'string' || address.length > 256) throw malformed('a greeting');
  return { name, pid: value.pid as number, address };
}

export function encodeWelcome(view: View): string {
  return JSON.stringify(view);
}

/** @throws BowechoError BE_MALFORMED */
export function decodeWelcome(text: string): View {
  const value = parse(text);
  const lists = [value.members, value.topics, value.endpoints, value.refusals, value.logs];
  if (
    !Number.isSafeInteger(value.viewId) ||
    !Number.isSafeInteger(value.domain) ||
    !lists.every(Array.isArray)
  ) {
    throw malformed('a welcome');
  }
  return value as unknown as View;
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

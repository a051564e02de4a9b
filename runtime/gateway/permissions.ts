import type { IncomingMessage } from 'node:http';
import type { Role } from './wire/index.js';

/** Topics by name; one that ends with `*` stands for all that begin so. */
export type TopicList = readonly string[];

/** What a client may do. What is left out is not allowed. */
export interface Permissions {
  readonly readTopics?: TopicList;
  readonly writeTopics?: TopicList;
}

/**
 * Decides about a client by its HTTP upgrade request: cookies, headers, query. Undefined refuses it with HTTP 401.
 *
 * ```ts
 * authorize: async ({ headers }) => (await isOperator(headers.cookie)) ? { readTopics: ['*'] } : undefined
 * ```
 */
export type Authorize = (
  request: IncomingMessage,
) => Promise<Permissions | undefined> | Permissions | undefined;

export const everything: Permissions = { readTopics: ['*'], writeTopics: ['*'] };

export function isAllowed(permissions: Permissions, role: Role, topic: string): boolean {
  const topics = (role === 'reader' ? permissions.readTopics : permissions.writeTopics) ?? [];
  return topics.some((name) => (name.endsWith('*') ? topic.startsWith(name.slice(0, -1)) : topic === name));
}

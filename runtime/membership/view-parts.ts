import type { MemberId } from '../../transport/transport.js';
import type { Endpoint, Json, View } from './view.js';

/** The lists of endpoints of finished views, by topic: with many topics, looking through all of them for each would take long. */
const byTopic = new WeakMap<readonly Endpoint[], Map<string, Endpoint[]>>();

/** The endpoints of `topic` in `view`, which changes no more. */
export function endpointsOn(view: View, topic: string): readonly Endpoint[] {
  let topics = byTopic.get(view.endpoints);
  if (topics === undefined) {
    topics = new Map();
    for (const endpoint of view.endpoints) {
      const endpoints = topics.get(endpoint.topic);
      if (endpoints === undefined) topics.set(endpoint.topic, [endpoint]);
      else endpoints.push(endpoint);
    }
    byTopic.set(view.endpoints, topics);
  }
  return topics.get(topic) ?? [];
}

/** The disks on which the view is recorded: who restarts the domain has to have enough of them (protocol.md, section 8). */
export function keepersOf({ members, keepers = [] }: View): string[] {
  return [...new Set([...keepers, ...members.flatMap(({ disk }) => disk ?? [])])];
}

/** The racks of those members of `view` that say theirs. */
export function racksIn({ members }: View): ReadonlyMap<MemberId, string> {
  return new Map(members.flatMap(({ id, info }) => (hasRack(info) ? [[id, info.rack]] : [])));
}

function hasRack(info: Json): info is { rack: string } {
  return typeof info === 'object' && info !== null && !Array.isArray(info) && typeof info.rack === 'string';
}

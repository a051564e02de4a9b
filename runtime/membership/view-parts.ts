import type { MemberId } from '../../transport/transport.js';
import type { Endpoint, Json, Member, View } from './view.js';

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

/**
 * The keepers of a view: who restarts the domain has to have enough of these disks (protocol.md, section 8). Where the keepers are lost, no
 * other disk counts before one of them is back.
 */
export function keepersOf(view: View): string[] {
  const { members, keepers = [] } = view;
  const present = areLost(view) ? [] : members.flatMap(({ disk }) => disk ?? []);
  return [...new Set([...keepers, ...present])];
}

/** Whether no member has a disk that is found with the view's keepers: nothing is committed before one has. */
export function areLost({ members, keepers = [] }: View): boolean {
  return keepers.length > 0 && !haveOneWith(members, keepers);
}

/** The keepers that are lost with `next`, which follows `view`. Where nothing was ever kept, there is nothing to lose. */
export function lostWith(next: View, view: View): string[] {
  const keepers = view.pasts === undefined ? [] : keepersOf(view);
  return haveOneWith(next.members, keepers) ? [] : keepers;
}

function haveOneWith(members: readonly Member[], keepers: readonly string[]): boolean {
  return members.some(({ disk }) => disk !== undefined && isFoundWith(keepers, disk));
}

/** Whether who has all of these keepers finds that disk, too: it is one of them, or lies beside one, where disks are folders of one host. */
export function isFoundWith(keepers: readonly string[], disk: string): boolean {
  const place = placeOf(disk);
  return keepers.some((keeper) => keeper === disk || (place !== '' && placeOf(keeper) === place));
}

/** Where a folder lies; empty for a disk of several hosts, whose name is no path. */
function placeOf(disk: string): string {
  return disk.slice(0, disk.lastIndexOf('/') + 1);
}

/** The racks of those members of `view` that say theirs. */
export function racksIn({ members }: View): ReadonlyMap<MemberId, string> {
  return new Map(members.flatMap(({ id, info }) => (hasRack(info) ? [[id, info.rack]] : [])));
}

function hasRack(info: Json): info is { rack: string } {
  return typeof info === 'object' && info !== null && !Array.isArray(info) && typeof info.rack === 'string';
}

import type { MemberId } from '../../../transport/transport.js';

/**
 * For each of a group, the number of its rack; undefined where blocks go the same way without: somebody says of no rack (it may know none, being of an earlier version),
 * all are in one, or each is alone in its own.
 */
export function racksOf(
  group: readonly MemberId[],
  racks: ReadonlyMap<MemberId, string> | undefined,
): readonly number[] | undefined {
  if (racks === undefined) return undefined;
  const names: string[] = [];
  const numbers: number[] = [];
  for (const member of group) {
    const name = racks.get(member);
    if (name === undefined) return undefined;
    if (!names.includes(name)) names.push(name);
    numbers.push(names.indexOf(name));
  }
  return names.length > 1 && names.length < group.length ? numbers : undefined;
}

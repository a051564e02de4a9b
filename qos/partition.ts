/**
 * Whether two lists of partitions have one in common (DDS 1.4, 2.2.3.13). No partition is the same as the one
 * named ''. A pattern matches names, never another pattern.
 *
 * @example
 * ```ts
 * partitionsIntersect(['north', 'south'], ['nor*']); // true
 * partitionsIntersect(['nor*'], ['nor*']); // false: no name on either side
 * ```
 */
export function partitionsIntersect(ours: readonly string[], theirs: readonly string[]): boolean {
  const these = ours.length === 0 ? [''] : ours;
  const those = theirs.length === 0 ? [''] : theirs;
  return these.some((one) => those.some((other) => partitionMatches(one, other)));
}

function partitionMatches(one: string, other: string): boolean {
  if (isPattern(one)) return !isPattern(other) && matchesPattern(one, other);
  return isPattern(other) ? matchesPattern(other, one) : one === other;
}

function isPattern(name: string): boolean {
  return /[*?[]/.test(name);
}

/**
 * POSIX fnmatch without escapes. Patterns come from other processes, so it goes back to the last star only:
 * never exponential, as a regular expression could be.
 */
export function matchesPattern(pattern: string, name: string): boolean {
  let at = 0;
  let wanted = 0;
  let star = -1;
  let starAt = 0;
  while (at < name.length) {
    if (pattern[wanted] === '*') {
      star = wanted++;
      starAt = at;
      continue;
    }
    const next = wanted < pattern.length ? matchOne(pattern, wanted, name[at]!) : -1;
    if (next >= 0) {
      wanted = next;
      at++;
    } else if (star >= 0) {
      wanted = star + 1;
      at = ++starAt;
    } else {
      return false;
    }
  }
  while (pattern[wanted] === '*') wanted++;
  return wanted === pattern.length;
}

/** Where the pattern goes on after matching one character, or -1. */
function matchOne(pattern: string, at: number, character: string): number {
  const expected = pattern[at]!;
  if (expected === '?') return at + 1;
  const end = expected === '[' ? endOfSet(pattern, at) : -1;
  if (end < 0) return expected === character ? at + 1 : -1; // a '[' that nothing closes is itself
  return setHas(pattern, at, end, character) ? end + 1 : -1;
}

/** The place of the ']' that closes the set; one that comes first in the set is a member of it. */
function endOfSet(pattern: string, at: number): number {
  return pattern.indexOf(']', firstOfSet(pattern, at) + 1);
}

function firstOfSet(pattern: string, at: number): number {
  return pattern[at + 1] === '!' ? at + 2 : at + 1;
}

function setHas(pattern: string, at: number, end: number, character: string): boolean {
  const first = firstOfSet(pattern, at);
  const negated = first === at + 2;
  let found = false;
  for (let from = first; from < end; from++) {
    const isRange = pattern[from + 1] === '-' && from + 2 < end;
    const low = pattern[from]!;
    if (isRange) from += 2;
    if (low <= character && character <= pattern[from]!) found = true;
  }
  return found !== negated;
}

import { builtinProfiles, defaultProfile, rootProfile } from './builtin.js';
import { QosError } from './error.js';
import type { Layer, LayerReading } from './layer.js';
import { entriesOf, readLayer, suggest } from './layer.js';
import type { QosRole } from './policies.js';
import { show } from './show.js';
import type { QosOverrides } from './spec.js';

/** Profiles as a file holds them: libraries of profiles by name. */
export interface ProfileFile {
  readonly libraries: Readonly<Record<string, Readonly<Record<string, QosOverrides>>>>;
}

/** A checked profile. */
export interface Profile {
  readonly name: string;
  /** The profile it inherits from; undefined for the root only. */
  readonly base: string | undefined;
  /** What it says itself, by end. */
  readonly says: Readonly<Record<QosRole, Layer>>;
}

/** Checked profiles by full name, the built-in ones among them. Made by {@link defineProfiles}. */
export class ProfileSet {
  readonly #profiles: ReadonlyMap<string, Profile>;

  /** @internal */
  constructor(profiles: ReadonlyMap<string, Profile>) {
    this.#profiles = profiles;
  }

  /** The full names of all profiles, the built-in first. */
  get names(): readonly string[] {
    return [...this.#profiles.keys()];
  }

  /**
   * The profile and those it inherits from, the root first.
   *
   * @throws {@link QosError} BE_QOS_UNKNOWN_PROFILE, or BE_QOS_INCONSISTENT where bases go in a circle.
   */
  lineage(name: string, where: string): readonly Profile[] {
    const lineage: Profile[] = [];
    let next: string | undefined = name;
    let asker = where;
    while (next !== undefined) {
      const profile = this.#profiles.get(next);
      if (profile === undefined) throw unknownProfile(next, asker, this.names);
      if (lineage.includes(profile)) throw circle([...lineage, profile], where);
      lineage.push(profile);
      asker = `profile ${profile.name}`;
      next = profile.base;
    }
    return lineage.reverse();
  }
}

/**
 * Profiles from plain objects: code, or a parsed JSON file ('infinite' stands for Infinity). A profile inherits
 * field by field from its `base`, a full name; without one, from 'atomic'.
 *
 * @example
 * ```ts
 * const profiles = defineProfiles({
 *   libraries: { Plant: { Fast: { base: 'raw', deadline: { periodMs: 20 } } } },
 * });
 * resolveReaderQos('Plant::Fast', profiles).deadline.periodMs; // 20
 * ```
 * @throws {@link QosError} for a bad name, policy, value or base, and for bases that go in a circle.
 */
export function defineProfiles(file: ProfileFile): ProfileSet {
  const profiles = new Map(builtins);
  for (const [key, libraries] of entriesOf(file, 'the profile file', 'defineProfiles')) {
    if (key !== 'libraries')
      throw badName(`The profile file has no place for ${show(key)}`, 'defineProfiles');
    for (const [library, members] of entriesOf(libraries, 'libraries', 'defineProfiles')) {
      checkLibraryName(library);
      for (const [name, definition] of entriesOf(members, 'a library', `library ${library}`)) {
        if (!isName(name)) throw badName(`A profile is named ${show(name)}`, `library ${library}`);
        const fullName = `${library}::${name}`;
        profiles.set(fullName, readProfile(fullName, definition));
      }
    }
  }
  const set = new ProfileSet(profiles);
  for (const name of set.names) set.lineage(name, `profile ${name}`);
  return set;
}

/** What overrides and profiles say for one end: the end's own section over what holds for both. */
export function readSaid(data: unknown, role: QosRole, reading: LayerReading): Layer {
  const said = new Map(readLayer(data, role, reading, ['base', 'writer', 'reader']));
  for (const [section, policies] of entriesOf(data, 'the quality of service', reading.where)) {
    if (section !== 'writer' && section !== 'reader') continue;
    const own = readLayer(policies, section, {
      ...reading,
      where: `the ${section} section of ${reading.where}`,
      foreign: 'refuse',
    });
    if (section === role) for (const [path, value] of own) said.set(path, value);
  }
  return said;
}

/** The base that overrides or a profile name, or the default. */
export function readBase({ base }: { readonly base?: unknown }, where: string): string {
  if (base === undefined) return defaultProfile;
  if (typeof base === 'string') return base;
  throw new QosError('BE_QOS_VALUE', {
    what: `base is ${show(base)}`,
    where,
    remedy: "It must be a profile's name.",
  });
}

function readProfile(name: string, data: unknown): Profile {
  const where = `profile ${name}`;
  const reading: LayerReading = { where, foreign: 'skip', unknown: 'refuse' };
  const says = { writer: readSaid(data, 'writer', reading), reader: readSaid(data, 'reader', reading) };
  const base = name === rootProfile ? undefined : readBase(data as object, where); // its policies were read
  return { name, base, says };
}

function checkLibraryName(library: string): void {
  if (!isName(library)) throw badName(`A library is named ${show(library)}`, 'defineProfiles');
  if (library === 'Dds') throw badName("The library 'Dds' is built in", 'defineProfiles');
}

function isName(name: string): boolean {
  return /^[A-Za-z_][\w.-]{0,127}$/.test(name);
}

function badName(what: string, where: string): QosError {
  return new QosError('BE_QOS_VALUE', {
    what,
    where,
    remedy:
      'Write { libraries: { Library: { Profile: { … } } } }, names of letters, digits, _, . and -, none of them Dds.',
  });
}

function unknownProfile(name: string, where: string, names: readonly string[]): QosError {
  return new QosError('BE_QOS_UNKNOWN_PROFILE', {
    what: `There is no profile ${show(name)}`,
    where,
    remedy: suggest(name, names),
  });
}

function circle(profiles: readonly Profile[], where: string): QosError {
  return new QosError('BE_QOS_INCONSISTENT', {
    what: `Bases go in a circle: ${profiles.map(({ name }) => name).join(' → ')}`,
    where,
    remedy: `Give one of them another base, such as '${defaultProfile}'.`,
  });
}

const builtins: ReadonlyMap<string, Profile> = new Map(
  Object.entries(builtinProfiles).map(([name, data]) => [name, readProfile(name, data)]),
);

/** The built-in profiles alone. */
export const noProfiles: ProfileSet = new ProfileSet(builtins);

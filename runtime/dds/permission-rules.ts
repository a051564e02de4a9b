import type { PlacedJson } from './placed-json.js';

/** One rule of a permissions file. */
export interface PermissionRule {
  readonly name: string;
  /** Attributes of the subject, and the patterns that their values have to match: all of them. */
  readonly who: readonly (readonly [attribute: string, pattern: string])[];
  readonly join: boolean;
  /** Patterns of topics. */
  readonly read: readonly string[];
  readonly write: readonly string[];
}

const rulesMax = 10_000;
const attributeName = /^[A-Za-z][A-Za-z0-9.]*$/;

/**
 * The rules of a permissions file. Whatever is not known is refused, so that a slip of the pen never allows, or forbids, more than was meant.
 * @throws JsonPlaceError
 */
export function checkRules(json: PlacedJson): PermissionRule[] {
  const { rules } = membersOf(json, '', json.value, ['rules']);
  if (!Array.isArray(rules) || rules.length > rulesMax)
    throw json.errorAt('rules', `rules has to be a list of rules, ${rulesMax} at most`);
  const checked = rules.map((rule, i) => checkRule(json, `rules[${i}]`, rule));
  checked.forEach(({ name }, i) => {
    if (checked.findIndex((other) => other.name === name) < i)
      throw json.errorAt(`rules[${i}].name`, `there is another rule of the name ${name}`);
  });
  return checked;
}

function checkRule(json: PlacedJson, path: string, value: unknown): PermissionRule {
  const { name, who, join, read, write } = membersOf(json, path, value, [
    'name',
    'who',
    'join',
    'read',
    'write',
  ]);
  if (typeof name !== 'string' || name === '')
    throw json.errorAt(`${path}.name`, 'a rule has to have a name, a text');
  if (join !== undefined && typeof join !== 'boolean')
    throw json.errorAt(`${path}.join`, 'join has to be true or false');
  return {
    name,
    who: checkWho(json, `${path}.who`, who),
    join: join ?? true,
    read: checkTopics(json, `${path}.read`, read),
    write: checkTopics(json, `${path}.write`, write),
  };
}

function checkWho(json: PlacedJson, path: string, value: unknown): [string, string][] {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw json.errorAt(path, 'who has to name attributes of the subject: { "CN": "feed-*" }');
  const entries = Object.entries(value);
  if (entries.length === 0) throw json.errorAt(path, 'who is empty: for everyone write { "CN": "*" }');
  return entries.map(([attribute, pattern]) => {
    if (!attributeName.test(attribute))
      throw json.errorAt(path, `${JSON.stringify(attribute)} is no attribute of a subject: CN, O, OU, …`);
    if (typeof pattern !== 'string') throw json.errorAt(`${path}.${attribute}`, 'a pattern has to be a text');
    return [attribute, pattern];
  });
}

function checkTopics(json: PlacedJson, path: string, value: unknown): string[] {
  if (value === undefined) return [];
  if (!Array.isArray(value))
    throw json.errorAt(path, 'has to be a list of topics, or of patterns: [ "weather/*" ]');
  return value.map((pattern, i) => {
    if (typeof pattern === 'string' && pattern !== '') return pattern;
    throw json.errorAt(`${path}[${i}]`, 'a topic, or a pattern of topics, has to be a text');
  });
}

function membersOf<Name extends string>(
  json: PlacedJson,
  path: string,
  value: unknown,
  names: readonly Name[],
): { readonly [Each in Name]?: unknown } {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw json.errorAt(path, `has to be an object with ${names.join(', ')}`);
  for (const name of Object.keys(value))
    if (!(names as readonly string[]).includes(name))
      throw json.errorAt(
        `${path === '' ? '' : `${path}.`}${name}`,
        `there is no ${JSON.stringify(name)}: use ${names.join(', ')}`,
      );
  return value;
}

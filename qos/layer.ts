import { isValueRule, policies } from './catalogue.js';
import { QosError } from './error.js';
import { nearest } from './nearest.js';
import type { QosRole } from './policies.js';
import type { FieldValue, Rule } from './rules.js';
import { show } from './show.js';

/** The name of a field: 'history.depth', or the policy's own ('durability') when it is one value. */
export type FieldPath = string;
/** What one profile, or one endpoint's overrides, says: checked values by field. */
export type Layer = ReadonlyMap<FieldPath, FieldValue>;

/** How strictly plain data is read. */
export interface LayerReading {
  /** For messages: 'profile Plant::Fast', 'the overrides of a reader'. */
  readonly where: string;
  /** A policy of the other end: an error, or left out. */
  readonly foreign: 'refuse' | 'skip';
  /** A name that is not known: an error, or left out (data from a newer peer). */
  readonly unknown: 'refuse' | 'skip';
}

/** Reads the policies of plain data that apply to one end; keys in `besides` are none of its concern. */
export function readLayer(
  data: unknown,
  role: QosRole,
  reading: LayerReading,
  besides: readonly string[] = [],
): Layer {
  const layer = new Map<FieldPath, FieldValue>();
  for (const [policy, given] of entriesOf(data, 'the quality of service', reading.where)) {
    if (besides.includes(policy)) continue;
    const entry = policies.get(policy);
    if (entry === undefined) {
      if (reading.unknown === 'skip') continue;
      throw unknownPolicy(policy, reading.where);
    }
    const applies = entry.roles.includes(role);
    if (!applies && reading.foreign === 'refuse') throw foreignPolicy(policy, role, reading.where);
    const target = applies ? layer : new Map<FieldPath, FieldValue>(); // checked all the same
    if (isValueRule(entry.rule)) target.set(policy, readField(entry.rule, policy, given, reading.where));
    else readFields(target, policy, entry.rule, given, reading);
  }
  return layer;
}

/** The entries of a plain object that are not undefined. */
export function entriesOf(data: unknown, what: string, where: string): [string, unknown][] {
  if (typeof data !== 'object' || data === null || Array.isArray(data)) {
    throw new QosError('BE_QOS_VALUE', {
      what: `${what} is ${show(data)}`,
      where,
      remedy: 'Give an object.',
    });
  }
  return Object.entries(data).filter(([, value]) => value !== undefined);
}

function readFields(
  target: Map<FieldPath, FieldValue>,
  policy: string,
  rules: Readonly<Record<string, Rule>>,
  given: unknown,
  { where, unknown }: LayerReading,
): void {
  for (const [field, value] of entriesOf(given, policy, where)) {
    const path = `${policy}.${field}`;
    if (Object.hasOwn(rules, field)) {
      target.set(path, readField(rules[field]!, path, value, where));
    } else if (unknown === 'refuse') {
      throw new QosError('BE_QOS_UNKNOWN_POLICY', {
        what: `${policy} has no field ${show(field)}`,
        where,
        remedy: suggest(field, Object.keys(rules)),
      });
    }
  }
}

function readField(rule: Rule, path: FieldPath, value: unknown, where: string): FieldValue {
  const read = rule.read(value);
  if (read !== undefined) return read;
  throw new QosError('BE_QOS_VALUE', {
    what: `${path} is ${show(value)}`,
    where,
    remedy: `It must be ${rule.expected}.`,
  });
}

function unknownPolicy(policy: string, where: string): QosError {
  return new QosError('BE_QOS_UNKNOWN_POLICY', {
    what: `There is no policy ${show(policy)}`,
    where,
    remedy: suggest(policy, [...policies.keys()]),
  });
}

function foreignPolicy(policy: string, role: QosRole, where: string): QosError {
  const other = role === 'writer' ? 'reader' : 'writer';
  return new QosError('BE_QOS_UNKNOWN_POLICY', {
    what: `${policy} is a policy of ${other}s, and means nothing to a ${role}`,
    where,
    remedy: `Give it to the ${other}, or write it as ${other}: { ${policy}: … } to share one object between both.`,
  });
}

/** 'Did you mean …' with the nearest name, and the whole list. */
export function suggest(name: string, candidates: readonly string[]): string {
  const near = nearest(name, candidates);
  return `${near === undefined ? '' : `Did you mean '${near}'? `}There are: ${candidates.join(', ')}.`;
}

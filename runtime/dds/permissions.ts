import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { matchesPattern } from '../../qos/index.js';
import type { Endpoint } from '../membership/view.js';
import { BowechoError } from './errors.js';
import { JsonPlaceError, PlacedJson } from './placed-json.js';
import { type PermissionRule, checkRules } from './permission-rules.js';
import { attributesOf } from './subject.js';

const fileBytesMax = 1 << 20;

/** What is asked for: an endpoint, as a view has it. */
export type Asked = Pick<Endpoint, 'role' | 'topic' | 'holds' | 'stores'>;

/**
 * Who may join a domain, and read and write what in it: the rules of a permissions file. The first rule whose `who` fits the subject of a member's certificate
 * says all that it may do; whom none fits may do nothing. All members have the same file, so that all decide alike.
 */
export class Permissions {
  /** SHA-256 of the file, in hexadecimal. */
  readonly hash: string;
  readonly #path: string;
  readonly #rules: readonly PermissionRule[];

  private constructor(path: string, bytes: Uint8Array, rules: readonly PermissionRule[]) {
    this.#path = path;
    this.hash = createHash('sha256').update(bytes).digest('hex');
    this.#rules = rules;
  }

  /** @throws BowechoError BE_PERMISSIONS: with line and column, where the file is not what it has to be */
  static read(path: string): Permissions {
    let bytes: Buffer;
    try {
      bytes = readFileSync(path);
    } catch (error) {
      throw unusable(`${(error as Error).message}: give the path of a file that this user may read`, error);
    }
    if (bytes.length > fileBytesMax)
      throw unusable(`${path} has ${bytes.length} bytes; at most ${fileBytesMax}: use patterns`);
    try {
      const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
      return new Permissions(path, bytes, checkRules(new PlacedJson(text)));
    } catch (error) {
      if (error instanceof JsonPlaceError)
        throw unusable(`${path}:${error.line}:${error.column}: ${error.message}`, error);
      throw unusable(`${path} is not UTF-8`, error);
    }
  }

  /** Why the member with the certificate of `subject` may not join; undefined where it may. */
  joinProblem(subject: string | undefined): string | undefined {
    const rule = this.#ruleFor(subject);
    if (rule === undefined) return this.#noRule(subject, 'join');
    return rule.join ? undefined : `${subject} may not join: rule ${rule.name} of ${this.#path} says so`;
  }

  /**
   * Why that member may not open an endpoint; undefined where it may. A writer that holds the topic for late readers, or keeps its log, receives all of it: so its
   * member has to be one that may read it.
   */
  endpointProblem(subject: string | undefined, { role, topic, holds, stores }: Asked): string | undefined {
    const rule = this.#ruleFor(subject);
    const verb = role === 'writer' ? 'write' : 'read';
    if (rule === undefined) return this.#noRule(subject, `${verb} topic ${topic}`);
    if (!rule[verb].some((pattern) => matchesPattern(pattern, topic)))
      return this.#excluded(subject, verb, topic, rule);
    const receives = role === 'writer' && (holds === true || stores === true);
    if (!receives || rule.read.some((pattern) => matchesPattern(pattern, topic))) return undefined;
    return `${this.#excluded(subject, 'read', topic, rule)}; and a writer that keeps what it writes for others receives the whole topic: ask for durability volatile, and give no storage`;
  }

  #ruleFor(subject: string | undefined): PermissionRule | undefined {
    if (subject === undefined) return undefined;
    const attributes = attributesOf(subject);
    return this.#rules.find(({ who }) =>
      who.every(([name, pattern]) => {
        const values = attributes.filter((each) => each.name === name);
        // One that is there twice is nobody's: which of the two would count?
        return values.length === 1 && matchesPattern(pattern, values[0]!.value);
      }),
    );
  }

  #excluded(
    subject: string | undefined,
    verb: 'read' | 'write',
    topic: string,
    rule: PermissionRule,
  ): string {
    const allowed = rule[verb].length === 0 ? 'nothing' : rule[verb].join(', ');
    return `${subject} may not ${verb} topic ${topic}: rule ${rule.name} of ${this.#path} lets it ${verb} ${allowed}`;
  }

  #noRule(subject: string | undefined, what: string): string {
    return `${subject ?? 'a member without a certificate'} may not ${what}: no rule of ${this.#path} is for it`;
  }
}

function unusable(message: string, cause?: unknown): BowechoError {
  return new BowechoError('BE_PERMISSIONS', message, { cause });
}

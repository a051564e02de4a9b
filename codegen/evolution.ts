import type { Model } from '../idl/index.js';
import { topicsOf } from './module-writer.js';
import { schemaOf } from './schema-of.js';
import type { Assignability } from './support/index.js';
import { assignability } from './support/index.js';

/** What became of one topic's type between two versions of IDL files. */
export interface TopicChange {
  /** The type's scoped name. */
  readonly name: string;
  readonly change: 'added' | 'removed' | 'none' | 'compatible' | 'breaking';
  /** Whether programs of the old version understand what those of the new one write; absent where one has no such type. */
  readonly oldReadsNew?: Assignability | undefined;
  /** The reverse. */
  readonly newReadsOld?: Assignability | undefined;
}

/**
 * Compares all topics of two versions, by the rule that the runtime admits endpoints by: a topic is broken where one
 * version does not understand the other, or is gone.
 *
 * @returns One for each topic that one of them has, in the order of their names.
 *
 * @example
 * ```ts
 * const broken = compareVersions(before, after).filter(({ change }) => change === 'breaking');
 * ```
 */
export function compareVersions(before: Model, after: Model): TopicChange[] {
  const old = topicSchemas(before);
  const now = topicSchemas(after);
  return [...new Set([...old.keys(), ...now.keys()])].sort().map((name): TopicChange => {
    const oldSchema = old.get(name);
    const newSchema = now.get(name);
    if (oldSchema === undefined) return { name, change: 'added' };
    if (newSchema === undefined) return { name, change: 'removed' };
    if (oldSchema === newSchema) return { name, change: 'none' };
    const oldReadsNew = assignability(newSchema, oldSchema);
    const newReadsOld = assignability(oldSchema, newSchema);
    const broken = oldReadsNew.problems.length > 0 || newReadsOld.problems.length > 0;
    return { name, change: broken ? 'breaking' : 'compatible', oldReadsNew, newReadsOld };
  });
}

function topicSchemas(model: Model): Map<string, string> {
  const topics = model.files.flatMap((file) => topicsOf(model, file));
  return new Map(topics.map((topic) => [topic.name, schemaOf(model, topic)]));
}

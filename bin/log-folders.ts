import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { LogError } from '../runtime/durability/log/errors.js';
import { manifestName } from '../runtime/durability/log/manifest.js';
import { parseSegmentName } from '../runtime/durability/log/segment-header.js';
import { type LogOverview, surveyTopicLog } from '../runtime/durability/open-topic-log.js';
import { CommandFailure } from './failure.js';

/** The folder itself, and those in it, that hold a log or a part of one. */
export async function logFolders(folder: string): Promise<string[]> {
  let entries;
  try {
    entries = await readdir(folder, { withFileTypes: true });
  } catch (error) {
    throw new CommandFailure(`cannot read '${folder}': ${(error as Error).message}`);
  }
  const isLog = entries.some(({ name }) => name === manifestName || parseSegmentName(name) !== undefined);
  const inner = entries.filter((entry) => entry.isDirectory()).map(({ name }) => join(folder, name));
  return [...(isLog ? [folder] : []), ...(await Promise.all(inner.sort().map(logFolders))).flat()];
}

/** A log that cannot be opened. */
interface Unopened {
  readonly folder: string;
  readonly code: string;
  readonly message: string;
}

export async function logOverview(folder: string): Promise<LogOverview | Unopened> {
  try {
    return await surveyTopicLog(folder);
  } catch (error) {
    if (!(error instanceof LogError)) throw error;
    return { folder, code: error.code, message: error.message };
  }
}

export function describeLog(overview: LogOverview | Unopened): string {
  if ('code' in overview) return `${overview.folder}\n  ${overview.message} (${overview.code})`;
  const { folder, domain, topic, typeName, typeHash, key } = overview;
  const { samples, segments, bytes, first, last, gap, torn } = overview;
  const range = first === undefined ? 'empty' : `${first} to ${last}`;
  return [
    folder,
    `  topic ${topic} of domain ${domain}, type ${typeName} (${typeHash})`,
    `  ${samples} samples, ${range}, ${segments} segments of ${bytes} bytes`,
    ...(gap === undefined
      ? []
      : [`  of what there was up to ${gap.epoch}.${gap.sequence}, not all was kept`]),
    ...(key === undefined ? [] : [`  signed with key ${key}`]),
    ...(torn ? ['  the last batch is torn, or is being written'] : []),
  ].join('\n');
}

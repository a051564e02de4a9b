import { access, mkdir, readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { LogOrigin } from '../membership/log-origins.js';
import type { FoundDisk, FoundLog, FoundView } from '../membership/restart.js';
import type { ViewRecord } from '../membership/view-record.js';
import { readReplicaMark } from './disk-replica.js';
import { diskError } from './log/errors.js';
import { surveyTopicLog } from './open-topic-log.js';
import { replaceFile, summed, unsummed } from './whole-file.js';

/** Below a participant's folder. */
const viewsFolder = 'views';
const topicsFolder = 'topics';

/**
 * What a participant's folder has for a restart, while no participant uses it; undefined where there is no such folder. `disk` is what views call it.
 * @throws LogError what cannot be read
 */
export async function readDisk(folder: string, disk = folder): Promise<FoundDisk | undefined> {
  const there = await access(folder).then(
    () => true,
    () => false,
  );
  if (!there) return undefined;
  return { disk, views: await readViews(folder), logs: await readLogs(folder) };
}

/** The folders beside `folder`, and itself, that have views: those of the domain's other participants with the same storage. */
export async function disksBeside(folder: string): Promise<string[]> {
  const domain = dirname(folder);
  const found: string[] = [];
  for (const name of await namesIn(domain))
    if ((await namesIn(join(domain, name, viewsFolder))).length > 0) found.push(join(domain, name));
  return found;
}

/** The topics of the newest view that was in force in a participant's folder. */
export async function installedLogs(folder: string): Promise<readonly LogOrigin[]> {
  const views = (await readViews(folder))
    .filter(({ installed }) => installed)
    .map(({ record }) => record.view);
  return views.sort((a, b) => b.viewId - a.viewId)[0]?.logs ?? [];
}

/** Makes the record of a restart's view durable in a participant's folder. @throws LogError */
export async function recordView(folder: string, record: ViewRecord): Promise<void> {
  const path = join(folder, viewsFolder, `view-${record.view.viewId}.prepared`);
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await replaceFile(path, summed(JSON.stringify(record)));
  } catch (error) {
    throw diskError(error as Error, path);
  }
}

async function readViews(folder: string): Promise<FoundView[]> {
  const views: FoundView[] = [];
  for (const name of await namesIn(join(folder, viewsFolder))) {
    if (!/^view-\d+\.(prepared|installed)$/.test(name)) continue;
    const text = unsummed(await readFile(join(folder, viewsFolder, name), 'utf8'));
    // What is not whole was never called prepared.
    if (text === undefined) continue;
    views.push({ record: JSON.parse(text) as ViewRecord, installed: name.endsWith('.installed') });
  }
  return views;
}

async function readLogs(folder: string): Promise<FoundLog[]> {
  const logs: FoundLog[] = [];
  for (const name of await namesIn(join(folder, topicsFolder))) {
    const place = join(folder, topicsFolder, name);
    const mark = await readReplicaMark(place);
    const { topic, last } = await surveyTopicLog(place);
    const [epoch = -1, sequence = -1] = last?.split('.').map(Number) ?? [];
    logs.push({ topic, place, epoch, sequence, lineage: mark?.lineage });
  }
  return logs;
}

async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []);
}

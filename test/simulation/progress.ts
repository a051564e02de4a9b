import { subgroupLayout } from '../../runtime/membership/view.js';
import { type History, lastBefore } from './history.js';
import type { Station } from './station.js';
import type { ReaderLog, Transfers } from './transfers.js';

/** What a domain owes its members once nothing is in its way: all in one view, and everyone with all that was written to it. */
export function missingIn(
  stations: ReadonlyMap<number, Station>,
  history: History,
  transfers: Transfers,
): string[] {
  const members = [...stations.values()].filter(({ state }) => state === 'member');
  const missing = missingViews(stations, members);
  if (missing.length > 0) return missing;
  for (const station of members) missing.push(...undelivered(history, station, members));
  for (const station of members) missing.push(...unlogged(station, members));
  for (const station of members) missing.push(...unwritten(station));
  for (const log of transfers.logs)
    if (!log.closed && stations.get(log.member)!.state === 'member') missing.push(...unhanded(log));
  return missing;
}

function missingViews(stations: ReadonlyMap<number, Station>, members: readonly Station[]): string[] {
  const missing: string[] = [];
  const views = new Set(members.map(({ membership }) => membership!.view.viewId));
  if (views.size > 1) {
    const each = members.map(({ id, membership }) => `${id} in view ${membership!.view.viewId}`);
    missing.push(`members ${each.join(', ')}`);
  }
  for (const station of members) {
    const inView = station.membership!.view.members;
    for (const { id } of inView) {
      const { state } = stations.get(id)!;
      if (state !== 'member') missing.push(`member ${station.id} has ${id} in its view, which is ${state}`);
    }
    if (!inView.some(({ id }) => id === station.id))
      missing.push(`member ${station.id} is not in its own view`);
  }
  return missing;
}

function undelivered(history: History, reader: Station, members: readonly Station[]): string[] {
  const missing: string[] = [];
  for (const writer of members)
    for (const [topic, { stream }] of writer.application.writing) {
      if (!reader.receives(topic)) continue;
      const entry = reader.membership!.view.topics.find(({ name }) => name === topic)!;
      const { persistent, whole } = subgroupLayout(reader.membership!.view, entry);
      if (persistent !== undefined && whole.length === 0) continue;
      const record = history.reader(reader.id, topic, entry.epoch);
      const got = record.last.get(stream.number) ?? lastBefore(stream, record.since);
      if (got < stream.lengths.length)
        missing.push(
          `member ${reader.id} got ${got} of ${stream.lengths.length} samples that ${writer.id} wrote to ${topic}`,
        );
    }
  return missing;
}

/** What waited for room, and somebody is there to read, is written. */
function unwritten({ id, membership, application }: Station): string[] {
  const missing: string[] = [];
  for (const [name, { left }] of application.backlogs) {
    const topic = membership!.view.topics.find((known) => known.name === name);
    if (left === 0 || topic === undefined) continue;
    const { receivers, persistent, whole } = subgroupLayout(membership!.view, topic);
    if (receivers.length === 0 || (persistent !== undefined && whole.length === 0)) continue;
    missing.push(`member ${id} has ${left} samples for ${name} that it could not write`);
  }
  return missing;
}

function unhanded({ member, topic, ended, owed }: ReaderLog): string[] {
  if (!ended) return [`the reader of ${topic} at member ${member} waits for its history`];
  if (owed.length > 0)
    return [`the reader of ${topic} at member ${member} waits for ${owed.length} samples of its own member`];
  return [];
}

/** Who lacks something of a log gets it, where anyone else has all of it; and then all logs are alike. */
function unlogged(station: Station, members: readonly Station[]): string[] {
  const missing: string[] = [];
  const { topics } = station.membership!.view;
  for (const topic of topics) {
    const { replicas } = subgroupLayout(station.membership!.view, topic);
    if (!replicas.includes(station.id)) continue;
    const whole = members.filter(
      ({ id, kept }) => replicas.includes(id) && kept.get(topic.name)!.replica.isWhole,
    );
    if (whole.length === 0) continue;
    const own = station.disk!.replica(topic.name).durableRecords;
    const most = Math.max(...whole.map(({ disk }) => disk!.replica(topic.name).durableRecords.length));
    if (!whole.includes(station))
      missing.push(`the log of ${topic.name} at member ${station.id} is not whole`);
    else if (own.length < most)
      missing.push(`the log of ${topic.name} at member ${station.id} has ${own.length} of ${most} messages`);
  }
  return missing;
}

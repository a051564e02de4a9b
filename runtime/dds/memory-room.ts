import { TransportError } from '../../transport/index.js';
import type { Endpoint, TopicTerms, View } from '../membership/view.js';
import { endpointsOn } from '../membership/view-parts.js';
import { SubgroupColumns } from '../multicast/row.js';

/** What is left alone: the domain's own tables, and others who look at the same time. */
const reserveBytes = 1 << 20;

type Opened = Pick<Endpoint, 'member' | 'role' | 'holds' | 'stores'>;

/**
 * What the members of `topic` allocate together when its next epoch begins with `ringBytes` a ring, and with `opened` beside the endpoints that
 * `view` has.
 */
export function epochBytes(view: View, topic: string, ringBytes: number, opened?: Opened): number {
  const endpoints: Opened[] = [...endpointsOn(view, topic)];
  if (opened !== undefined) endpoints.push(opened);
  const senders = new Set(endpoints.filter(({ role }) => role === 'writer').map(({ member }) => member));
  // Who holds the topic for late readers receives it, and who keeps its log.
  const receiving = endpoints.filter(({ role, holds, stores }) => role === 'reader' || holds || stores);
  const receivers = new Set(receiving.map(({ member }) => member));
  const rows = new Set([...senders, ...receivers]).size * new SubgroupColumns(senders.size).ringStart;
  // A sender to whom nobody listens has no ring.
  return rows + (receivers.size > 0 ? senders.size * ringBytes : 0);
}

/**
 * Refuses an endpoint for which there is no memory, before anyone is asked: once a view has it, its members can but fail. All members are on
 * one host, and share what is free there.
 * @throws TransportError BE_NO_MEMORY
 */
export function checkRoom(
  view: View,
  freeBytes: number,
  opened: Opened & Pick<Endpoint, 'topic'>,
  terms: Pick<TopicTerms, 'ringBytes'>,
): void {
  const known = view.topics.find(({ name }) => name === opened.topic);
  const needed = epochBytes(view, opened.topic, known?.ringBytes ?? terms.ringBytes, opened);
  if (needed + reserveBytes <= freeBytes) return;
  throw new TransportError(
    'BE_NO_MEMORY',
    `no room for a ${opened.role} of ${opened.topic}: its rings take ${mebibytes(needed)} MiB, and ${mebibytes(freeBytes)} MiB are free. ` +
      `Free some shared memory (df -h /dev/shm shows it; in Docker use --shm-size), or raise tcp.memoryBytesMax; or lower transport.ringBytesMin`,
  );
}

function mebibytes(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(1);
}

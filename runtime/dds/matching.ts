import { decodeQos, matchQos, type ReaderQos, type WriterQos } from '../../qos/index.js';
import type { MemberId } from '../../transport/index.js';
import type { Endpoint, View } from '../membership/view.js';
import { asInfo, type EndpointInfo } from './admission.js';

/** An endpoint that another one is matched with. */
export interface Match {
  readonly member: MemberId;
  readonly endpoint: number;
}

/** An endpoint of the same topic that is not matched; `incompatible` says why, unless their partitions merely do not meet. */
export interface Mismatch extends Match {
  readonly incompatible: string | undefined;
}

export interface Matching {
  matched: Match[];
  unmatched: Mismatch[];
}

/** The readers in `view` that the samples of a writer reach, and those that they do not. */
export function matchWriter(view: View, { topic, qos }: { topic: string; qos: WriterQos }): Matching {
  return match(view, topic, 'reader', (reader) => matchQos(qos, qosOf(reader, 'reader')));
}

/** The writers in `view` whose samples reach a reader, and those whose do not. */
export function matchReader(view: View, { topic, qos }: { topic: string; qos: ReaderQos }): Matching {
  return match(view, topic, 'writer', (writer) => matchQos(qosOf(writer, 'writer'), qos));
}

function match(
  view: View,
  topic: string,
  role: Endpoint['role'],
  compare: (endpoint: Endpoint) => ReturnType<typeof matchQos>,
): Matching {
  const result: Matching = { matched: [], unmatched: [] };
  for (const endpoint of view.endpoints) {
    if (endpoint.topic !== topic || endpoint.role !== role) continue;
    const outcome = compare(endpoint);
    const other = { member: endpoint.member, endpoint: endpoint.id };
    if (outcome.kind === 'match') result.matched.push(other);
    else result.unmatched.push({ ...other, incompatible: explain(endpoint, outcome) });
  }
  return result;
}

function explain(endpoint: Endpoint, outcome: ReturnType<typeof matchQos>): string | undefined {
  if (outcome.kind !== 'incompatible') return undefined;
  const { participant } = asInfo<EndpointInfo>(endpoint.info);
  const reasons = outcome.incompatibilities.map(({ explanation }) => explanation).join(' ');
  return `the ${endpoint.role} of ${participant} on topic ${endpoint.topic}: ${reasons}`;
}

/** Views share the descriptions of endpoints that they have in common, so each is read once. */
const known = new WeakMap<Endpoint, WriterQos | ReaderQos>();

export function qosOf(endpoint: Endpoint, role: 'writer'): WriterQos;
export function qosOf(endpoint: Endpoint, role: 'reader'): ReaderQos;
export function qosOf(endpoint: Endpoint, role: 'writer' | 'reader'): WriterQos | ReaderQos {
  let qos = known.get(endpoint);
  if (qos === undefined) {
    qos = decodeQos(asInfo<EndpointInfo>(endpoint.info).qos, role);
    known.set(endpoint, qos);
  }
  return qos;
}

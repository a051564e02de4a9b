import { decodeQos, matchQos, type ReaderQos, type WriterQos } from '../../qos/index.js';
import type { MemberId } from '../../transport/index.js';
import type { Endpoint, View } from '../membership/view.js';
import { asInfo, type EndpointInfo } from './admission.js';
import type { Match } from './writer.js';

/** The readers in `view` that the writer's samples reach. */
export function matchesOf(
  view: View,
  self: MemberId,
  id: number,
  writer: { topic: string; qos: WriterQos },
): Match[] {
  const isOpen = view.endpoints.some((endpoint) => endpoint.member === self && endpoint.id === id);
  if (!isOpen) return [];
  return endpointsOf(view, writer.topic, 'reader')
    .filter((endpoint) => matchQos(writer.qos, qosOf(endpoint, 'reader')).kind === 'match')
    .map(({ member, id: endpoint }) => ({ member, endpoint }));
}

/** The writers in `view`, as `member:number`, whose QoS does not match the reader's. */
export function unmatchedWriters(view: View, reader: { topic: string; qos: ReaderQos }): Set<string> {
  const unmatched = endpointsOf(view, reader.topic, 'writer').filter(
    (endpoint) => matchQos(qosOf(endpoint, 'writer'), reader.qos).kind !== 'match',
  );
  return new Set(unmatched.map(({ member, id }) => `${member}:${id}`));
}

/** Views share the descriptions of endpoints that they have in common, so each is read once. */
const known = new WeakMap<Endpoint, WriterQos | ReaderQos>();

function qosOf(endpoint: Endpoint, role: 'writer'): WriterQos;
function qosOf(endpoint: Endpoint, role: 'reader'): ReaderQos;
function qosOf(endpoint: Endpoint, role: 'writer' | 'reader'): WriterQos | ReaderQos {
  let qos = known.get(endpoint);
  if (qos === undefined) {
    qos = decodeQos(asInfo<EndpointInfo>(endpoint.info).qos, role);
    known.set(endpoint, qos);
  }
  return qos;
}

function endpointsOf(view: View, topic: string, role: Endpoint['role']): Endpoint[] {
  return view.endpoints.filter((endpoint) => endpoint.topic === topic && endpoint.role === role);
}

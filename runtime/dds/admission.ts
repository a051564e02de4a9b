import { type Consistency, decodeQos } from '../../qos/index.js';
import type { Endpoint, Json, TopicTerms } from '../membership/view.js';
import { typesApart } from './types-apart.js';

/** What the first endpoint of a topic fixes, beside the ring: the `info` of a topic's terms. */
export interface TopicInfo {
  consistency: Consistency;
  typeName: string;
  typeHash: string;
  /** The type's model, for tools that have no generated code; left out where it is too long to travel in a view. */
  schema: string | undefined;
}

/** What everyone knows of an endpoint: the `info` of an endpoint in a view. */
export interface EndpointInfo {
  typeName: string;
  typeHash: string;
  schema: string | undefined;
  consistency: Consistency;
  /** The name of its participant, for messages. */
  participant: string;
  /** QoS, as qos/ encodes it. */
  qos: Json;
}

const strength: Record<Consistency, number> = { raw: 0, atomic: 1, persistent: 2 };

/**
 * Whether an endpoint may join a topic: the type must be the topic's (or assignable to it), and the consistency what the topic gives. Pure:
 * every member decides alike when it computes the next view.
 */
export function admit(
  topic: TopicTerms,
  endpoint: Omit<Endpoint, 'member'>,
  terms: TopicTerms,
): string | undefined {
  const has = asInfo<TopicInfo>(topic.info);
  const wants = asInfo<EndpointInfo>(endpoint.info);
  if (!isEndpointInfo(wants, endpoint.role)) {
    return `the ${endpoint.role} of topic ${endpoint.topic} does not say what it is: is its participant of another version?`;
  }
  return typeProblem(endpoint, has, wants) ?? consistencyProblem(endpoint, topic, terms);
}

/** What came from another process, checked: every member reads it when it computes its matches. */
function isEndpointInfo(info: EndpointInfo | null, role: 'reader' | 'writer'): boolean {
  if (info === null || !(info.consistency in strength)) return false;
  if (![info.typeName, info.typeHash, info.participant].every((text) => typeof text === 'string'))
    return false;
  try {
    decodeQos(info.qos, role);
    return true;
  } catch {
    return false;
  }
}

function typeProblem(
  endpoint: { role: string; topic: string },
  has: TopicInfo,
  wants: EndpointInfo,
): string | undefined {
  if (has.typeHash === wants.typeHash) return undefined;
  const sides = `topic ${endpoint.topic} has type ${has.typeName} (${short(has.typeHash)}), the ${endpoint.role} of ${wants.participant} has ${wants.typeName} (${short(wants.typeHash)})`;
  if (has.typeName !== wants.typeName || has.schema === undefined || wants.schema === undefined) {
    return `${sides}: use the same type, or another topic`;
  }
  const problem = typesApart(has.schema, wants.schema);
  return problem && `${sides}, and they do not go together: ${problem}`;
}

function consistencyProblem(
  endpoint: { role: string; topic: string },
  topic: TopicTerms,
  terms: TopicTerms,
): string | undefined {
  const [has, wants] = [strengthOf(topic), strengthOf(terms)];
  if (endpoint.role === 'reader' ? wants <= has : wants === has) return undefined;
  const given = consistencyText(topic);
  return `topic ${endpoint.topic} is ${given}, as its first endpoint made it; this ${endpoint.role} ${
    endpoint.role === 'reader' ? 'requests' : 'offers'
  } ${consistencyText(terms)}: ask for ${given}${endpoint.role === 'reader' ? ' or less' : ''}, or use another topic`;
}

/** What is delivered once it is committed is more than what is delivered before. */
function strengthOf({ info, persistent }: TopicTerms): number {
  return strength[asInfo<TopicInfo>(info).consistency] + (persistent === 'commit' ? 1 : 0);
}

function consistencyText({ info, persistent }: TopicTerms): string {
  const { consistency } = asInfo<TopicInfo>(info);
  return persistent === 'stable' ? `${consistency} with deliver 'stable'` : consistency;
}

function short(hash: string): string {
  return hash.slice(0, 8);
}

/** Views carry infos as JSON; within one protocol version their shape is this layer's. */
export function asInfo<I>(info: Json): I {
  return info as unknown as I;
}

export function asJson(info: TopicInfo | EndpointInfo | object): Json {
  return JSON.parse(JSON.stringify(info)) as Json;
}

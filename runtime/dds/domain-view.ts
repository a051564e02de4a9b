import type { MemberId } from '../../transport/index.js';
import type { View } from '../membership/view.js';
import { asInfo, type EndpointInfo } from './admission.js';
import type { MemberInfo } from './wire.js';

/** A member of the domain, as a view tells it. */
export interface ParticipantInfo {
  readonly id: MemberId;
  readonly name: string;
  readonly pid: number;
  /** The subject of its certificate: `O=Tower, CN=feed-1`; undefined where the domain has none. */
  readonly subject?: string;
  /** Of its machine, where it says (`tcp.rack`). */
  readonly rack?: string;
}

/** A reader or writer, as a view tells it. `id` is unique within its member. */
export interface EndpointDescription {
  readonly member: MemberId;
  readonly id: number;
  readonly role: 'reader' | 'writer';
  readonly topic: string;
  readonly typeName: string;
}

/** Who is in the domain, in rank order, and who reads and writes what. */
export interface DomainView {
  readonly viewId: number;
  readonly members: readonly ParticipantInfo[];
  readonly endpoints: readonly EndpointDescription[];
}

export function describeView({ viewId, members, endpoints }: View): DomainView {
  return {
    viewId,
    members: members.map(({ id, info }) => {
      const { name, pid, subject, rack } = asInfo<MemberInfo>(info);
      return {
        id,
        name,
        pid,
        ...(subject !== undefined && { subject }),
        ...(rack !== undefined && { rack }),
      };
    }),
    endpoints: endpoints.map(({ member, id, role, topic, info }) => {
      const { typeName } = asInfo<EndpointInfo>(info);
      return { member, id, role, topic, typeName };
    }),
  };
}

import type { MemberId } from '../../transport/transport.js';

/** Something that happened, for people. */
export interface TraceEvent {
  readonly kind:
    | 'put'
    | 'travel'
    | 'join'
    | 'leave'
    | 'crash'
    | 'fault'
    | 'suspect'
    | 'install'
    | 'trim'
    | 'history'
    | 'halt';
  readonly atUs: number;
  readonly member: MemberId;
  readonly text: string;
  /** Of what travels: where to, and when it arrives unless something holds it up. */
  readonly target?: MemberId;
  readonly toUs?: number;
}

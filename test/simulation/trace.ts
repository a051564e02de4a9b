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
    | 'recover'
    | 'suspect'
    | 'install'
    | 'trim'
    | 'history'
    | 'halt';
  readonly atUs: number;
  readonly member: MemberId;
  readonly text: string;
  /** Of what travels: where to, and when it arrived; undefined where it did not. */
  readonly target?: MemberId;
  toUs?: number;
}

/** Keeps what happened. */
export class Trace {
  readonly events: TraceEvent[] = [];
  /** By pair: what has not arrived yet, in order. */
  readonly #underWay = new Map<string, TraceEvent[]>();

  add(event: TraceEvent): void {
    this.events.push(event);
  }

  travels(atUs: number, member: MemberId, target: MemberId, text: string): void {
    const event: TraceEvent = { kind: 'travel', atUs, member, target, text };
    this.events.push(event);
    const key = `${member}/${target}`;
    const underWay = this.#underWay.get(key);
    if (underWay === undefined) this.#underWay.set(key, [event]);
    else underWay.push(event);
  }

  arrives(atUs: number, member: MemberId, target: MemberId): void {
    const event = this.#underWay.get(`${member}/${target}`)?.shift();
    if (event !== undefined) event.toUs = atUs;
  }
}

export function lineOf({ atUs, member, kind, text, target, toUs }: TraceEvent): string {
  const arrival = toUs === undefined ? 'where it never arrives' : `there at ${toUs}`;
  const travel = target === undefined ? '' : ` to ${target}, ${arrival}`;
  return `${atUs} µs  member ${member}  ${kind}  ${text}${travel}`;
}

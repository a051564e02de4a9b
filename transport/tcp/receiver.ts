import type { MemberId } from '../transport.js';
import type { Credentials } from './credentials.js';
import { Followers } from './followers.js';
import { Refusals } from './refusals.js';
import type { Receiver } from './visit.js';

/** What visits see of the host; filled in as that comes into being. */
export class MutableReceiver implements Receiver {
  readonly self: MemberId;
  readonly domain: string;
  readonly credentials: Credentials;
  readonly refusals = new Refusals();
  door: Receiver['door'];
  founding = false;
  readonly followers = new Followers();
  contacts: Receiver['contacts'] = () => [];
  link: Receiver['link'] = () => ({ refused: 'this member has only just begun' });
  beat: Receiver['beat'] = () => undefined;

  constructor(self: MemberId, domain: string, credentials: Credentials) {
    this.self = self;
    this.domain = domain;
    this.credentials = credentials;
  }
}

import type { MemberId } from '../../transport/index.js';
import type { Membership } from '../membership/membership.js';
import type { DomainView } from './domain-view.js';
import { BowechoError } from './errors.js';
import type { Observable } from './observable.js';

/** A member that is to be a witness. */
export interface Witnessing {
  readonly self: MemberId;
  readonly membership: Membership;
  readonly view$: Observable<DomainView>;
  wake(): void;
}

/**
 * A witness counts among the disks of the domain's views (protocol.md, section 8) once a view says so, since from that view on it has recorded all that matters.
 * Resolves then.
 * @throws MembershipError where it has to stop before; BowechoError BE_CLOSED
 */
export async function keepViews({ self, membership, view$, wake }: Witnessing, disk: string): Promise<void> {
  const isKnown = () =>
    membership.view.members.some((member) => member.id === self && member.disk !== undefined);
  if (isKnown()) return;
  membership.request([{ op: 'keep', disk }]);
  wake();
  await new Promise<void>((resolve, reject) => {
    view$.subscribe({
      next: () => isKnown() && resolve(),
      error: reject,
      complete: () =>
        reject(new BowechoError('BE_CLOSED', 'the witness was closed before the domain knew it')),
    });
  });
}

/** What a witness is told that would read or write. */
export function isWitness(name: string): BowechoError {
  return new BowechoError(
    'BE_WITNESS',
    `participant ${name} is a witness, which votes and holds nothing: read and write by another participant`,
  );
}

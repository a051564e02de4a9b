import type { MemberId } from '../../transport/transport.js';
import { require } from './violation.js';

/** A block of a large message that goes from one member to another, in one step of the schedule. */
export interface BlockSent {
  readonly region: string;
  readonly step: number;
  readonly block: number;
  readonly from: MemberId;
  readonly to: MemberId;
}

const blockText = ({ region, step, block, from, to }: BlockSent) =>
  `block ${block}, in step ${step} of ${region}, from member ${from} to ${to}`;

/** Whoever sends a block has it. */
export function sentOnceHeld(sent: BlockSent, isHeld: boolean): void {
  require(isHeld, sentOnceHeld, () => `${blockText(sent)}, which does not have it`, () => sent);
}

/** Nobody gets a block that it has, be it from an epoch before. */
export function noBlockTwice(sent: BlockSent, hasIt: boolean): void {
  require(!hasIt, noBlockTwice, () => `${blockText(sent)}, which has it`, () => sent);
}

/** A block goes from whom to whom the schedule says. */
export function asScheduled(sent: BlockSent, scheduled: MemberId | undefined): void {
  require(sent.to === scheduled, asScheduled, () =>
    `${blockText(sent)}, where the schedule names ${scheduled}`, () => sent);
}

/** A block is taken from whom the schedule names, who has sent it. */
export function takenAsScheduled(taken: BlockSent, scheduled: MemberId | undefined, isSent: boolean): void {
  require(taken.from === scheduled && isSent, takenAsScheduled, () =>
    `${blockText(taken)}, taken where the schedule names ${scheduled}, which has${isSent ? '' : ' not'} sent it`, () =>
    taken);
}

/** Where all of a group say their racks, each block of a message comes into a rack once in an epoch. */
export function intoRackOnce(sent: BlockSent, rack: string, cameBefore: boolean): void {
  require(!cameBefore, intoRackOnce, () =>
    `${blockText(sent)}, in ${rack}, into which it has come before`, () => sent);
}

/** A large message counts as received once all its blocks are there. */
export function receivedAsAWhole(
  member: MemberId,
  region: string,
  number: number,
  has: number,
  of: number,
): void {
  require(has === of, receivedAsAWhole, () =>
    `member ${member} counts message ${number} of ${region} as received with ${has} of ${of} blocks`, () => ({
    member,
    region,
    number,
  }));
}

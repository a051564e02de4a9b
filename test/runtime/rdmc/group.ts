import { none, type Schedule } from '../../../runtime/multicast/rdmc/schedule.js';

/** A block that goes from one member to another. */
export interface Transfer {
  readonly step: number;
  readonly from: number;
  readonly to: number;
  readonly block: number;
}

/** Runs the schedules of all members side by side. Throws where two members do not plan the same, a block is sent that its sender does not have, or comes a second time, or is missing in the end. */
export function transfersOf(schedules: readonly Schedule[], blocks: number): Transfer[] {
  const has = schedules.map((_, member) => new Set(member === 0 ? Array(blocks).keys() : []));
  const all: Transfer[] = [];
  for (let step = 0; step < schedules[0]!.steps; step++) {
    const now = transfersIn(schedules, step);
    for (const { from, to, block } of now) {
      if (!has[from]!.has(block)) throw new Error(`step ${step}: ${from} does not have block ${block} yet`);
      if (has[to]!.has(block)) throw new Error(`step ${step}: ${to} gets block ${block} a second time`);
    }
    for (const { to, block } of now) has[to]!.add(block);
    all.push(...now);
  }
  if (schedules.some((schedule) => schedule.advance())) throw new Error('one has more steps than another');
  const short = has.findIndex((held) => held.size < blocks);
  if (short >= 0) throw new Error(`member ${short} has ${has[short]!.size} of ${blocks} blocks`);
  return all;
}

/** One send and one receive a step is what a schedule can say at most; that both sides say the same is looked at here. */
function transfersIn(schedules: readonly Schedule[], step: number): Transfer[] {
  for (const schedule of schedules)
    if (!schedule.advance()) throw new Error('one has fewer steps than another');
  let receives = 0;
  const now: Transfer[] = [];
  schedules.forEach((schedule, member) => {
    if (schedule.receiveFrom !== none) receives++;
    if (schedule.sendTo === none) return;
    const receiver = schedules[schedule.sendTo]!;
    if (receiver.receiveFrom !== member || receiver.receiveBlock !== schedule.sendBlock)
      throw new Error(
        `step ${step}: ${member} sends block ${schedule.sendBlock} to ${schedule.sendTo}, who expects another`,
      );
    now.push({ step, from: member, to: schedule.sendTo, block: schedule.sendBlock });
  });
  if (receives !== now.length) throw new Error(`step ${step}: somebody waits for a block that nobody sends`);
  return now;
}

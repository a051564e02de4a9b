import type { MemberId } from '../../transport/transport.js';
import { BowechoError } from './errors.js';
import { currentCall, type HandlerCall, type HandlerWait, waitingCalls } from './handler-call.js';
import type { Engine } from './topic-hub.js';

/** How often to look, while something waits in a handler. */
const lookMs = 100;
/** A circle is a deadlock when it was found so often in a row, and nobody in it had moved. */
const timesSeenMin = 4;

/** A step of the waits-for graph: `writer`'s ring of the topic in `slot` has no room until `member`'s handler returns. */
interface Step {
  readonly slot: number;
  readonly writer: MemberId;
  readonly member: MemberId;
  /** Bytes of the ring that `member` is done with: a circle that stands still moves none of these. */
  readonly consumed: number;
}

let timer: NodeJS.Timeout | undefined;

/**
 * `wait` waits for room from now on; gives a function that says that it waits no more. Outside of handlers nothing comes of it.
 *
 * Found are handlers of `consume` that wait for each other: A's handler of X waits for room in Y, whose room waits for B's handler of Y, which
 * waits for room in X. Edges of other members are seen in their rows (`Subgroup.showWait`), so a circle is found where a member
 * on it takes part in all its topics. One member of a circle breaks it: the one with the smallest id.
 */
export function waitInHandler(wait: HandlerWait): () => void {
  const call = currentCall();
  if (call === undefined) return () => undefined;
  call.add(wait);
  timer ??= setInterval(look, lookMs).unref();
  return () => call.forget(wait);
}

function look(): void {
  if (waitingCalls.size === 0) {
    clearInterval(timer);
    timer = undefined;
  }
  for (const call of waitingCalls) showWait(call);
  for (const call of [...waitingCalls]) judge(call);
}

/** The others see that my room waits for a handler which waits for room elsewhere. */
function showWait(call: HandlerCall): void {
  const wait = [...call.waits].find((candidate) => slotFor(call.hub.engine, candidate) !== undefined);
  if (wait === undefined || !call.holds) return;
  call.hub.subgroup?.showWait(slotFor(call.hub.engine, wait)!, wait.hub.engine.self);
}

function judge(call: HandlerCall): void {
  const { engine } = call.hub;
  for (const wait of call.waits) {
    const circle = follow(engine, slotFor(engine, wait), wait.hub.engine.self, call, []);
    if (circle === undefined) continue;
    const found = JSON.stringify(circle);
    call.timesSeen = call.circle === found ? call.timesSeen + 1 : 1;
    call.circle = found;
    const breaker = Math.min(...circle.map(({ member }) => member));
    if (call.timesSeen >= timesSeenMin && breaker === engine.self)
      wait.refuse(wouldDeadlock(call, wait, circle));
    return;
  }
  call.timesSeen = 0;
}

/** The steps that lead from a wait for room in `slot` back to `goal`; undefined where they lead elsewhere. */
function follow(
  engine: Engine,
  slot: number | undefined,
  writer: MemberId,
  goal: HandlerCall,
  path: readonly Step[],
): readonly Step[] | undefined {
  if (slot === undefined || path.some((step) => step.slot === slot && step.writer === writer))
    return undefined;
  const subgroup = engine.membership.subgroup(slot);
  const slowest = subgroup?.slowestReceivers(writer);
  if (subgroup === undefined || slowest === undefined) return undefined;
  for (const member of slowest.members) {
    const steps = [...path, { slot, writer, member, consumed: slowest.consumed }];
    if (member === engine.self) {
      const holders = holdersOf(engine, slot);
      if (holders.includes(goal)) return steps;
      for (const wait of holders.flatMap(({ waits }) => [...waits])) {
        const circle = follow(engine, slotFor(engine, wait), wait.hub.engine.self, goal, steps);
        if (circle !== undefined) return circle;
      }
    } else {
      const shown = subgroup.waitShownBy(member);
      const circle = shown && follow(engine, shown.slot, shown.sender, goal, steps);
      if (circle !== undefined) return circle;
    }
  }
  return undefined;
}

/** Calls of `engine`'s participant that hold the topic in `slot`, and in which something waits. */
function holdersOf(engine: Engine, slot: number): HandlerCall[] {
  return [...waitingCalls].filter(
    (call) => call.hub.engine === engine && call.hub.topic?.slot === slot && call.holds,
  );
}

/** Where `wait` waits, if it is in `engine`'s domain: a process may have participants in several. */
function slotFor(engine: Engine, { hub }: HandlerWait): number | undefined {
  return hub.engine.membership.view.domain === engine.membership.view.domain ? hub.topic?.slot : undefined;
}

function wouldDeadlock(call: HandlerCall, wait: HandlerWait, circle: readonly Step[]): BowechoError {
  const others = circle.length > 1 ? `, by way of the handlers of ${circle.length - 1} other members` : '';
  return new BowechoError(
    'BE_WOULD_DEADLOCK',
    `a handler that consumes ${call.hub.name} waits for room in ${wait.hub.name}, and there will be none before the handler returns${others}. ` +
      `Nothing was written. Do not await such a write in the handler: write from elsewhere, consume with KEEP_LAST or by samples$, or use tryWrite()`,
  );
}

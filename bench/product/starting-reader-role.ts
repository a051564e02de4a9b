import { Bytes, Participant } from '../../runtime/dds/index.js';
import { playRole } from '../harness/role.js';
import { type StreamPlan, pause } from '../harness/stream.js';
import { percentile } from '../harness/statistics.js';
import { Payload, Tally } from './payload.js';
import { bytesSource, writeFast } from './write-fast.js';

interface Args extends StreamPlan {
  readonly domain: string;
  readonly part: 'writer' | 'reader' | 'starter';
  /** Where readers start on A: in the domain, in another one, or nowhere. */
  readonly starting: 'here' | 'elsewhere' | 'nowhere';
}

/** In each a reader starts on A and closes again. */
const windowMs = 100;

/**
 * One member writes B, one reads it, and both have A open; a third one starts reader after reader on A. Where that is in another domain, it takes the
 * cores for its own work all the same, but the others have nothing to do with it.
 */
playRole<Args>(async (args, role) => {
  const isApart = args.part === 'starter' && args.starting === 'elsewhere';
  const participant = await Participant.join({ domain: isApart ? `${args.domain}-apart` : args.domain });
  const onA = { topic: 'A', qos: 'atomic' };
  const onB = { topic: 'B', qos: 'atomic' };
  const totalMs = (args.warmupSeconds + args.seconds) * 1000;
  await participant.writer(Bytes, onA);
  if (args.part === 'starter') {
    await role.barrier('go');
    const end = performance.now() + totalMs;
    while (args.starting !== 'nowhere' && performance.now() < end) {
      const next = performance.now() + windowMs;
      const reader = await participant.reader(Bytes, onA);
      reader.borrow(() => undefined);
      await pause(windowMs / 4);
      await reader.close();
      await pause(Math.max(0, next - performance.now()));
    }
    await role.barrier('over');
    await participant.close();
    return null;
  }
  if (args.part === 'writer') {
    const writer = await participant.writer(Bytes, onB);
    await writer.whenMatched(1);
    const source = bytesSource(writer, new Payload(args.bytes, role.index));
    await role.barrier('go');
    let over = false;
    void role.barrier('over').then(() => (over = true));
    while (!over) await writeFast(source);
    await participant.close();
    return null;
  }
  const reader = await participant.reader(Bytes, onB);
  const tally = new Tally();
  const gaps = new Gaps();
  reader.borrow((sample) => {
    tally.take(sample);
    gaps.delivered();
  });
  await role.barrier('go');
  await pause(args.warmupSeconds * 1000);
  gaps.restart();
  await pause(args.seconds * 1000);
  const longest = gaps.longestOfEachWindow();
  await role.barrier('over');
  await participant.close();
  if (longest.length === 0) throw new Error(`No window of ${windowMs} ms fits into ${args.seconds} s.`);
  return { gap: percentile(longest, 0.5), worst: longest.at(-1)! };
});

/** The longest time between two deliveries, window by window. */
class Gaps {
  #longest: number[] = [];
  #longestNow = 0;
  #last = performance.now();
  #windowEnd = Infinity;

  delivered(): void {
    const now = performance.now();
    if (now - this.#last > this.#longestNow) this.#longestNow = now - this.#last;
    this.#last = now;
    if (now < this.#windowEnd) return;
    this.#longest.push(this.#longestNow);
    this.#longestNow = 0;
    this.#windowEnd += windowMs;
    // A gap longer than a window stands for all that it covers.
    while (this.#windowEnd < now) this.#windowEnd += windowMs;
  }

  restart(): void {
    this.#longest = [];
    this.#longestNow = 0;
    this.#windowEnd = performance.now() + windowMs;
  }

  longestOfEachWindow(): number[] {
    return [...this.#longest].sort((a, b) => a - b);
  }
}

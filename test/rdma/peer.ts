import { fence } from '../../transport/ordering.js';
import { answerCalls } from '../transport/processes/called-process.js';
import { End } from './end.js';
import type { Invitation } from './end.js';

/** The other end of a link, in a process of its own. */
let end: End;
let isOpen = false;
const methods = {
  /** Anew, whatever was before: to start a process takes longer than anything else here. */
  open: (byteLength: number) => {
    if (isOpen) end.close();
    end = new End(byteLength);
    isOpen = true;
    return end.invitation;
  },
  connect: (invitation: Invitation) => {
    end.connect(invitation);
  },
  read: (index: number) => end.memory.f64[index]!,
  sum: () => end.memory.bytes.reduce((sum, byte) => sum + byte, 0),
  put: (index: number, value: number) => {
    end.put(index, value);
    end.link.flush();
  },
  poll: () => end.completions.poll(),
  broken: () => end.link.broken?.reason,
  break: () => {
    end.link.break('on purpose');
  },
  /**
   * Looks without a pause, until the guard, the counter at 0, is `rounds`: no value at 1 to `values` may be less than a guard that was read before.
   * Gives how many guards it saw.
   */
  watchGuard: (rounds: number, values: number) => {
    const { f64 } = end.memory;
    let seen = 0;
    const endMs = performance.now() + 20_000;
    for (let last = 0; last < rounds && performance.now() < endMs;) {
      end.completions.poll();
      fence();
      const guard = f64[0]!;
      for (let i = 1; i <= values; i++) {
        if (f64[i]! < guard) throw new Error(`guard ${guard}, value ${i} is ${f64[i]!}`);
      }
      if (guard !== last) seen++;
      last = guard;
    }
    return seen;
  },
  /** Sleeps until something comes; gives the processor time that it took meanwhile, in microseconds. */
  sleep: async () => {
    end.completions.arm();
    end.completions.poll();
    const before = process.cpuUsage();
    await new Promise<void>((resolve) => {
      end.onEvent = resolve;
      setTimeout(resolve, 10_000);
    });
    const { user, system } = process.cpuUsage(before);
    return { events: end.events, cpuUs: user + system };
  },
  close: () => {
    isOpen = false;
    end.close();
  },
};

export type PeerMethods = typeof methods;

answerCalls(methods);

import { createHook } from 'node:async_hooks';

/** What a seed may not decide by: objects, and the names of what is taken from them. */
const forbidden: readonly [object: object, ...names: string[]][] = [
  [Date, 'now'],
  [globalThis, 'Date'],
  [performance, 'now'],
  [Math, 'random'],
  [crypto, 'getRandomValues', 'randomUUID'],
  [globalThis, 'setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask'],
  [process.hrtime, 'bigint'],
  [process, 'nextTick', 'hrtime'],
];

/** The core asked the world outside for something. */
export class ImpureError extends Error {
  constructor(name: string) {
    super(`${name} was called while a seed ran: a run follows from its seed alone`);
    this.name = 'ImpureError';
  }
}

/**
 * Runs `run` in a world without clocks, randomness, timers and promises: whoever calls one of them gets an `ImpureError`; for a promise,
 * which an `async` function makes without asking anybody, it comes once the run is over.
 *
 * ```ts
 * purely(() => Date.now()); // throws ImpureError
 * ```
 */
export function purely<T>(run: () => T): T {
  let promises = 0;
  const hook = createHook({
    init: (_id, type) => {
      if (type === 'PROMISE') promises++;
    },
  });
  const restore = forbid();
  hook.enable();
  let result: T;
  try {
    result = run();
  } finally {
    hook.disable();
    restore();
  }
  if (promises > 0) throw new ImpureError('a promise');
  return result;
}

/** Takes away what is forbidden, and gives the way to give it back. */
function forbid(): () => void {
  const taken: (() => void)[] = [];
  for (const [object, ...names] of forbidden)
    for (const name of names) {
      const before = Object.getOwnPropertyDescriptor(object, name);
      const original = Reflect.get(object, name) as () => unknown;
      Object.defineProperty(object, name, {
        configurable: true,
        writable: true,
        value: trap(original, name),
      });
      taken.push(() => {
        if (before === undefined) Reflect.deleteProperty(object, name);
        else Object.defineProperty(object, name, before);
      });
    }
  return () => {
    for (const giveBack of taken) giveBack();
  };
}

function trap(original: () => unknown, name: string): () => unknown {
  const asked = () => {
    throw new ImpureError(name);
  };
  return new Proxy(original, { apply: asked, construct: asked });
}

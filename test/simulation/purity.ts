/** What a seed may not decide by: `object` and the names of what is taken from it. */
const forbidden: readonly [object: object, name: string][] = [
  [Date, 'now'],
  [performance, 'now'],
  [Math, 'random'],
  ...['setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask'].map((name): [object, string] => [
    globalThis,
    name,
  ]),
  [process, 'nextTick'],
  [process, 'hrtime'],
];

/** The core asked the world outside for something. */
export class ImpureError extends Error {
  constructor(name: string) {
    super(`${name} was called while a seed ran: a run follows from its seed alone`);
    this.name = 'ImpureError';
  }
}

/**
 * Runs `run` in a world without clocks, randomness and timers: whoever calls one of them gets an `ImpureError`.
 *
 * ```ts
 * purely(() => Date.now()); // throws ImpureError
 * ```
 */
export function purely<T>(run: () => T): T {
  const before = forbidden.map(([object, name]) => Object.getOwnPropertyDescriptor(object, name));
  for (const [object, name] of forbidden) {
    Object.defineProperty(object, name, {
      configurable: true,
      writable: true,
      value: () => {
        throw new ImpureError(name);
      },
    });
  }
  try {
    return run();
  } finally {
    forbidden.forEach(([object, name], i) => {
      const descriptor = before[i];
      if (descriptor === undefined) Reflect.deleteProperty(object, name);
      else Object.defineProperty(object, name, descriptor);
    });
  }
}

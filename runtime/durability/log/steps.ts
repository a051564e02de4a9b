/** How the disk answers: an error, or what was asked for. */
export type Callback<T> = (error: Error | undefined, value: T) => void;

/**
 * Work that waits for a disk now and then, written from top to bottom: a generator that gives what is to be started, and is resumed with
 * the answer. It knows no promises, so that the simulator decides when the disk answers.
 */
export type Steps<T> = Generator<Start, T, unknown>;
type Start = (done: Callback<unknown>) => void;

/** Waits for what `start` calls back with, and gives it, or throws the error. */
export function* answer<T>(start: (done: Callback<T>) => void): Steps<T> {
  return (yield start as Start) as T;
}

/** The same where there is nothing to be given. */
export function* completed(start: (done: Callback<void>) => void): Steps<void> {
  yield start as Start;
}

/** Takes the steps to their end, and calls `done` once. */
export function run<T>(steps: Steps<T>, done: Callback<T>): void {
  let resumed = false;
  let waiting = false;
  const resume = (error: Error | undefined, value: unknown): void => {
    // A disk that answers at once is answered to by the loop below, and not by ever deeper calls.
    let next = advance(steps, error, value);
    for (;;) {
      if (next instanceof Error) return done(next, undefined as T);
      if (next.done === true) return done(undefined, next.value);
      resumed = false;
      waiting = false;
      let answered: { error: Error | undefined; value: unknown } | undefined;
      next.value((failure, result) => {
        if (resumed) return;
        resumed = true;
        if (waiting) resume(failure, result);
        else answered = { error: failure, value: result };
      });
      if (answered === undefined) {
        waiting = true;
        return;
      }
      next = advance(steps, answered.error, answered.value);
    }
  };
  resume(undefined, undefined);
}

function advance<T>(
  steps: Steps<T>,
  error: Error | undefined,
  value: unknown,
): IteratorResult<Start, T> | Error {
  try {
    return error === undefined ? steps.next(value) : steps.throw(error);
  } catch (thrown) {
    return thrown instanceof Error ? thrown : new Error(String(thrown));
  }
}

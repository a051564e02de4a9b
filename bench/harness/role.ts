import type { Json } from './json.js';

/**
 * The child's side of a session: one process that plays one role (a writer, a reader, a member).
 * Roles meet at named barriers, at which each leaves a value and gets everyone's, in role order.
 */
export interface Role {
  /** My place among the roles of the session. */
  readonly index: number;
  /** How many roles the session has. */
  readonly count: number;
  /** Resolves with the value of every role (null for one that was allowed to die) when all have arrived. */
  barrier(name: string, value?: Json): Promise<readonly Json[]>;
}

/** What the session sends to a role. */
export interface Opening {
  readonly barrier: string;
  readonly values: readonly Json[];
}

/** What a role sends to its session. */
export type Report =
  | { readonly barrier: string; readonly value: Json }
  | { readonly result: Json }
  | { readonly failure: string };

/** What a session hands to a role on its command line. */
export interface Casting {
  readonly index: number;
  readonly count: number;
  readonly args: Json;
}

/** Runs the body of a role script, reports its result or failure, and ends the process. */
export function playRole<Args>(play: (args: Args, role: Role) => Promise<Json>): void {
  const casting = JSON.parse(process.argv[2] ?? 'null') as {
    index: number;
    count: number;
    args: Args;
  } | null;
  if (casting === null || process.send === undefined) {
    process.stderr.write('This is a role of the bench, started by: npm run bench\n');
    process.exit(2);
  }
  const waiting = new Map<string, (values: readonly Json[]) => void>();
  process.on('message', (opening: Opening) => {
    waiting.get(opening.barrier)?.(opening.values);
    waiting.delete(opening.barrier);
  });
  // The bench is gone: nobody reads the result, and a role that spins would spin for ever.
  process.on('disconnect', () => process.exit(1));
  const role: Role = {
    index: casting.index,
    count: casting.count,
    barrier: (name, value = null) =>
      new Promise((resolve) => {
        waiting.set(name, resolve);
        send({ barrier: name, value });
      }),
  };
  const fail = (error: unknown): void => {
    const failure = error instanceof Error ? (error.stack ?? error.message) : String(error);
    send({ failure }, () => process.exit(1));
  };
  process.on('uncaughtException', fail);
  process.on('unhandledRejection', fail);
  // Sockets and timers that a role leaves open must not keep it alive: it has said all it had to say.
  play(casting.args, role).then((result) => send({ result }, () => process.exit(0)), fail);
}

function send(report: Report, sent?: () => void): void {
  process.send!(report, undefined, undefined, () => sent?.());
}

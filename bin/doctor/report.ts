import type { Finding } from '../../transport/finding.js';

export type { Finding };

/** What was looked at together: `shared memory`, `certificates`. */
export interface Group {
  readonly name: string;
  /** The address cannot do without it: what fails here makes the command fail. */
  readonly needed: boolean;
  readonly findings: readonly Finding[];
}

/** All that `bowecho doctor` found out; what `--json` prints. */
export interface Report {
  readonly address: string | null;
  /** Nothing fails that the address needs. */
  readonly ok: boolean;
  readonly groups: readonly Group[];
}

export function reportOn(address: string | undefined, groups: readonly Group[]): Report {
  return { address: address ?? null, ok: failures(groups).length === 0, groups };
}

/** What fails that is needed. */
export function failures(groups: readonly Group[]): Finding[] {
  return groups
    .filter(({ needed }) => needed)
    .flatMap(({ findings }) => findings.filter(({ status }) => status === 'fails'));
}

export function ok(check: string, found: string): Finding {
  return { check, status: 'ok', found };
}

export function warning(check: string, found: string, advice: string): Finding {
  return { check, status: 'warning', found, advice };
}

export function fails(check: string, found: string, advice: string): Finding {
  return { check, status: 'fails', found, advice };
}

/** An error as a finding: its message says what to do. */
export function failed(check: string, error: unknown): Finding {
  const { code, message } = error as Error & { code?: string };
  return { check, status: 'fails', found: code === undefined ? message : `${message} (${code})` };
}

/** The report as a table: what was looked at, what was found, and under it what to do. */
export function formatReport({ groups }: Report): string {
  const width = Math.max(...groups.flatMap(({ findings }) => findings.map(({ check }) => check.length)));
  const indent = ' '.repeat(width + 13);
  return groups
    .map(({ name, needed, findings }) => {
      const lines = findings.flatMap(({ check, status, found, advice }) => [
        `  ${check.padEnd(width)}  ${status.padEnd(7)}  ${found}`,
        ...(advice === undefined || status === 'ok' ? [] : [`${indent}→ ${advice}`]),
      ]);
      return [needed ? name : `${name} (not needed here)`, ...lines].join('\n');
    })
    .join('\n\n');
}

import { execFileSync } from 'node:child_process';

/** Runs one of the tools of iproute2 as `line` says, and gives what it prints. Throws with the command and what it said. */
export function command(line: string): string {
  const [tool, ...args] = line.split(' ');
  try {
    return execFileSync(tool!, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (error) {
    const said = (error as { stderr?: string }).stderr?.trim() ?? (error as Error).message;
    throw new Error(`${line}: ${said}`, { cause: error });
  }
}

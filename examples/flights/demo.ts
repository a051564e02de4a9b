import { FlagError, parseFlags, usage } from './flags.js';
import { replayOnce } from './once.js';

// The demo: a domain of separate processes on this host. This process is no member; it forks the members and tells them when.

async function main(): Promise<number> {
  const flags = parseFlags(process.argv.slice(2));
  if (flags.help) {
    console.log(usage);
    return 0;
  }
  if (flags.once) return replayOnce(flags);
  const { showLive } = await import('./live.js');
  return showLive(flags);
}

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof FlagError)) throw error;
  console.error(`${error.message}\n\n${usage}`);
  process.exitCode = 2;
}

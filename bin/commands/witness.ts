import { hostname } from 'node:os';
import type { Command } from 'commander';
import { Participant } from '../../runtime/dds/index.js';
import { CommandFailure } from '../failure.js';
import { printLine } from '../print-line.js';
import { addSecurityFlags, type SecurityFlags, securityOf } from '../security-flags.js';

interface WitnessFlags extends SecurityFlags {
  readonly name?: string;
  readonly storage?: string;
  readonly listen?: string;
  readonly advertise?: string;
}

/** A witness that had to stop joins again after so long. */
const againMs = 1_000;

/** `bowecho witness`: a member that votes, and holds nothing. */
export function addWitness(program: Command): void {
  const command = program
    .command('witness')
    .description(
      'be a member of a domain that votes and holds nothing, so that two hosts survive the loss of one',
    )
    .argument('<address>', 'tcp://alpha:7400,beta:7400/tower, rdma://…')
    .option('--name <name>', 'what it is called; its folder, too (default: witness-<host>)')
    .option('--storage <folder>', "where it keeps the domain's views (default: ~/.local/state/bowecho)")
    .option('--listen <place>', 'where it listens, as host:port')
    .option('--advertise <place>', 'what others are told to connect to');
  addSecurityFlags(command).action((address: string, flags: WitnessFlags) => witness(address, flags));
}

/** Until it is told to end: then it leaves. */
async function witness(address: string, flags: WitnessFlags): Promise<void> {
  const { name = `witness-${hostname()}`, storage, listen, advertise, permissions } = flags;
  const tcp = { ...securityOf(flags), ...(listen && { listen }), ...(advertise && { advertise }) };
  const options = {
    domain: address,
    name,
    tcp,
    witness: true,
    ...(storage && { storage }),
    ...(permissions && { permissions }),
  };
  for (;;) {
    let participant: Participant;
    try {
      participant = await Participant.join({ ...options, timeoutMs: Infinity });
    } catch (error) {
      throw new CommandFailure(textOf(error));
    }
    const stopped = await untilItStops(participant, name);
    await participant.close();
    if (stopped === undefined) return;
    console.error(`bowecho: ${name} joins again: ${textOf(stopped)}`);
    await new Promise((resolve) => setTimeout(resolve, againMs));
  }
}

/** Tells each view; gives what the membership ended with. */
function untilItStops(participant: Participant, name: string): Promise<unknown> {
  return new Promise((resolve) => {
    participant.view$.subscribe({
      next: ({ viewId, members }) =>
        void printLine(`${name} is in view ${viewId}, of ${members.map((member) => member.name).join(', ')}`),
      error: resolve,
      complete: () => resolve(undefined),
    });
  });
}

function textOf(error: unknown): string {
  const { message, code } = error as Error & { code?: string };
  return code === undefined ? message : `${message} (${code})`;
}

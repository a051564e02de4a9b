import type { Command } from 'commander';
import { examine } from '../doctor/examine.js';
import { failures, formatReport } from '../doctor/report.js';
import { CommandFailure } from '../failure.js';
import { printLine } from '../print-line.js';
import { addSecurityFlags, type SecurityFlags, securityOf } from '../security-flags.js';

interface DoctorFlags extends SecurityFlags {
  readonly storage?: string;
  readonly sharePages?: boolean;
  readonly json?: boolean;
}

/** `bowecho doctor`: what this machine can do, and what an address would need. */
export function addDoctor(program: Command): void {
  const command = program
    .command('doctor')
    .description(
      'look at what this machine can do, and whether a domain at an address could be joined from here',
    )
    .argument('[address]', 'tower, tcp://alpha:7400,beta:7400/tower, rdma://…, local:…');
  addSecurityFlags(command)
    .option('--storage <folder>', 'where persistent topics are to be kept')
    .option('--share-pages', 'the member is to share memory with those on its machine (tcp and rdma)')
    .option('--json', 'one JSON object: see the reference')
    .action(async (address: string | undefined, flags: DoctorFlags) => {
      const { storage, permissions, sharePages = false, json } = flags;
      const report = await examine(address, {
        security: securityOf(flags),
        sharePages,
        ...(storage && { storage }),
        ...(permissions && { permissions }),
      });
      await printLine(json ? JSON.stringify(report, undefined, 2) : formatReport(report));
      const failed = failures(report.groups).length;
      const what = `${failed} ${failed === 1 ? 'thing fails' : 'things fail'} that ${address ?? 'every address'} needs`;
      if (!report.ok) throw new CommandFailure(json ? '' : what);
    });
}

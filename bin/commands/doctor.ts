import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import type { TcpSecurity } from '../../transport/tcp/credentials.js';
import { examine } from '../doctor/examine.js';
import { failures, formatReport } from '../doctor/report.js';
import { CommandFailure } from '../failure.js';
import { printLine } from '../print-line.js';

interface DoctorFlags {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly secretFile?: string;
  readonly plain?: boolean;
  readonly storage?: string;
  readonly json?: boolean;
}

/** `bowecho doctor`: what this machine can do, and what an address would need. */
export function addDoctor(program: Command): void {
  program
    .command('doctor')
    .description(
      'look at what this machine can do, and whether a domain at an address could be joined from here',
    )
    .argument('[address]', 'tower, tcp://alpha:7400,beta:7400/tower, rdma://…, local:…')
    .option('--ca <file>', 'PEM of the authority (tcp and rdma)')
    .option('--cert <file>', 'PEM of the certificate of the member')
    .option('--key <file>', 'PEM of its private key')
    .option('--secret-file <file>', 'a file with the secret that all members share')
    .option('--plain', 'connections are not encrypted')
    .option('--storage <folder>', 'where persistent topics are to be kept')
    .option('--json', 'one JSON object: see the reference')
    .action(async (address: string | undefined, flags: DoctorFlags) => {
      const { storage, json } = flags;
      const report = await examine(address, { security: securityOf(flags), ...(storage && { storage }) });
      await printLine(json ? JSON.stringify(report, undefined, 2) : formatReport(report));
      const failed = failures(report.groups).length;
      const what = `${failed} ${failed === 1 ? 'thing fails' : 'things fail'} that ${address ?? 'every address'} needs`;
      if (!report.ok) throw new CommandFailure(json ? '' : what);
    });
}

function securityOf({ ca, cert, key, secretFile, plain }: DoctorFlags): TcpSecurity {
  const given = [ca, cert, key].filter((file) => file !== undefined).length;
  if (given > 0 && given < 3) throw new CommandFailure('--ca, --cert and --key go together: give all three');
  return {
    ...(ca !== undefined && { tls: { caFile: ca, certFile: cert!, keyFile: key! } }),
    ...(secretFile !== undefined && { secret: readSecret(secretFile) }),
    ...(plain === true && { plain }),
  };
}

function readSecret(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    throw new CommandFailure((error as Error).message);
  }
}

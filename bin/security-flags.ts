import type { Command } from 'commander';
import type { TcpSecurity } from '../transport/tcp/security-files.js';
import { CommandFailure } from './failure.js';

/** How members of a domain know each other, as a command is told. */
export interface SecurityFlags {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly secretFile?: string;
  readonly plain?: boolean;
  readonly permissions?: string;
}

export function addSecurityFlags(command: Command): Command {
  return command
    .option('--ca <file>', 'PEM of the authority (tcp and rdma)')
    .option('--cert <file>', 'PEM of the certificate of the member')
    .option('--key <file>', 'PEM of its private key')
    .option('--secret-file <file>', 'a file with the secret that all members share')
    .option('--plain', 'connections are not encrypted')
    .option('--permissions <file>', 'the permissions of the domain');
}

/** @throws CommandFailure */
export function securityOf({ ca, cert, key, secretFile, plain }: SecurityFlags): TcpSecurity {
  const given = [ca, cert, key].filter((file) => file !== undefined).length;
  if (given > 0 && given < 3) throw new CommandFailure('--ca, --cert and --key go together: give all three');
  return {
    ...(ca !== undefined && { tls: { caFile: ca, certFile: cert!, keyFile: key! } }),
    ...(secretFile !== undefined && { secretFile }),
    ...(plain === true && { plain }),
  };
}

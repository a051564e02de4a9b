import type { Command } from 'commander';
import type { PreprocessorFlags } from '../compile-flags.js';
import { addPreprocessorFlags } from '../compile-flags.js';

/** `bowecho lsp`: the language server for editors. */
export function addLsp(program: Command): void {
  const command = program
    .command('lsp')
    .description('serve IDL to an editor: the Language Server Protocol on the standard input and output')
    // Some editors always say so.
    .option('--stdio', 'the only way there is, and taken without being said');
  addPreprocessorFlags(command).action(async ({ include, define }: PreprocessorFlags) => {
    // Only here, so that no other command waits for them.
    const { createConnection, StreamMessageReader, StreamMessageWriter } =
      await import('vscode-languageserver/node');
    const { serve } = await import('../language-server/server.js');
    const connection = createConnection(
      new StreamMessageReader(process.stdin),
      new StreamMessageWriter(process.stdout),
    );
    // An editor that is gone without a word sends no `exit`.
    process.stdin.once('end', () => process.exit(1));
    serve(connection, { includePaths: include, defines: define });
  });
}

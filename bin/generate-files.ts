import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import type { GeneratedFile, GenerateOptions } from '../codegen/index.js';
import { generate, OutputClashError } from '../codegen/index.js';
import type { Model } from '../idl/index.js';
import { dependencyRules } from './dependency-rules.js';
import { CommandFailure } from './failure.js';

/** What is generated, beside where to. */
export interface OutputFlags {
  readonly js?: boolean;
  readonly proto?: boolean;
  readonly xcdr2?: boolean;
  readonly support?: string;
  readonly depfile?: string;
}

export function addOutputFlags(command: Command): Command {
  return command
    .option('--js', 'JavaScript with declarations (.js, .d.ts) instead of TypeScript')
    .option('--proto', 'a .proto of each file too, for other languages')
    .option('--xcdr2', 'codecs for XCDR2 too, the representation of other DDS products')
    .option('--support <specifier>', 'what generated code imports its support library from')
    .option('--depfile <file>', 'write there, for make and ninja, which files the generated ones depend on');
}

/** Generates into a folder. Throws {@link CommandFailure} where that cannot be done. */
export function generateFiles(model: Model, flags: OutputFlags & { readonly out: string }): void {
  const { out, proto, xcdr2, support, depfile } = flags;
  const language = flags.js ? 'javascript' : 'typescript';
  const generated = filesOf(model, { language, proto, xcdr2, support });
  writing(out, () => {
    mkdirSync(out, { recursive: true });
    for (const file of generated) writeIfChanged(out, file);
  });
  if (depfile === undefined) return;
  const targets = generated.map(({ name }) => join(out, name));
  const sources = model.files.map(({ path }) => path);
  writing(depfile, () => writeFileSync(depfile, dependencyRules(targets, sources)));
}

function filesOf(model: Model, options: GenerateOptions): GeneratedFile[] {
  try {
    return generate(model, options);
  } catch (error) {
    if (error instanceof OutputClashError) throw new CommandFailure(error.message);
    throw error;
  }
}

function writing(path: string, write: () => void): void {
  try {
    write();
  } catch (error) {
    if (error instanceof Error && 'syscall' in error) {
      throw new CommandFailure(`cannot write to '${path}': ${error.message}`);
    }
    throw error;
  }
}

/** A file that would not change is left alone, so that nothing after it is built again. */
function writeIfChanged(folder: string, { name, text }: GeneratedFile): void {
  const path = join(folder, name);
  if (contentOf(path) !== text) writeFileSync(path, text);
}

function contentOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

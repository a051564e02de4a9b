import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { type Mutant, mutatedSources } from './mutant.js';

/**
 * A program that runs seeds of the simulator (`seed-worker.ts`) over the core as `mutant` has it; `only` without the safeguards by which it
 * is unmasked, which is the core as it is where there are none.
 * @throws OutOfDateError
 */
export async function bundle(mutant: Mutant, only?: 'unmasked'): Promise<string> {
  const sources = mutatedSources(mutant, only);
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('seed-worker.ts', import.meta.url))],
    bundle: true,
    write: false,
    platform: 'node',
    format: 'cjs',
    // Oracles are known by the names of their functions.
    keepNames: true,
    plugins: [
      {
        name: 'mutant',
        setup: ({ onLoad }) => {
          onLoad({ filter: /\.ts$/ }, ({ path }) => {
            const contents = sources.get(path);
            return contents === undefined ? undefined : { contents, loader: 'ts' };
          });
        },
      },
    ],
  });
  return outputFiles[0]!.text;
}

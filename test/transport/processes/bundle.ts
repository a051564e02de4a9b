import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const bundles = new Map<string, Promise<string>>();

/** A script of this folder in one file, built once: what runs it then starts in a fraction of the time that a TypeScript loader takes. */
export function bundle(name: string): Promise<string> {
  let built = bundles.get(name);
  if (built === undefined) bundles.set(name, (built = buildBundle(name)));
  return built;
}

async function buildBundle(name: string): Promise<string> {
  const outfile = fileURLToPath(
    new URL(`../../../node_modules/.cache/bowecho-test/${name}.mjs`, import.meta.url),
  );
  await build({
    entryPoints: [fileURLToPath(new URL(`${name}.ts`, import.meta.url))],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    sourcemap: 'inline',
  });
  return outfile;
}

import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const scripts = new Map<string, Promise<string>>();

/** The file of a script of this folder (`soak/member`) with all that it imports, made once: its process then starts in a fraction of the time that a TypeScript loader takes. */
export function scriptOf(name: string): Promise<string> {
  let script = scripts.get(name);
  if (script === undefined) scripts.set(name, (script = buildScript(name)));
  return script;
}

async function buildScript(name: string): Promise<string> {
  const outfile = fileURLToPath(
    new URL(`../node_modules/.cache/bowecho-test/${name.replaceAll('/', '-')}.mjs`, import.meta.url),
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

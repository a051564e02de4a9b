import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('../../', import.meta.url));
const scripts = join(root, 'test/rdma/guest');
const bundles = join(root, 'node_modules/.cache/bowecho-test/rdma');

/** Where the guest is kept, outside of the checkout: it is the same for all of them. */
export const guestFolder =
  process.env['RDMA_GUEST_DIR'] ??
  join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'bowecho', 'rdma-guest');

/** What runs in the guest, which emulates a processor: so it is a part of the suites, and has this much time. */
export const secondsMax = 170;

/** Why nothing can run in a guest here; undefined where it can. */
export function whyNoGuest(): string | undefined {
  if (existsSync(join(guestFolder, 'version'))) return undefined;
  return `no guest with an RDMA device in ${guestFolder}: npm run test:rdma makes one (QEMU and a kernel, 90 MB, from Debian's packages; set RDMA_GUEST_DIR to keep it elsewhere)`;
}

/** Makes the guest where there is none, or an old one. Needs Debian's packages. */
export function makeGuest(): void {
  const { status } = spawnSync(join(scripts, 'build.sh'), [guestFolder], { stdio: 'inherit' });
  if (status !== 0) throw new Error(`${scripts}/build.sh failed: it needs Debian or Ubuntu on amd64`);
}

/** Runs the suites of this folder that end in `.guest.ts` in the guest, and gives what came of it. */
export async function runInGuest(grep?: string): Promise<{ code: number; output: string }> {
  await build({
    entryPoints: ['link.guest', 'peer'].map((name) => join(root, `test/rdma/${name}.ts`)),
    outdir: bundles,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    sourcemap: 'inline',
  });
  const mocha = [
    '--no-config',
    '--exit',
    '--timeout',
    '30000',
    ...(grep === undefined ? [] : ['--grep', grep]),
  ];
  const command = [process.execPath, 'node_modules/mocha/bin/mocha.js', ...mocha, `${bundles}/*.guest.mjs`];
  const guest = spawn(join(scripts, 'run.sh'), [guestFolder, String(secondsMax), ...command], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const output: Buffer[] = [];
  guest.stdout.on('data', (chunk: Buffer) => output.push(chunk));
  const [code] = (await once(guest, 'close')) as [number | null];
  return { code: code ?? 125, output: Buffer.concat(output).toString() };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  makeGuest();
  const { code, output } = await runInGuest(process.argv[2]);
  process.stdout.write(output);
  if (code === 124) console.error(`the guest took more than ${secondsMax} s`);
  process.exitCode = code;
}
